import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** An IP address as one value, however it was spelled. */
export interface Address {
  family: Family;
  /** Of its 32 or 128 bits. */
  value: bigint;
  /** Canonical: dotted decimal, or as RFC 5952 writes IPv6. */
  text: string;
}

export const BITS: Record<Family, number> = { 4: 32, 6: 128 };

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const IPV6 = /^[0-9a-f:]{2,39}$/i;
const MAPPED = /^::ffff:([\d.]{7,15})$/i;
/** Of an IPv6 address. */
const HEX_DIGITS = 32;
/** The upper 96 bits of `::ffff:0:0/96`. */
const MAPPED_PREFIX = 0xffffn;

/**
 * The address of a connection's peer as a log or a socket writes it: dotted decimal or IPv6, without a zone
 * (`fe80::1%eth0`), IPv4 within IPv6 (`::ffff:192.0.2.1`) as the IPv4 address that it is. Null for anything else,
 * and for every text that two programs read differently (`010.0.0.1`, `10.1`).
 */
export function readPeer(text: string): Address | null {
  const address = readAddress(text.replace(/%[^%]*$/, ''));
  if (address?.family !== 6 || address.value >> 32n !== MAPPED_PREFIX) return address;
  return addressOf(4, address.value & 0xffff_ffffn);
}

/** The address that this text is, and nothing else: no zone, no leading zeros, no parts left out. */
export function readAddress(text: string): Address | null {
  const mapped = MAPPED.exec(text)?.[1];
  if (mapped !== undefined) {
    const within = readAddress(mapped);
    return within === null ? null : addressOf(6, (MAPPED_PREFIX << 32n) | within.value);
  }
  const octets = IPV4.exec(text)?.slice(1).map(Number);
  if (octets !== undefined)
    return octets.some((octet) => octet > 255)
      ? null
      : addressOf(4, BigInt(octets.reduce((value, octet) => value * 256 + octet, 0)));
  if (!IPV6.test(text) || !ipaddr.IPv6.isValid(text)) return null;
  return addressOf(6, readGroups(text));
}

/** The value of a valid IPv6 text. Digits are put together and read once: a list has many thousands of them. */
function readGroups(text: string): bigint {
  const [head = '', tail = ''] = text.split('::');
  const [front, back] = [joinGroups(head), joinGroups(tail)];
  return BigInt(`0x${front}${'0'.repeat(HEX_DIGITS - front.length - back.length)}${back}`);
}

function joinGroups(part: string): string {
  let digits = '';
  if (part !== '') for (const group of part.split(':')) digits += group.padStart(4, '0');
  return digits;
}

export function addressOf(family: Family, value: bigint): Address {
  return { family, value, text: writeAddress(family, value) };
}

function writeAddress(family: Family, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const digits = value.toString(16).padStart(HEX_DIGITS, '0');
  let groups = '';
  for (let at = 0; at < HEX_DIGITS; at += 4) groups += `:${Number.parseInt(digits.slice(at, at + 4), 16).toString(16)}`;
  return shortenZeros(groups);
}

/** RFC 5952: the longest run of two zeros or more becomes `::`, of equal ones the first. */
function shortenZeros(groups: string): string {
  let longest = '';
  for (const [run] of groups.matchAll(/(?::0){2,}(?![\da-f])/g)) if (run.length > longest.length) longest = run;
  if (longest === '') return groups.slice(1);
  const at = groups.indexOf(longest);
  return `${groups.slice(1, Math.max(1, at))}::${groups.slice(at + longest.length + 1)}`;
}

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

/** How many addresses it has. */
export const sizeOf = ({ first, last }: Network): bigint => last.value - first.value + 1n;

/** Compares by address, IPv4 first. Of those that begin at one address the widest comes first. */
export function byAddress(one: Network, other: Network): number {
  if (one.family !== other.family) return one.family - other.family;
  if (one.first.value !== other.first.value) return one.first.value < other.first.value ? -1 : 1;
  return one.prefixLength - other.prefixLength;
}

/** Wider than any network that one owner has: 10.0.0.0/8 is private, and nobody was given more than that. */
export const isAnyones = ({ family, prefixLength }: Network): boolean => prefixLength < (family === 4 ? 8 : 16);

/** IPv4 within IPv6: inside `::ffff:0:0/96`. */
export function isMapped(given: Address | Network): boolean {
  const { family, value } = 'first' in given ? given.first : given;
  return family === 6 && value >> 32n === MAPPED_PREFIX && (!('first' in given) || given.prefixLength >= 96);
}

/** The network of IPv4 that `::ffff:192.0.2.0/120` means; any other one as it is. */
export function unmapped(network: Network): Network {
  return isMapped(network)
    ? networkAround(addressOf(4, network.first.value - (MAPPED_PREFIX << 32n)), network.prefixLength - 96)
    : network;
}

/** The prefix length that an IPv4 netmask means (`255.255.255.0`: 24); null when its ones are not all in front. */
export function prefixLengthOfMask({ family, value }: Address): number | null {
  const bits = value.toString(2).padStart(BITS[family], '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
