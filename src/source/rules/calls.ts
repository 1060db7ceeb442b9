import type { Header } from '../../model/plan.ts';
import { addressOf, type Address } from '../address.ts';
import type { Doubt, Door, ProxyInFront, SimulatedRequest } from './server-rules.ts';

/** How one caller comes to the server. */
export interface WayIn {
  address: Address;
  /** Null: the one that is likeliest. */
  door: Door | null;
  /** What the caller writes about itself. */
  claim: Claim;
}

export interface Claim {
  headers: readonly Header[];
  /** An address in front of the request, by the PROXY protocol: the caller has connected past the balancer. */
  proxied: Address | null;
}

export const NO_CLAIM: Claim = { headers: [], proxied: null };

/** 10.255.255.254: of a balancer that nobody has named. */
const SOME_BALANCER = addressOf(4, 0x0a_ff_ff_fen);

export type PeerAndHeaders = Pick<SimulatedRequest, 'peer' | 'proxied' | 'caller' | 'headers' | 'door'>;

/**
 * A proxy in front is the peer. By the PROXY protocol it names the caller before the request; otherwise it tells the
 * caller's address in a header.
 */
export function routeOf({ address, door, claim }: WayIn, behind: ProxyInFront | null): PeerAndHeaders {
  const { headers, proxied } = claim;
  const begun = door === null ? {} : { door: door.name };
  if (proxied !== null) return { ...begun, peer: address, proxied, headers };
  if (takesProxyProtocol(door))
    return { ...begun, peer: behind ?? balancerOf(door), proxied: address, caller: address, headers };
  if (behind === null) return { ...begun, peer: address, headers };
  return {
    ...begun,
    peer: behind,
    caller: address,
    headers: tellCaller(headers, behind.tellsIn ?? 'X-Forwarded-For', address),
  };
}

type ProxiedDoor = Door & { proxyProtocol: NonNullable<Door['proxyProtocol']> };

export const takesProxyProtocol = (door: Door | null): door is ProxiedDoor =>
  door !== null && door.proxyProtocol !== null;

/** The one that the rules believe, if they name one. */
function balancerOf({ proxyProtocol: { trusted } }: ProxiedDoor): Address {
  return trusted.find(({ prefixLength }) => prefixLength > 0)?.first ?? SOME_BALANCER;
}

/** What was assumed of the balancer, and whether the rules name it. Null: there is none, or the user has named it. */
export function assumedBalancer(door: Door | null, behind: ProxyInFront | null): (Doubt & { isNamed: boolean }) | null {
  if (behind !== null || !takesProxyProtocol(door) || door.place === null) return null;
  const address = balancerOf(door);
  return {
    place: door.place,
    text: `the load balancer is assumed to call from ${address.text}; set its address with --behind`,
    isNamed: door.proxyProtocol.trusted.length > 0,
  };
}

/** Headers that each proxy adds to; any other one is written anew, whatever the caller has put there. */
const LISTS: ReadonlyMap<string, (address: Address) => string> = new Map([
  ['x-forwarded-for', ({ text }) => text],
  // https://www.rfc-editor.org/rfc/rfc7239#section-6
  ['forwarded', ({ text, family }) => (family === 6 ? `for="[${text}]"` : `for=${text}`)],
]);

/** The first of several headers of a list is added to, as a proxy does that joins them. */
function tellCaller(headers: readonly Header[], name: string, address: Address): readonly Header[] {
  const key = name.toLowerCase();
  const write = LISTS.get(key);
  const own = headers.filter(([one]) => one.toLowerCase() === key).map(([, value]) => value);
  const others = headers.filter(([one]) => one.toLowerCase() !== key);
  return [...others, [name, write === undefined ? address.text : [...own, write(address)].join(', ')]];
}

/** The doors that a caller can come to; those of this machine alone count where there are no others. */
export function doorsFor(doors: readonly Door[], address: Address, behind: ProxyInFront | null): readonly Door[] {
  const { family, text } = behind ?? address;
  const isHere = text === '::1' || text.startsWith('127.');
  const ofFamily = doors.filter(({ families }) => families.includes(family));
  return isHere || doors.every(({ isLocal }) => isLocal) ? ofFamily : ofFamily.filter(({ isLocal }) => !isLocal);
}

/** Headers that servers and proxies are configured to take a caller's address from. */
const FORWARDING_HEADERS = [
  'X-Forwarded-For',
  'X-Real-IP',
  'X-Client-IP',
  'True-Client-IP',
  'CF-Connecting-IP',
  'X-Cluster-Client-IP',
];

const THIS_MACHINE = addressOf(4, 0x7f_00_00_01n);

/**
 * The headers that an unauthorised caller could send to look like the vendor: each alone, and both orders of a list.
 */
export function claimsOf(vendor: readonly Address[], more: readonly string[]): Claim[] {
  const names = [...new Map([...FORWARDING_HEADERS, ...more].map((name) => [name.toLowerCase(), name])).values()];
  return [...vendor, THIS_MACHINE]
    .map(({ text }) => text)
    .flatMap((address): Header[][] => [
      ...names.map((name): Header[] => [[name, address]]),
      [['X-Forwarded-For', `${address}, 198.51.100.7`] as const],
      [['X-Forwarded-For', `198.51.100.7, ${address}`] as const],
      [['Forwarded', `for=${address}`] as const],
    ])
    .map((headers) => ({ headers, proxied: null }));
}

/** What a caller past the balancer can put before its request. */
export const proxyClaimsOf = (vendor: readonly Address[]): Claim[] =>
  [...vendor, THIS_MACHINE].map((proxied) => ({ headers: [], proxied }));
