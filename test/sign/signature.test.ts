import { expect, test } from 'vitest';
import type { Signature } from '../../src/model/signature.ts';
import { computeSignature } from '../../src/sign/scheme/compute.ts';
import { formatSignature } from '../../src/sign/scheme/signature-text.ts';
import { subject } from '../vendors/fixtures.ts';
import { findVendor } from '../helpers/vendors.ts';

const specOf = (vendorId: string): Signature => findVendor(vendorId).signature.value as Signature;

// Literal, beside fixtures/vectors: a wrong fixture must not make a wrong signature right.
test('the check value of mail2many', () => {
  expect(computeSignature(specOf('mail2many'), 'your_webhook_secret', subject('{"accountId":1,"event":"optin"}'))).toBe(
    '19cc2aabd182c514435cf4ca9729c34ec7adae13105c010876305bdc6673966e',
  );
});

test("MailKite's own vector", () => {
  const body = subject('{"type":"email.received","id":"evt_123","message":"It works."}');
  const digest = computeSignature(specOf('mailkite'), 'whsec_mailkite_test', body, '1750000000000');
  expect(digest).toBe('3d790f831e170ddba4d001f27532bf2c1fc68ebed52eef72fe453dfa1196b03c');
  expect(formatSignature(specOf('mailkite'), digest, '1750000000000')).toBe(`t=1750000000000,v1=${digest}`);
});

test('an empty secret is a usage error, not a signature', () => {
  expect(() => computeSignature(specOf('mail2many'), '', subject('{}'))).toThrow(
    expect.objectContaining({ kind: 'usage' }),
  );
});
