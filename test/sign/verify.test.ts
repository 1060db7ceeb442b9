import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { headerAt, type Signature } from '../../src/model/signature.ts';
import { computeSignature } from '../../src/sign/scheme/compute.ts';
import { verifyRequest } from '../../src/sign/verify.ts';
import { findVendor, ORIGINALS } from '../helpers/vendors.ts';
import { NOW_MS, signedHeaders, subject } from '../vendors/fixtures.ts';

const SECRET = 'whsec_test';
const BODY = Buffer.from('{"id":"msg_1","subject":"Grüße"}');
const signing = ORIGINALS.flatMap((vendor) =>
  vendor.signature.value ? [{ id: vendor.id, vendor, spec: vendor.signature.value as Signature }] : [],
);
const mailkite = findVendor('mailkite').signature.value as Signature;
const selfhost = findVendor('mailkite-selfhost').signature.value as Signature;
const mail2many = findVendor('mail2many').signature.value as Signature;

const signedAt = (vendorId: string, nowMs: number): readonly Header[] =>
  signedHeaders(findVendor(vendorId), [], BODY, SECRET, nowMs);
const judge = (spec: Signature, value: string, nowMs = NOW_MS) =>
  verifyRequest(spec, SECRET, subject(BODY, [[headerAt(spec.at) ?? '', value]]), nowMs);
const digestAt = (timestamp: string): string => computeSignature(mailkite, SECRET, subject(BODY), timestamp);

test.each(signing)(
  '$id: what was signed is valid, one flipped bit in body, secret or signature is forged',
  ({ vendor, spec }) => {
    const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const anySecret = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(anyBytes, anySecret, fc.nat(511), (body, secret, bit) => {
        const headers = signedHeaders(vendor, [['A', 'b']], body, secret, NOW_MS);
        const verdictOf = (bytes: Uint8Array, key: string, seen = headers) =>
          verifyRequest(spec, key, subject(bytes, seen), NOW_MS).verdict;
        expect(verdictOf(body, secret)).toBe('valid');
        const flipped = body.map((byte, index) =>
          index === (bit >> 3) % body.length ? byte ^ (1 << (bit & 7)) : byte,
        );
        expect(verdictOf(flipped, secret)).toBe('forged');
        expect(verdictOf(body, `${secret} `)).toBe('forged');
        const tampered = headers.map(([name, value]): Header => [
          name,
          value.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        ]);
        expect(verdictOf(body, secret, tampered)).toBe('forged');
      }),
      { numRuns: 100 },
    );
  },
);

const TOLERANCE_MS = 300_000;
test.each([
  ['mailkite', TOLERANCE_MS, 'valid', mailkite],
  ['mailkite', TOLERANCE_MS + 1, 'stale', mailkite],
  ['mailkite', -TOLERANCE_MS, 'valid', mailkite],
  ['mailkite', -TOLERANCE_MS - 1, 'stale', mailkite],
  ['mailkite-selfhost', TOLERANCE_MS, 'valid', selfhost],
  ['mailkite-selfhost', TOLERANCE_MS + 1, 'stale', selfhost],
  ['mail2many', 10 * TOLERANCE_MS, 'valid', mail2many],
])('%s: %i ms later is %s', (id, laterMs, verdict, spec) => {
  expect(verifyRequest(spec, SECRET, subject(BODY, signedAt(id, NOW_MS)), NOW_MS + laterMs)).toMatchObject({ verdict });
});

test('stale says how far off, past or future; the tolerance can be chosen, and 0 switches it off', () => {
  const headers = signedAt('mailkite', NOW_MS);
  const judgeAt = (laterMs: number, toleranceMs: number) =>
    verifyRequest(mailkite, SECRET, subject(BODY, headers), NOW_MS + laterMs, toleranceMs);
  expect(judgeAt(1001, 1000)).toEqual({ verdict: 'stale', byMs: 1001 });
  expect(judgeAt(-1001, 1000)).toEqual({ verdict: 'stale', byMs: -1001 });
  expect(judgeAt(1000, 1000)).toEqual({ verdict: 'valid' });
  expect(judgeAt(10 ** 12, 0)).toEqual({ verdict: 'valid' });
});

