import ipaddr from 'ipaddr.js';
import type { Address } from './address.ts';

const INSIDE: Record<string, string> = {
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address (unique local)',
  linkLocal: 'a link-local address',
  carrierGradeNat: 'an address of a carrier-grade NAT',
  unspecified: 'no address that can call',
};

/** What to know of an address that nobody has on the internet; null for the others. */
export function noteOnAddress({ text }: Address): string | null {
  const inside = INSIDE[ipaddr.parse(text).range()];
  return inside === undefined ? null : `${inside}: no vendor calls from it over the internet. Behind a proxy or a load balancer the peer is the proxy; the caller is the one that your own proxy names`;
}
