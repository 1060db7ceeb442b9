import { SPECIAL_NETWORKS } from '../list/special-networks.ts';
import type { Address } from './address.ts';
import { hasAddress } from './network.ts';

/**
 * What to know of an address that nobody calls from over the internet; null for the others, and for those of
 * documentation: whoever types one of them knows.
 */
export function noteOnAddress(address: Address): string | null {
  const special = SPECIAL_NETWORKS.find(({ network }) => hasAddress(network, address));
  if (special === undefined || special.kind === 'documentation') return null;
  const { network, purpose, rfc } = special;
  return `in ${network.text}, ${purpose} (${rfc}): no vendor calls from there over the internet. Behind a proxy or a load balancer the peer is the proxy; the caller is the one that your own proxy names`;
}
