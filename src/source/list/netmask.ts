import { BITS, type Address } from '../address/address.ts';

/** The prefix length that this mask of IPv4 means (`255.255.255.0`: 24); null when its ones are not all in front. */
export function prefixLengthOfMask({ family, value }: Address): number | null {
  const bits = value.toString(2).padStart(BITS[family], '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