test('a forged request is forged, however old', () => {
  expect(judge(mailkite, `t=1,v1=${'0'.repeat(64)}`).verdict).toBe('forged');
});

test('without the header it is missing', () => {
  expect(verifyRequest(mailkite, SECRET, subject(BODY, [['Other', 'x']]), NOW_MS)).toEqual({ verdict: 'missing' });
});

const t = String(NOW_MS);
test.each<[what: string, spec: Signature, value: string, reason: RegExp]>([
  ['empty', mailkite, '', /t= is missing/],
  ['no t', mailkite, `v1=${digestAt(t)}`, /t= is missing/],
  ['no v1', mailkite, `t=${t}`, /v1= is missing/],
  ['two v1', mailkite, `t=${t},v1=${digestAt(t)},v1=${digestAt(t)}`, /2 parts v1=, which is ambiguous/],
  ['two t', mailkite, `t=${t},t=1,v1=${digestAt(t)}`, /2 parts t=, which is ambiguous/],
  ['t that is no number', mailkite, `t=now,v1=${digestAt('now')}`, /not a whole number/],
  ['negative t', mailkite, `t=-1,v1=${digestAt('-1')}`, /not a whole number/],
  ['upper-case hex', mailkite, `t=${t},v1=${digestAt(t).toUpperCase()}`, /lower-case hex/],
  ['a short digest', mailkite, `t=${t},v1=${digestAt(t).slice(1)}`, /lower-case hex/],
  ['a prefix', mail2many, `sha256=${computeSignature(mail2many, SECRET, subject(BODY))}`, /lower-case hex/],
  [
    'the body alone signed',
    mailkite,
    `t=${t},v1=${computeSignature(mail2many, SECRET, subject(BODY))}`,
    /does not match/,
  ],
])('%s: forged, with the reason', (_, spec, value, reason) => {
  expect(judge(spec, value)).toEqual({ verdict: 'forged', reason: expect.stringMatching(reason) });
});

const fields = { fields: ['order', 'amount'], from: 'json', each: '{value}', join: ':' } as const;
test.each<[what: string, message: Signature['message'], body: string, hmacOf: string, verdict: string]>([
  ['named fields, one of them there', [fields], '{"order":"1"}', '1', 'valid'],
  ['named fields, none of them there', [fields], '{"total":"1"}', '', 'forged'],
  ['of which missing ones are empty', [{ ...fields, missing: 'empty' }], '{"total":"1"}', ':', 'forged'],
  ['behind a text', [{ text: 'v0:' }, 'method', fields], '{"total":"1"}', 'v0:POST', 'forged'],
  ['hashed', [{ encode: ['hex'], of: [fields] }], '{"total":"1"}', '', 'forged'],
  ['of a form, in a request of JSON', [{ ...fields, fields: 'sorted', from: 'form' }], '', '', 'forged'],
  ['a query that there is none of', ['query'], '{"total":"1"}', '', 'forged'],
  ['an empty body', ['body'], '', '', 'valid'],
  ['with the URL beside it', [{ text: 'v0:' }, 'target', fields], '{"total":"1"}', 'v0:/hook', 'valid'],
])('what is signed is empty (%s): its signature proves nothing', (_, message, body, hmacOf, verdict) => {
  const digest = createHmac('sha256', SECRET).update(hmacOf).digest('hex');
  const headers: Header[] = [['X-Sig', digest]];
  const request = { method: 'POST', url: new URL('https://a.example/hook'), headers, body: Buffer.from(body) };
  const spec: Signature = { algorithm: 'hmac-sha256', message, at: { header: 'X-Sig' }, format: '{v}' };
  expect(verifyRequest(spec, SECRET, request, NOW_MS).verdict).toBe(verdict);
});

test('two signature headers are ambiguous, even when one is right', () => {
  const headers: Header[] = [...signedAt('mailkite', NOW_MS), ['X-Mailkite-Signature', 'x']];
  expect(verifyRequest(mailkite, SECRET, subject(BODY, headers), NOW_MS)).toEqual({
    verdict: 'forged',
    reason: expect.stringContaining('ambiguous'),
  });
});

test('parts in another order, with spaces and an unknown one beside them, are read', () => {
  expect(judge(mailkite, ` v0=x, v1=${digestAt(t)}, t=${t} `)).toEqual({ verdict: 'valid' });
});
