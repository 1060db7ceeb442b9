import type { Vendor } from '../../src/model/vendor.ts';
import { isPublicKey } from '../../src/sign/scheme/sign-bytes.ts';
import { makePrivateKey } from '../../src/sign/scheme/keys.ts';
import { findEntry } from '../../src/vendors/registry.ts';
import { BUILT_IN } from '../../src/vendors/vendor-index.ts';

/** Every built-in vendor: tests go through all of them. */
export const VENDORS: readonly Vendor[] = await Promise.all(BUILT_IN.map(({ load }) => load()));

const originalIds = new Set(BUILT_IN.filter(({ isOriginal }) => isOriginal).map(({ id }) => id));

/** Those that hookproof began with: what follows from their data is written down a second time, fact by fact. */
export const ORIGINALS: readonly Vendor[] = VENDORS.filter(({ id }) => originalIds.has(id));

/**
 * What takes seconds for each vendor, such as every bug against every case, is tried with these alone. A vendor comes in
 * when it brings a kind of signature that none of them has; of the others nothing could fail that does not fail here.
 */
export const SUITE_VENDORS: readonly Vendor[] = ORIGINALS;

export const findVendor = (id: string): Vendor => VENDORS[BUILT_IN.indexOf(findEntry(BUILT_IN, id))] as Vendor;

const privateKeys = new Map<string, string>();

/**
 * A secret of the form that the vendor's have; of one that signs with a key pair, a private key, the same one each time:
 * to make one of RSA takes as long as many tests.
 */
export function secretFor({ signature: { value: spec } }: Vendor): string {
  if (spec !== null && isPublicKey(spec.algorithm)) {
    const key = privateKeys.get(spec.algorithm) ?? makePrivateKey(spec.algorithm);
    privateKeys.set(spec.algorithm, key);
    return key;
  }
  const { encoding = 'utf8', prefix = '' } = spec?.key ?? {};
  return `${prefix}${Buffer.from('secret-of-the-tests!').toString(encoding)}`;
}
