import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeResponder } from '../../../src/flows/receive/responder.ts';
import { makeSigning } from '../../../src/flows/session/make-signing.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { isPublicKey } from '../../../src/sign/scheme/sign-bytes.ts';
import { expectedOf, openListen, type OpenListen } from '../../helpers/open-listen.ts';
import { sendSample } from '../../helpers/send-sample.ts';
import { secretFor, VENDORS } from '../../helpers/vendors.ts';

/** Nothing tells the two apart: the vendor names the event nowhere that is looked at, and the fields are the same. */
const TAKEN_FOR = new Map([
  ['mailkit topics_change', 'unsubscribe'],
  ['zeptomail softbounce', 'hardbounce'],
  ['amazon-ses Bounce', 'Delivery'],
]);

/** What a receiver holds: the public key where the vendor has the private one. */
function receiverSecret({ signature }: Vendor, secret: string): string {
  const spec = signature.value;
  if (spec === null || !isPublicKey(spec.algorithm)) return secret;
  return createPublicKey(secret).export({ type: 'spki', format: 'pem' }).toString();
}

/** Listens for the vendor, in this process, until the test ends. */
const openListening = (vendor: Vendor, secret: string): Promise<OpenListen> =>
  openListen(expectedOf(vendor, receiverSecret(vendor, secret), VENDORS), {
    responder: makeResponder(undefined, (one) =>
      one.signature.value === null ? null : makeSigning(one, one.signature.value, secret),
    ),
  });

test.each(VENDORS)('what is sent as $id is received as $id, event by event', async (vendor) => {
  const secret = secretFor(vendor);
  const { url, received } = await openListening(vendor, secret);
  for (const { name } of vendor.events) {
    const attempt = await sendSample(url, vendor.id, name, { secret });
    expect(attempt.outcome).toBe('delivered');
  }
  const isSigned = vendor.signature.value !== null;
  expect(received.map(({ judged: { event, verdict, drift } }) => ({ event, verdict, drift }))).toEqual(
    vendor.events.map(({ name }) => ({
      event: TAKEN_FOR.get(`${vendor.id} ${name}`) ?? name,
      verdict: isSigned ? 'valid' : 'unsigned',
      drift: [],
    })),
  );
});

const timed = VENDORS.filter(({ signature }) => signature.value?.timestamp?.toleranceMs !== undefined);
test.each(timed)('what was signed as $id long ago is stale', async (vendor) => {
  const secret = secretFor(vendor);
  const { url, received } = await openListening(vendor, secret);
  await sendSample(url, vendor.id, vendor.events[0]?.name ?? '', { secret, nowMs: Date.now() - 3_600_000 });
  expect(received.map(({ judged: { verdict } }) => verdict)).toEqual(['stale']);
});
