import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { signatureHeaderOf } from '../../src/vendors/facts.ts';
import { findVendor } from '../helpers/vendors.ts';
import { NOW_MS } from '../vendors/fixtures.ts';
import { diagnose, hmac, JSON_BODY, SECRET } from './signed-body.ts';

// What receivers do was measured: MailKite's six SDKs (Node, Python, PHP, Ruby, Java, Go) split the header at commas and
// keep the last t and the last v1; Node joins lines of a header that it does not know by ", ".
const OLD_MS = NOW_MS - 86_400_000;
const digest = (t: number, key = SECRET): string => hmac(`${t}.${JSON_BODY}`, { key });
const [good, old, bad, worse] = [digest(NOW_MS), digest(OLD_MS), '0'.repeat(64), '1'.repeat(64)];
const signed = `t=${NOW_MS},v1=${good}`;
const forged = `t=${NOW_MS},v1=${bad}`;
const stale = `t=${OLD_MS},v1=${old}`;
const bare = hmac(JSON_BODY);

const LAST = 'the SDKs of MailKite use the last t and the last v1';
const ACCEPTED = `${LAST}, which match, so they accept it`;
const REFUSED = `${LAST}, which do not match, so they refuse it`;
const TOO_OLD = `${LAST}, which match, so they refuse it only for its time`;
const JOINED = 'Node and most servers join them with ", ", and';
const NONE = 'none of them matches these bytes';

test.each<[vendor: string, cause: string, what: string, lines: string[], explanations: string[]]>([
  ['mailkite', 'two-headers', 'good, bad', [signed, forged], ['matches these bytes', '2 times', JOINED, REFUSED]],
  ['mailkite', 'two-headers', 'bad, good', [forged, signed], ['matches these bytes', '2 times', JOINED, ACCEPTED]],
  ['mailkite', 'two-headers', 'good, good', [signed, signed], ['2 times', '(the same one again)', ACCEPTED]],
  ['mailkite', 'two-headers', 'good, old', [signed, stale], ['2 times', TOO_OLD]],
  ['mailkite', 'two-headers', 'old, good', [stale, signed], ['2 times', ACCEPTED]],
  ['mailkite', 'two-headers', 'empty, good', ['', signed], ['matches these bytes', ACCEPTED]],
  ['mailkite', 'two-headers', 'good, empty', [signed, ''], ['matches these bytes', ACCEPTED]],
  ['mailkite', 'two-headers', 'good, nonsense', [signed, 'x'], ['matches these bytes', ACCEPTED]],
  ['mailkite', 'two-headers', 'good, none of it', [signed, 't=,v1='], ['matches these bytes', REFUSED]],
  ['mailkite', 'two-headers', 'bad, bad', [forged, forged], ['2 times', '(the same one again)', NONE]],
  ['mailkite', 'two-headers', 'bad, worse', [forged, `t=1,v1=${worse}`], ['2 times', NONE]],
  ['mailkite', 'two-headers', 'good, bad, bad', [signed, forged, forged], ['3 times', REFUSED]],
  [
    'mailkite',
    'two-headers',
    'one joined',
    [`${signed}, ${forged}`],
    ['holds 2 signatures', 'had been joined', REFUSED],
  ],
  ['mailkite', 'two-headers', 'one joined, good last', [`${forged}, ${signed}`], ['holds 2 signatures', ACCEPTED]],
  ['mailkite', 'two-headers', 'same joined', [`${signed}, ${signed}`], ['(the same one again)', ACCEPTED]],
  ['mailkite', 'two-digests', 'v1 good, bad', [`${signed},v1=${bad}`], ['holds 2 digests', REFUSED]],
  ['mailkite', 'two-digests', 'v1 bad, good', [`${forged},v1=${good}`], ['holds 2 digests', ACCEPTED]],
  ['mailkite', 'two-digests', 'v1 good, good', [`${signed},v1=${good}`], ['(the same one again)', ACCEPTED]],
  ['mailkite', 'two-digests', 'v1 empty, good', [`t=${NOW_MS},v1=,v1=${good}`], ['holds 2 digests', ACCEPTED]],
  ['mailkite', 'two-digests', 'v1 bad, worse', [`${forged},v1=${worse}`], ['holds 2 digests', NONE]],
  ['mailkite', 'two-times', 't signed, other', [`t=${NOW_MS},t=${OLD_MS},v1=${good}`], ['holds 2 times', REFUSED]],
  ['mailkite', 'two-times', 't other, signed', [`t=${OLD_MS},t=${NOW_MS},v1=${good}`], ['holds 2 times', ACCEPTED]],
  ['mailkite', 'two-times', 't now, signed old', [`t=${NOW_MS},t=${OLD_MS},v1=${old}`], ['holds 2 times', TOO_OLD]],
  ['mailkite', 'two-times', 't signed old, now', [`t=${OLD_MS},t=${NOW_MS},v1=${old}`], ['holds 2 times', REFUSED]],
  ['mailkite', 'two-times', 't at the end', [`${signed},t=${NOW_MS}`], ['holds 2 times', ACCEPTED]],
  ['mailkite', 'two-times', 'bad', [`${forged},t=${OLD_MS}`], ['holds 2 times', NONE]],
  [
    'mail2many',
    'two-headers',
    'good, bad',
    [bare, bad],
    ['matches these bytes', `${JOINED} that is not a digest, so nothing`],
  ],
  [
    'mail2many',
    'two-headers',
    'bad, good',
    [bad, bare],
    ['matches these bytes', `${JOINED} that is not a digest, so nothing`],
  ],
  ['mail2many', 'two-headers', 'good, good', [bare, bare], ['(the same one again)', 'so nothing verifies']],
  ['mail2many', 'two-headers', 'joined', [`${bare}, ${bad}`], ['holds 2 signatures', 'so nothing verifies']],
  ['mail2many', 'two-headers', 'bad, worse', [bad, worse], ['2 times', NONE]],
])('%s, %s: %s', (vendor, cause, _, lines, explanations) => {
  const name = signatureHeaderOf(findVendor(vendor)) ?? '';
  const found = diagnose(
    lines.map((line): Header => [name, line]),
    JSON_BODY,
    { vendor, secrets: ['another', SECRET] },
  );
  expect(found).toMatchObject({ verdict: 'forged', cause, fix: expect.any(String) });
  for (const words of explanations) expect(found.explanation).toContain(words);
  expect(found.explanation).not.toContain('ambiguous');
  expect(found.explanation.includes(NONE)).toBe(explanations.includes(NONE));
});

test('of a vendor whose verifiers nobody measured, what they do is left open', () => {
  const seconds = Math.floor(NOW_MS / 1000);
  const right = `t=${seconds},v1=${digest(seconds)}`;
  const headers: Header[] = [
    ['x-mailkite-signature', right],
    ['x-mailkite-signature', `t=${seconds},v1=${bad}`],
  ];
  const { cause, explanation } = diagnose(headers, JSON_BODY, { vendor: 'mailkite-selfhost' });
  expect(cause).toBe('two-headers');
  expect(explanation).toContain('receivers differ in which t and which v1 counts');
});

test('what else is wrong is said first', () => {
  const other = digest(NOW_MS, SECRET.slice(6));
  const found = diagnose([['x-mailkite-signature', `t=${NOW_MS},v1=${other},v1=${bad}`]]);
  expect(found.cause).toBe('secret-without-prefix');
  expect(found.explanation).toContain('holds 2 digests');
});
