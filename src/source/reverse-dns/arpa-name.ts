import { BITS, type Address } from '../address/address.ts';

/** The name whose PTR records are the names of an address: RFC 1035 section 3.5, RFC 3596 section 2.5. */
export function arpaName({ family, value }: Address): string {
  const [unitBits, radix, zone] = family === 4 ? ([8n, 10, 'in-addr.arpa'] as const) : ([4n, 16, 'ip6.arpa'] as const);
  const count = BITS[family] / Number(unitBits);
  const units = Array.from({ length: count }, (_, index) =>
    ((value >> (BigInt(index) * unitBits)) & ((1n << unitBits) - 1n)).toString(radix),
  );
  return [...units, zone].join('.');
}
