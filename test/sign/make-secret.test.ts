import { expect, test } from 'vitest';
import { makeSecret } from '../../src/sign/make-secret.ts';
import { findUnusable } from '../../src/sign/scheme/compute.ts';
import { secretPrefixOf } from '../../src/vendors/facts.ts';
import { VENDORS } from '../helpers/vendors.ts';

test('a secret that is made is one of the vendor, and another each time', () => {
  const made = VENDORS.flatMap((vendor) => {
    const spec = vendor.signature.value;
    if (spec === null) return [];
    const [secret, other] = [makeSecret(spec), makeSecret(spec)];
    const isWhole = secret.startsWith(secretPrefixOf(vendor) ?? '') && secret !== other;
    return [[vendor.id, isWhole, findUnusable(spec, secret)]];
  });
  expect(made.length).toBeGreaterThan(15);
  expect(made.filter(([, isWhole, why]) => !isWhole || why !== null)).toEqual([]);
});
