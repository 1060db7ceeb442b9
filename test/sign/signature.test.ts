import { expect, test } from 'vitest';
import type { Signature } from '../../src/model/vendor.ts';
import { computeDigest, formatSignature } from '../../src/sign/signature.ts';
import { findVendor } from '../helpers/vendors.ts';

const specOf = (vendorId: string): Signature => findVendor(vendorId).signature.value as Signature;

// Literal, beside fixtures/vectors: a wrong fixture must not make a wrong signature right.
test('the check value of mail2many', () => {
  expect(
    computeDigest(specOf('mail2many'), 'your_webhook_secret', Buffer.from('{"accountId":1,"event":"optin"}')),
  ).toBe('19cc2aabd182c514435cf4ca9729c34ec7adae13105c010876305bdc6673966e');
});

test("MailKite's own vector", () => {
  const body = Buffer.from('{"type":"email.received","id":"evt_123","message":"It works."}');
  const digest = computeDigest(specOf('mailkite'), 'whsec_mailkite_test', body, 1_750_000_000_000);
  expect(digest).toBe('3d790f831e170ddba4d001f27532bf2c1fc68ebed52eef72fe453dfa1196b03c');
  expect(formatSignature(specOf('mailkite'), digest, 1_750_000_000_000)).toBe(`t=1750000000000,v1=${digest}`);
});

test('an empty secret is a usage error, not a signature', () => {
  expect(() => computeDigest(specOf('mail2many'), '', Buffer.from('{}'))).toThrow(
    expect.objectContaining({ kind: 'usage' }),
  );
});
