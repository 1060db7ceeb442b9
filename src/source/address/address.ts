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
const BYTE_BITS = 8n;
/** The upper 96 bits of `::ffff:0:0/96`. */
const MAPPED_PREFIX = 0xffffn;

/**
 * The address of a connection's peer as a log or a socket tells it: dotted decimal or IPv6, without a zone
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
  return addressOf(
    6,
    ipaddr.IPv6.parse(text)
      .toByteArray()
      .reduce((value, byte) => (value << BYTE_BITS) | BigInt(byte), 0n),
  );
}

export function addressOf(family: Family, value: bigint): Address {
  return { family, value, text: writeAddress(family, value) };
}

function writeAddress(family: Family, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const bytes = Array.from({ length: BITS[6] / 8 }, (_, index) =>
    Number((value >> BigInt(BITS[6] - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
