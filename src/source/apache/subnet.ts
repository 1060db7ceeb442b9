import { addressOf, readAddress, type Address, networkAround, type Network } from '../address.ts';
import type { Masked } from '../find-by-address.ts';

/** Addresses as Apache compares them. */
export type Subnet = Masked;

const ALL_ONES = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;
const BITS = { 4: 32, 6: 128 } as const;
const MAPPED_PREFIX = 0xffffn;

export const hasCaller = ({ family, value, mask }: Subnet, address: Address): boolean =>
  address.family === family && (address.value & mask) === value;

/** What Apache takes for an address at all; anything else is a host's name to it. */
export const looksLikeAddress = (text: string): boolean => text !== '' && (text.includes(':') || /^[\d.]+$/.test(text));

/**
 * As `apr_ipsubnet_create` reads it: an address, its first octets (`10.1`, `192.0.2.`), an address with a prefix length
 * from 1 or with a mask of IPv4, contiguous or not. Null: Apache does not start with it.
 */
export function readSubnet(text: string): Subnet | null {
  const slash = text.indexOf('/');
  const ip = slash === -1 ? text : text.slice(0, slash);
  if (!looksLikeAddress(ip)) return null;
  const address = readAddress(ip);
  if (address === null) return slash === -1 ? readOctets(ip) : null;
  const { family, value } = address;
  if (family === 6 && value >> 32n === MAPPED_PREFIX) return null;
  const mask = slash === -1 ? ALL_ONES[family] : readMask(text.slice(slash + 1), family);
  return mask === null ? null : { family, value: value & mask, mask };
}

function readMask(text: string, family: 4 | 6): bigint | null {
  const bits = /^\+?\d{1,9}$/.test(text) ? Number(text) : 0;
  if (bits > 0 && bits <= BITS[family])
    return (ALL_ONES[family] >> BigInt(BITS[family] - bits)) << BigInt(BITS[family] - bits);
  const mask = family === 4 ? readAddress(text) : null;
  return mask?.family === 4 ? mask.value : null;
}

/** Leading zeros are decimal here, as in `010.0.0.1`. */
function readOctets(text: string): Subnet | null {
  const octets = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  if (text.length > 15 || octets.length > 4 || octets.some((octet) => !/^\d+$/.test(octet) || Number(octet) > 255))
    return null;
  const free = BigInt(8 * (4 - octets.length));
  const value = octets.reduce((sum, octet) => (sum << 8n) | BigInt(Number(octet)), 0n) << free;
  return { family: 4, value, mask: (ALL_ONES[4] >> free) << free };
}

export const isContiguous = ({ family, mask }: Subnet): boolean =>
  /^1*0*$/.test(mask.toString(2).padStart(BITS[family], '0'));

/** The smallest network around it: larger than itself when its mask has holes. */
export function networkOf({ family, value, mask }: Subnet): Network {
  const ones = /^1*/.exec(mask.toString(2).padStart(BITS[family], '0'))?.[0].length ?? 0;
  return networkAround(addressOf(family, value), ones);
}
