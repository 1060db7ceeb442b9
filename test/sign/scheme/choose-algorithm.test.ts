import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Signature } from '../../../src/model/signature.ts';
import { computeSignature, fitsSignature } from '../../../src/sign/scheme/compute.ts';
import { makePrivateKey } from '../../../src/sign/scheme/keys.ts';

const SPEC: Signature = {
  algorithm: 'rsa-sha1',
  algorithmBy: { json: 'v', values: { '2': 'rsa-sha256' } },
  message: ['body'],
  encoding: ['base64'],
  at: { header: 'X-Sig' },
  format: '{v}',
};
const KEY = makePrivateKey('rsa-sha1');

const subjectOf = (text: string): { method: string; url: null; headers: []; body: Buffer } => ({
  method: 'POST',
  url: null,
  headers: [],
  body: Buffer.from(text),
});

test.each([
  ['{"v":"2"}', 'sha256'],
  ['{"v":2}', 'sha256'],
  ['{"v":"1"}', 'sha1'],
  ['{"v":"3"}', 'sha1'],
  ['{"v":"toString"}', 'sha1'],
  ['{}', 'sha1'],
  ['no JSON', 'sha1'],
])('%s is signed by RSA-%s', (body, hash) => {
  const value = computeSignature(SPEC, KEY, subjectOf(body));
  expect(verify(hash, Buffer.from(body), createPublicKey(KEY), Buffer.from(value, 'base64'))).toBe(true);
  expect(fitsSignature(SPEC, KEY, subjectOf(body), undefined, value)).toBe(true);
  const other = computeSignature({ ...SPEC, algorithmBy: undefined, algorithm: 'rsa-sha512' }, KEY, subjectOf(body));
  expect(fitsSignature(SPEC, KEY, subjectOf(body), undefined, other)).toBe(false);
});

test('a key of another kind is not asked for what it cannot do', () => {
  const key = makePrivateKey('ed25519');
  const spec: Signature = { ...SPEC, algorithm: 'ed25519' };
  const value = computeSignature(spec, key, subjectOf('{"v":"2"}'));
  expect(fitsSignature(spec, key, subjectOf('{"v":"2"}'), undefined, value)).toBe(true);
});
