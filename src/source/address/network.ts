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
  const hostBits = BigInt(BITS[family] - prefixLength);
  const firstValue = (address.value >> hostBits) << hostBits;
  const first = addressOf(family, firstValue);
  const last = addressOf(family, firstValue | ((1n << hostBits) - 1n));
  return { family, first, last, prefixLength, text: `${first.text}/${prefixLength}` };
}

export function hasAddress({ family, first, last }: Network, address: Address): boolean {
  return address.family === family && address.value >= first.value && address.value <= last.value;
}
