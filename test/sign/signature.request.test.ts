import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { jwtOf, type Signature, type SignatureTime } from '../../src/model/signature.ts';
import type { Vendor, VendorEvent } from '../../src/model/vendor.ts';
import { requestOfVector } from '../../src/sign/check-vectors.ts';
import { readPlace, writePlace } from '../../src/sign/scheme/place.ts';
import { readTimestamp } from '../../src/sign/scheme/signature-text.ts';
import { makeSecret } from '../../src/sign/scheme/compute.ts';
import { signRequest } from '../../src/sign/signature.ts';
import { verifyRequest } from '../../src/sign/verify.ts';
import { idHeaderOf, isSigned, signatureHeaderOf, signaturesOf } from '../../src/vendors/facts.ts';
import { findVendor, ORIGINALS, secretFor, VENDORS } from '../helpers/vendors.ts';
import { clockAt, NOW_MS, planAt, signedHeaders } from '../vendors/fixtures.ts';

const signing = VENDORS.filter(isSigned);
const unsigned = VENDORS.filter((vendor) => vendor.signature.value === null);
/** A token holds an id that its maker drew: nobody makes the same again. That it is verified, all vectors are asked. */
const isMadeAgain = ({ signature }: Vendor): boolean => signature.value !== null && jwtOf(signature.value) === null;
const vectors = signing
  .filter(isMadeAgain)
  .flatMap((vendor) =>
    (vendor.vectors ?? []).flatMap((vector) => (vector.secret === undefined ? [] : [{ vendor, vector }])),
  );

test.each(vectors)('$vendor.id signs as in the vector: $vector.name', ({ vendor, vector }) => {
  const [spec] = signaturesOf(vendor) as [Signature];
  const { url, event: _event, method: _method, ...request } = requestOfVector(vendor, spec, vector);
  const plan = {
    vendor,
    event: vendor.events[0] as VendorEvent,
    hasOwnSignature: false,
    method: 'POST',
    ...request,
  } as const;
  const nowMs =
    vector.timestamp === undefined ? 0 : (readTimestamp(spec.timestamp as SignatureTime, vector.timestamp) ?? 0);
  const old = writePlace(spec.at, { ...plan, url: url ?? new URL('https://example.com/hook') }, null);
  const signed = signRequest(old, vector.secret ?? '', clockAt(nowMs));
  expect(readPlace(spec.at, signed)).toEqual(readPlace(spec.at, { ...request, url }));
});

test.each(ORIGINALS.filter(isSigned))('$id signs the bytes of the plan, at the end of its headers', (vendor) => {
  const plan = planAt(vendor, { event: vendor.events[0]?.name ?? '' });
  const request = signRequest(plan, secretFor(vendor), clockAt(NOW_MS));
  expect(request).toMatchObject({ url: plan.url, method: 'POST', signedAt: NOW_MS });
  expect(request.body).toBe(plan.body);
  expect(request.headers.slice(0, -1)).toEqual(plan.headers);
  expect(request.headers.at(-1)?.[0]).toBe(signatureHeaderOf(vendor));
});

test.each(
  signing.filter(({ signature }) => signature.value?.several !== undefined && isMadeAgain({ signature } as Vendor)),
)('$id signs with each of several secrets, and each verifies', (vendor) => {
  const spec = vendor.signature.value as Signature;
  const plan = planAt(vendor, { event: vendor.events[0]?.name ?? '' });
  const [one, other] = [makeSecret(spec), makeSecret(spec)];
  const request = { ...signRequest(plan, one, clockAt(NOW_MS), [other]), idHeader: idHeaderOf(vendor) };
  const verdicts = [one, other, makeSecret(spec)].map((secret) => verifyRequest(spec, secret, request, NOW_MS).verdict);
  expect(verdicts).toEqual(['valid', 'valid', 'forged']);
});

test('where a vendor sends one signature, it is of the first secret', () => {
  const plan = planAt(findVendor('mail2many'), { event: 'optin' });
  expect(signRequest(plan, 'one', clockAt(NOW_MS), ['other'])).toEqual(signRequest(plan, 'one', clockAt(NOW_MS)));
});

test.each(unsigned)('$id does not sign: headers stay, no secret is needed', (vendor) => {
  const plan = planAt(vendor, { event: vendor.events[0]?.name ?? '' });
  expect(signRequest(plan, null, clockAt(NOW_MS)).headers).toEqual(plan.headers);
});

test.each([
  [null, /no secret/, '--secret-env'],
  ['', /empty/, '--secret-file'],
])('a secret of %j is a usage error that names the flags', (secret, message, flag) => {
  const act = () => signRequest(planAt(findVendor('mailkite'), { event: 'email.sent' }), secret, clockAt(NOW_MS));
  expect(act).toThrow(message);
  expect(act).toThrow(expect.objectContaining({ kind: 'usage', hint: expect.stringContaining(flag) }));
});

test('every attempt is signed anew', () => {
  const plan = planAt(findVendor('mailkite'), { event: 'email.sent' });
  const [first, second] = [NOW_MS, NOW_MS + 5000].map((nowMs) => signRequest(plan, 'secret', clockAt(nowMs)));
  expect(first?.body).toBe(second?.body);
  expect(first?.headers.at(-1)?.[1]).toMatch(/^t=1764237151000,/);
  expect(second?.headers.at(-1)?.[1]).toMatch(/^t=1764237156000,/);
});

test('a stored signature is replaced, in whatever letter case', () => {
  const headers: Header[] = [
    ['x-mail2many-signature', 'old'],
    ['A', 'b'],
  ];
  const made = signedHeaders(
    findVendor('mail2many'),
    headers,
    Buffer.from('{"accountId":1,"event":"optin"}'),
    'your_webhook_secret',
    0,
  );
  expect(made).toEqual([
    ['A', 'b'],
    ['X-Mail2Many-Signature', '19cc2aabd182c514435cf4ca9729c34ec7adae13105c010876305bdc6673966e'],
  ]);
});

test('a signature that the user wrote himself is sent as it is', () => {
  const plan = planAt(findVendor('mailkite'), { event: 'email.sent', headers: ['X-MailKite-Signature: t=1,v1=0'] });
  expect(signRequest(plan, null, clockAt(NOW_MS)).headers.at(-1)).toEqual(['X-MailKite-Signature', 't=1,v1=0']);
});
