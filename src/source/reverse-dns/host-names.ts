import { domainToASCII } from 'node:url';
import { BITS, type Address } from '../address.ts';

/**
 * Reads a domain in the form that names are compared with: lower-case ASCII, without a leading `*.` or a trailing dot.
 * Null when it is no domain.
 */
export function readSuffix(text: string): string | null {
  const suffix = domainToASCII(text.replace(/^\*?\./, '').replace(/\.$/, ''));
  // A host of digits alone would be an address.
  return isHostName(suffix) && /[a-z]/.test(suffix) ? suffix : null;
}

/** As in RFC 7208, section 4.6.4: the owner of a PTR record must not decide how much work we have. */
export const MAX_NAMES = 10;

const MAX_NAME_LENGTH = 253;
/**
 * A name that a host can have, including the underscore that some have. It rejects a dot within a label, which node:dns
 * shows as `x\.mail-plus.com`: that name is right below `com`, though it ends with `.mail-plus.com`.
 */
const HOST_NAME = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** The names of an address, and which of them are looked up. */
export interface ChosenNames {
  /** The first ten that a host can have, each once; lower-case, without the trailing dot. */
  names: readonly string[];
  /** Those of `names` that are below the suffix, or the suffix itself. */
  matching: readonly string[];
  /** Names that no host can have, as they came. */
  unusable: readonly string[];
  /** How many were left out after the tenth. */
  leftOut: number;
}

/** @param suffix lower-case, without dots at its ends */
export function chooseNames(records: readonly string[], suffix: string): ChosenNames {
  const all = [...new Set(records.map((record) => record.toLowerCase().replace(/\.$/, '')))].filter(
    (name) => name !== '',
  );
  const usable = all.filter(isHostName);
  const names = usable.slice(0, MAX_NAMES);
  return {
    names,
    matching: names.filter((name) => isBelow(name, suffix)),
    unusable: all.filter((name) => !isHostName(name)),
    leftOut: usable.length - names.length,
  };
}

/** Compares at a dot: `evilmail-plus.com` ends with `mail-plus.com`, but belongs to somebody else. */
export function isBelow(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}

function isHostName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && HOST_NAME.test(name);
}

/** The name whose PTR records are the names of an address: RFC 1035 section 3.5, RFC 3596 section 2.5. */
export function arpaName({ family, value }: Address): string {
  const [unitBits, radix, zone] = family === 4 ? ([8n, 10, 'in-addr.arpa'] as const) : ([4n, 16, 'ip6.arpa'] as const);
  const count = BITS[family] / Number(unitBits);
  const units = Array.from({ length: count }, (_, index) =>
    ((value >> (BigInt(index) * unitBits)) & ((1n << unitBits) - 1n)).toString(radix),
  );
  return [...units, zone].join('.');
}
