import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { titleOf } from '../helpers/server-process.ts';
import { readVectors, type Vector } from '../vendors/fixtures.ts';
import { askSdk, hasSdks, SDKS, type Sdk, type SdkRequest } from './verifiers.ts';

// Before the SDKs are asked about hookproof they are asked about what is published: a verifier that is called wrongly
// would accept everything, or nothing.

const ACCEPTED = { isAccepted: true };
const REFUSED = { isAccepted: false, reason: expect.any(String) };

interface Row {
  sdk: Sdk;
  vector: Vector;
}

const rows = SDKS.flatMap((sdk) =>
  sdk.vendors.flatMap((vendor) =>
    readVectors(vendor).vectors.map((vector): [title: string, row: Row] => [
      `${sdk.id}, ${vendor}: ${vector.name}`,
      { sdk, vector },
    ]),
  ),
);

test.each(SDKS)('$id has a vector', ({ id }) => {
  expect(rows.filter(([, { sdk }]) => sdk.id === id)).not.toEqual([]);
});

function requestOf({ url = 'https://receiver.example/hook', headers = {}, header, value, body }: Vector): SdkRequest {
  const named = Object.entries({ ...headers, [header]: value }).map(([name, text]) => [name.toLowerCase(), text]);
  return { url, method: 'POST', headers: Object.fromEntries(named), body: Buffer.from(body) };
}

/** What the same kind of user with another account has. */
function otherKey({ secret, publicKey }: Vector): string {
  if (publicKey === undefined) return `${secret.slice(0, -4)}AAAA`;
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

describe.skipIf(!hasSdks)(titleOf('the SDKs and what is published', hasSdks), () => {
  test.each(rows)('%s', async (_, { sdk, vector }) => {
    const request = requestOf(vector);
    const key = vector.publicKey ?? vector.secret;
    const nowMs = Number(vector.timestamp ?? 0) * 1000;
    const signatureName = vector.header.toLowerCase();
    const without = { ...request.headers, [signatureName]: undefined };
    const changed = {
      ...request.headers,
      [signatureName]: vector.value.replace(/[0-9]/, (digit) => `${9 - Number(digit)}`),
    };
    const longer = Buffer.from(`${vector.body}x`);

    expect(await askSdk(sdk, request, key, nowMs)).toEqual(ACCEPTED);
    expect(await askSdk(sdk, { ...request, body: longer }, key, nowMs), 'another body').toEqual(REFUSED);
    expect(await askSdk(sdk, request, otherKey(vector), nowMs), 'another key').toEqual(REFUSED);
    expect(await askSdk(sdk, { ...request, headers: changed }, key, nowMs), 'another signature').toEqual(REFUSED);
    expect(await askSdk(sdk, { ...request, headers: without }, key, nowMs), 'no signature').toEqual(REFUSED);
  });
});
