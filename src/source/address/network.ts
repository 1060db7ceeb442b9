import { addressOf, BITS, type Address, type Family } from './address.ts';

/** All addresses that begin with the same bits. A single address is a network of its own. */
export interface Network {
  family: Family;
  /** The first address; no bit is set behind the prefix. */
  first: Address;
  last: Address;
  prefixLength: number;
  /** Canonical CIDR: `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.1/32`. */
  text: string;
}

/** The network of this prefix length around an address, which may have host bits set. */
export function networkAround(address: Address, prefixLength: number): Network {
  const { family } = address;
  // Most entries of a list are single addresses.
  if (prefixLength === BITS[family])
    return { family, first: address, last: address, prefixLength, text: `${address.text}/${prefixLength}` };
  const hostBits = BigInt(BITS[family] - prefixLength);
  const firstValue = (address.value >> hostBits) << hostBits;
  const first = addressOf(family, firstValue);
  const last = addressOf(family, firstValue | ((1n << hostBits) - 1n));
  return { family, first, last, prefixLength, text: `${first.text}/${prefixLength}` };
}

export function hasAddress({ family, first, last }: Network, address: Address): boolean {
  return address.family === family && address.value >= first.value && address.value <= last.value;
}

export function isWithin(inner: Network, outer: Network): boolean {
  return (
    inner.family === outer.family && inner.first.value >= outer.first.value && inner.last.value <= outer.last.value
  );
}

/** Compares by address, IPv4 first. Of those that begin at one address the widest comes first. */
export function byAddress(one: Network, other: Network): number {
  if (one.family !== other.family) return one.family - other.family;
  if (one.first.value !== other.first.value) return one.first.value < other.first.value ? -1 : 1;
  return one.prefixLength - other.prefixLength;
}

/** Wider than any network that one owner has: 10.0.0.0/8 is private, and nobody was given more than that. */
export const isAnyones = ({ family, prefixLength }: Network): boolean => prefixLength < (family === 4 ? 8 : 16);

/** IPv4 within IPv6: inside `::ffff:0:0/96`. */
const MAPPED_VALUE = 0xffffn << 32n;

export function isMapped(given: Address | Network): boolean {
  const { family, value } = 'first' in given ? given.first : given;
  return family === 6 && value >> 32n === MAPPED_VALUE >> 32n && (!('first' in given) || given.prefixLength >= 96);
}

/** The network of IPv4 that `::ffff:192.0.2.0/120` means; any other one as it is. */
export function unmapped(network: Network): Network {
  return isMapped(network)
    ? networkAround(addressOf(4, network.first.value - MAPPED_VALUE), network.prefixLength - 96)
    : network;
}

/** The prefix length that an IPv4 netmask means (`255.255.255.0`: 24); null when its ones are not all in front. */
export function prefixLengthOfMask({ family, value }: Address): number | null {
  const bits = value.toString(2).padStart(BITS[family], '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
