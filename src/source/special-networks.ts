import { readAddress, type Address, hasAddress, isWithin, networkAround, type Network } from './address.ts';

/** A `private` network can be right behind a proxy or a VPN. No vendor's call comes from the other kinds. */
export type SpecialKind = 'documentation' | 'private' | 'unroutable';

export interface SpecialNetwork {
  network: Network;
  kind: SpecialKind;
  /** What it is for: `documentation`, `loopback`. */
  purpose: string;
  /** `RFC 5737` */
  rfc: string;
}

// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, without what is a part of
// the public Internet (AS112, AMT, 64:ff9b::/96); multicast and the reserved blocks from the registries of address
// space.
const ROWS: readonly (readonly [cidr: string, kind: SpecialKind, purpose: string, rfc: string])[] = [
  ['192.0.2.0/24', 'documentation', 'documentation (TEST-NET-1)', 'RFC 5737'],
  ['198.51.100.0/24', 'documentation', 'documentation (TEST-NET-2)', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', 'documentation (TEST-NET-3)', 'RFC 5737'],
  ['2001:db8::/32', 'documentation', 'documentation', 'RFC 3849'],
  ['3fff::/20', 'documentation', 'documentation', 'RFC 9637'],
  ['10.0.0.0/8', 'private', 'private use', 'RFC 1918'],
  ['172.16.0.0/12', 'private', 'private use', 'RFC 1918'],
  ['192.168.0.0/16', 'private', 'private use', 'RFC 1918'],
  ['100.64.0.0/10', 'private', "shared by a provider's customers (CGNAT)", 'RFC 6598'],
  ['fc00::/7', 'private', 'unique local addresses', 'RFC 4193'],
  ['0.0.0.0/8', 'unroutable', '"this network"', 'RFC 791'],
  ['127.0.0.0/8', 'unroutable', 'loopback', 'RFC 1122'],
  ['169.254.0.0/16', 'unroutable', 'link-local', 'RFC 3927'],
  ['192.0.0.0/24', 'unroutable', 'protocol assignments', 'RFC 6890'],
  ['192.88.99.0/24', 'unroutable', '6to4 relays (deprecated)', 'RFC 7526'],
  ['198.18.0.0/15', 'unroutable', 'benchmarks', 'RFC 2544'],
  ['224.0.0.0/4', 'unroutable', 'multicast', 'RFC 1112'],
  ['255.255.255.255/32', 'unroutable', 'limited broadcast', 'RFC 919'],
  ['240.0.0.0/4', 'unroutable', 'reserved', 'RFC 1112'],
  ['::1/128', 'unroutable', 'loopback', 'RFC 4291'],
  ['::/128', 'unroutable', 'the unspecified address', 'RFC 4291'],
  ['::/96', 'unroutable', 'IPv4 within IPv6 (deprecated)', 'RFC 4291'],
  ['64:ff9b:1::/48', 'unroutable', 'local translation between IPv4 and IPv6', 'RFC 8215'],
  ['100::/64', 'unroutable', 'packets to be discarded', 'RFC 6666'],
  ['2001::/32', 'unroutable', 'Teredo tunnels', 'RFC 4380'],
  ['2001:2::/48', 'unroutable', 'benchmarks', 'RFC 5180'],
  ['2001:10::/28', 'unroutable', 'ORCHID (deprecated)', 'RFC 4843'],
  ['2001:20::/28', 'unroutable', 'ORCHIDv2 identifiers', 'RFC 7343'],
  ['2002::/16', 'unroutable', '6to4 tunnels', 'RFC 3056'],
  ['5f00::/16', 'unroutable', 'segment routing identifiers', 'RFC 9602'],
  ['fe80::/10', 'unroutable', 'link-local', 'RFC 4291'],
  ['fec0::/10', 'unroutable', 'site-local (deprecated)', 'RFC 3879'],
  ['ff00::/8', 'unroutable', 'multicast', 'RFC 4291'],
];

/** In the order of the search: the narrower of two that nest comes first. */
export const SPECIAL_NETWORKS: readonly SpecialNetwork[] = ROWS.map(([cidr, kind, purpose, rfc]) => ({
  network: networkOf(cidr),
  kind,
  purpose,
  rfc,
}));

/** Finds the special block that a whole network lies in; null when some of it is ordinary. */
export function findSpecial(network: Network): SpecialNetwork | null {
  return SPECIAL_NETWORKS.find((special) => isWithin(network, special.network)) ?? null;
}

function networkOf(cidr: string): Network {
  const [text = '', prefixLength] = cidr.split('/');
  const address = readAddress(text);
  if (address === null) throw new Error(`${cidr} is not a network`);
  return networkAround(address, Number(prefixLength));
}

/** Whether it is reached from within a site or a machine alone. */
export function isPrivate(network: Network): boolean {
  const special = findSpecial(network);
  return special?.kind === 'private' || special?.purpose === 'loopback';
}

/** Whether who calls from there is on the same site, machine or link: some balancers have link-local addresses. */
export const isOnSite = (network: Network): boolean =>
  isPrivate(network) || findSpecial(network)?.purpose === 'link-local';

/**
 * A note on an address that nobody calls from over the internet. Null for the others, and for addresses of
 * documentation: whoever types one of them knows.
 */
export function noteOnAddress(address: Address): string | null {
  const special = SPECIAL_NETWORKS.find(({ network }) => hasAddress(network, address));
  if (special === undefined || special.kind === 'documentation') return null;
  const { network, purpose, rfc } = special;
  return [
    `in ${network.text}, ${purpose} (${rfc}): no vendor calls from there over the internet.`,
    "Behind a proxy or a load balancer, the peer is the proxy: use the caller's address that your own proxy reports",
  ].join(' ');
}
