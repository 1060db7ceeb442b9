import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RequestPlace } from '../../src/model/signature.ts';
import { requestOfVector } from '../../src/sign/check-vectors.ts';
import { readPlace, writePlace, type PlacedRequest } from '../../src/sign/scheme/place.ts';
import { signaturesOf } from '../../src/vendors/facts.ts';
import { titleOf } from '../helpers/server-process.ts';
import { findVendor } from '../helpers/vendors.ts';
import { askSdk, hasSdks, SDKS, type Sdk, type SdkRequest } from './verifiers.ts';

// Before the SDKs are asked about hookproof they are asked about what is published: a verifier that is called wrongly
// would accept everything, or nothing.

const ACCEPTED = { isAccepted: true };
const REFUSED = { isAccepted: false, reason: expect.any(String) };

interface Published {
  name: string;
  secret: string;
  publicKey?: string;
  timestamp?: string;
  request: PlacedRequest;
  /** Of the signature. */
  place: RequestPlace;
}

function publishedBy(id: string): Published[] {
  const vendor = findVendor(id);
  const [spec] = signaturesOf(vendor);
  if (spec === undefined) return [];
  return (vendor.vectors ?? []).map((vector) => {
    const { name = '', secret = '', publicKey, timestamp } = vector;
    return { name, secret, publicKey, timestamp, request: requestOfVector(vendor, spec, vector), place: spec.at };
  });
}

const rows = SDKS.flatMap((sdk) =>
  sdk.vendors.flatMap((vendor) =>
    publishedBy(vendor).map((published): [title: string, sdk: Sdk, published: Published] => [
      `${sdk.id}, ${vendor}: ${published.name}`,
      sdk,
      published,
    ]),
  ),
);

test.each(SDKS)('$id has a vector', ({ id }) => {
  expect(rows.filter(([, sdk]) => sdk.id === id)).not.toEqual([]);
});

const arrived = ({ url, headers, body }: PlacedRequest): SdkRequest => ({
  url: url?.href ?? 'https://receiver.example/hook',
  method: 'POST',
  headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  body: Buffer.from(body),
});

/** What the same kind of user with another account has. */
function otherKey({ secret, publicKey }: Published): string {
  if (publicKey === undefined) return `${secret.slice(0, -4)}AAAA`;
  if (publicKey.startsWith('-----BEGIN'))
    return createPublicKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
      .export({ type: 'spki', format: 'pem' })
      .toString();
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

describe.skipIf(!hasSdks)(titleOf('the SDKs and what is published', hasSdks), () => {
  test.each(rows)('%s', async (_, sdk, published) => {
    const { secret, publicKey, timestamp, request, place } = published;
    const key = publicKey ?? secret;
    const ask = (changed: PlacedRequest, withKey = key): ReturnType<typeof askSdk> =>
      askSdk(sdk, arrived(changed), withKey, Number(timestamp ?? 0) * 1000);
    const [signature = ''] = readPlace(place, request);
    const another = signature.replace(/[0-9]/, (digit) => `${9 - Number(digit)}`);

    expect(await ask(request)).toEqual(ACCEPTED);
    expect(await ask({ ...request, body: Buffer.concat([request.body, Buffer.from('x')]) }), 'body').toEqual(REFUSED);
    expect(await ask(request, otherKey(published)), 'key').toEqual(REFUSED);
    expect(await ask(writePlace(place, request, another)), 'signature').toEqual(REFUSED);
    expect(await ask(writePlace(place, request, null)), 'none').toEqual(REFUSED);
  });
});
