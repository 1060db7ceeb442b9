import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import { NOW_MS } from '../vendors/fixtures.ts';
import { diagnose, header, hmac, JSON_BODY, mailkite, over, SECRET, T } from './signed-body.ts';

const value = JSON.parse(JSON_BODY) as Record<string, unknown>;
const ascii = JSON_BODY.replace('ü', '\\u00fc').replace('ß', '\\u00df');
const t2 = `${T.slice(0, -3)}.${JSON_BODY}`;

test.each<[cause: string, what: string, headers: Header[], body: string | Uint8Array, explanation: RegExp]>([
  ['upper-case', 'upper-case hex', header(hmac(`${T}.${JSON_BODY}`).toUpperCase()), JSON_BODY, /case-insensitively/],
  ['base64-for-hex', 'base64', header(hmac(`${T}.${JSON_BODY}`, { encoding: 'base64' })), JSON_BODY, /read as base64/],
  [
    'malformed-signature',
    'another format',
    [['x-mailkite-signature', `sha256=${hmac(`${T}.${JSON_BODY}`)};t=${T}`]],
    JSON_BODY,
    /not in the vendor's form/,
  ],
  [
    'other-algorithm',
    'SHA-1',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha1' })),
    JSON_BODY,
    /SHA-1 instead of SHA-256/,
  ],
  [
    'other-algorithm',
    'SHA-512',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha512' })),
    JSON_BODY,
    /SHA-512 instead/,
  ],
  [
    'other-algorithm',
    'SHA-512 in base64',
    header(hmac(`${T}.${JSON_BODY}`, { algorithm: 'sha512', encoding: 'base64' })),
    JSON_BODY,
    /SHA-512 instead.*base64/,
  ],
  [
    'hash-for-hmac',
    'a hash of secret and message',
    header(createHash('sha256').update(`${SECRET}${T}.${JSON_BODY}`).digest('hex')),
    JSON_BODY,
    /plain hash over secret/,
  ],
  [
    'base64-decoded-secret',
    'the secret decoded',
    header(hmac(`${T}.${JSON_BODY}`, { key: Buffer.from(SECRET.slice(6), 'base64') })),
    JSON_BODY,
    /decoded from base64/,
  ],
  [
    'secret-without-prefix',
    'the secret without whsec_',
    header(hmac(`${T}.${JSON_BODY}`, { key: SECRET.slice(6) })),
    JSON_BODY,
    /without whsec_/,
  ],
  [
    'secret-with-newline',
    'the secret with a newline',
    header(hmac(`${T}.${JSON_BODY}`, { key: `${SECRET}\n` })),
    JSON_BODY,
    /with a trailing line break/,
  ],
  ['other-message', 'only the body', header(hmac(JSON_BODY)), JSON_BODY, /only the body/],
  ['other-message', 'no dot', header(hmac(`${T}${JSON_BODY}`)), JSON_BODY, /without a dot/],
  ['seconds-for-milliseconds', 'time in seconds signed', header(hmac(t2)), JSON_BODY, /truncated to seconds/],
  ['reserialised-body', 'body spaced', over(JSON_BODY), JSON.stringify(value, null, 2), /same JSON written compact$/],
  [
    'reserialised-body',
    'signed spaced',
    over(JSON_BODY.replaceAll(/([,:])(?=["[{])/g, '$1 ')),
    JSON_BODY,
    /spaces after/,
  ],
  ['reserialised-body', 'body as PHP writes it', over(JSON_BODY), ascii.replaceAll('/', '\\/'), /written compact$/],
  [
    'reserialised-body',
    'signed as PHP writes it',
    over(ascii.replaceAll('/', '\\/')),
    JSON_BODY,
    /non-ASCII as \\u escapes, \/ as/,
  ],
  [
    'reserialised-body',
    'signed as Go writes it',
    over(JSON_BODY.replace('<b>', '\\u003cb\\u003e')),
    JSON_BODY,
    /< > & as/,
  ],
  [
    'reserialised-body',
    'signed with sorted keys',
    over(
      '{"id":"msg_1","subject":"Grüße / <b>","text":"a\\r\\nb",' +
        '"to":[{"address":"a@example.org"}],"type":"email.received"}',
    ),
    JSON_BODY,
    /keys sorted/,
  ],
  [
    'reserialised-body',
    "body sorted, signed in the vendor's order",
    over('{"id":"msg_1","type":"x","subject":"s"}'),
    '{ "subject": "s", "id": "msg_1", "type": "x" }',
    /vendor's order/,
  ],
  ['trailing-newline', 'a newline added', over(JSON_BODY), `${JSON_BODY}\n`, /without its trailing line break/],
  ['trailing-newline', 'a newline lost', over(`${JSON_BODY}\n`), JSON_BODY, /with a trailing line break/],
  ['line-endings', 'CRLF for LF', over('a\nb'), 'a\r\nb', /LF line endings instead/],
  ['line-endings', 'LF for CRLF', over('a\r\nb'), 'a\nb', /CRLF line endings instead/],
  [
    'line-endings',
    'line breaks that were not signed',
    over('{"a":1,"b":2}'),
    '{"a":1,\n"b":2}',
    /without its line breaks/,
  ],
  ['byte-order-mark', 'a mark added', over(JSON_BODY), `\ufeff${JSON_BODY}`, /without a byte order mark/],
  ['other-charset', 'Latin-1', over(JSON_BODY), Buffer.from(JSON_BODY, 'latin1'), /Latin-1 and written as UTF-8/],
  [
    'other-charset',
    'encoded twice',
    over(JSON_BODY),
    Buffer.from(Buffer.from(JSON_BODY).toString('latin1'), 'utf8'),
    /UTF-8 and written as Latin-1/,
  ],
  ['empty-body', 'an empty body signed', over(''), JSON_BODY, /an empty body/],
  [
    'truncated-body',
    'the body cut short',
    [...over(JSON_BODY), ['Content-Length', String(Buffer.byteLength(JSON_BODY))]],
    JSON_BODY.slice(0, 20),
    /has 20 bytes, but Content-Length says 1/,
  ],
  [
    'altered-body',
    'the body longer than announced',
    [...over(JSON_BODY), ['Content-Length', '5']],
    `${JSON_BODY}xx`,
    /changed in transit/,
  ],
  ['empty-signature', 'an empty header', [['x-mailkite-signature', ' ']], JSON_BODY, /is empty/],
  [
    'malformed-signature',
    'a header that is no signature',
    [['x-mailkite-signature', 'hello']],
    JSON_BODY,
    /t= is missing/,
  ],
  ['other-secret', 'a digest of nothing known', header('0'.repeat(64)), JSON_BODY, /a different one, or the bytes/],
])('%s: %s', (cause, _, headers, body, explanation) => {
  const found = diagnose(headers, body);
  expect(found).toMatchObject({
    verdict: 'forged',
    cause,
    byMs: null,
    explanation: expect.stringMatching(explanation),
    fix: expect.any(String),
  });
  expect(JSON.stringify(found)).not.toContain(SECRET.slice(6, 20));
});

test.each<[cause: string, secret: string]>([
  ['trimmed-secret', `${SECRET} \n`],
  ['quoted-secret', `"${SECRET}"`],
  ['secret-without-prefix', SECRET.slice(6)],
])('%s: reported when the given secret is the odd one', (cause, secret) => {
  const found = diagnose(over(JSON_BODY), JSON_BODY, { secrets: [secret] });
  expect(found).toMatchObject({ verdict: 'forged', cause });
  expect(JSON.stringify(found)).not.toContain(SECRET.slice(6, 20));
});

test('two mistakes at once are both reported', () => {
  const spaced = JSON.stringify(value, null, 2);
  const found = diagnose(header(hmac(`${T}.${JSON_BODY}`, { key: SECRET.slice(6) }).toUpperCase()), spaced);
  expect(found.cause).toBe('secret-without-prefix');
  expect(found.explanation).toMatch(/without whsec_, and the same JSON written compact, and if its hex digits/);
});

test('a chunked body that breaks off is reported as such', () => {
  const request = {
    method: 'POST',
    headers: over(JSON_BODY),
    body: Buffer.from(JSON_BODY.slice(0, 9)),
    isCutOff: true,
  };
  expect(diagnoseRequest(mailkite, [SECRET], request, NOW_MS)).toMatchObject({
    verdict: 'forged',
    cause: 'truncated-body',
  });
});

test.each<[what: string, headers: Header[], body: string | Uint8Array]>([
  ['deep nesting', header('0'.repeat(64)), '['.repeat(200_000) + ']'.repeat(200_000)],
  ['a header of megabytes', [['x-mailkite-signature', `t=${T},v1=${'0'.repeat(64)},`.repeat(50_000)]], JSON_BODY],
  [
    'thousands of headers',
    Array.from({ length: 20_000 }, (): Header => ['x-mailkite-signature', '0'.repeat(64)]),
    JSON_BODY,
  ],
  ['a body of 30 MiB', header('0'.repeat(64)), Buffer.alloc(30 * 1024 * 1024, 'a')],
  [
    'a JSON of 3 MiB',
    header('0'.repeat(64)),
    JSON.stringify(Array.from({ length: 200_000 }, (_, index) => ({ index }))),
  ],
  ['line breaks before the last letter', header('0'.repeat(64)), `${'\n'.repeat(500_000)}x`],
  ['strange keys', header('0'.repeat(64)), '{"__proto__":{"a":1},"constructor":2,"10":3,"2":4}'],
])('hostile: %s', (_, headers, body) => {
  expect(diagnose(headers, body).verdict).toBe('forged');
});
