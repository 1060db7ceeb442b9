import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeSigning } from '../../../src/flows/session/make-signing.ts';
import type { Header } from '../../../src/model/plan.ts';
import { findVendor } from '../../helpers/vendors.ts';

const PUBLIC = 'https://hooks.example.com/in?a=1';
const value = createHmac('sha1', 'token').update(`${PUBLIC}n1`).digest('base64');
const headers: Header[] = [
  ['Host', '127.0.0.1:3000'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['X-Twilio-Signature', value],
];
const request = { method: 'POST', path: '/in?a=1', headers, body: Buffer.from('n=1'), isSecure: false };

test.each([
  ['https://hooks.example.com', true],
  [PUBLIC, true],
  ['https://other.example.com', false],
  [undefined, false],
])('behind a proxy the public URL %s is what was signed: %s', (publicUrl, isRight) => {
  const twilio = findVendor('twilio');
  const spec = twilio.signature.value;
  if (spec === null) throw new Error('it signs');
  const signing = makeSigning(twilio, spec, 'token', publicUrl);
  expect(signing.fits(request, value)).toBe(isRight);
  expect(signing.compute(request) === value).toBe(isRight);
  expect(signing.verify(request, 0)).toBe(isRight ? 'valid' : 'forged');
});
