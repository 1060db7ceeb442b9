import type { Header } from '../../model/plan.ts';
import { addressOf, type Address, BITS, type Network, networkAround } from '../address.ts';
import { isOnSite, isPrivate } from '../special-networks.ts';
import {
  assumedBalancer,
  type Claim,
  type WayIn,
  claimsOf,
  doorsFor,
  NO_CLAIM,
  proxyClaimsOf,
  routeOf,
  takesProxyProtocol,
} from './calls.ts';
import { chooseOthers, chooseUnauthorisedAddresses } from './choose-callers.ts';
import { makeSampleNetwork } from './sample-network.ts';
import type { Decision, Door, ProxyInFront, ServerRules } from './server-rules.ts';

/** What the rules are asked about. */
export interface RuleQuestion {
  path: string;
  host: string | null;
  port: number | null;
  /** The networks that must be admitted. */
  expected: readonly ExpectedNetwork[];
  /** Hosts below these domains must be admitted by reverse DNS. */
  suffixes: readonly string[];
  /** The proxy or load balancer that all calls come through; null when they come directly. */
  behind: ProxyInFront | null;
}

export interface ExpectedNetwork {
  network: Network;
  /** Who owns it and how that is known: "Mailkit, inferred", "allow.txt:3". */
  source: string;
}

/** One call that was simulated. */
export interface Simulation {
  caller: 'vendor' | 'stranger' | 'spoof' | 'other';
  address: string;
  headers: readonly Header[];
  /** Every other header is left open: the caller counts as refused only when refused whatever they say. */
  saysAnything: boolean;
  /** The socket that it came in by; null: the likeliest one. */
  door: string | null;
  /** Whom it named by the PROXY protocol, past any balancer; null: nobody. */
  proxied: string | null;
  decision: Decision;
}

/** The simulated calls, by who makes them. */
export interface Simulations {
  /** From each expected network. */
  vendor: readonly { expected: ExpectedNetwork; simulations: readonly Simulation[] }[];
  unauthorised: readonly Simulation[];
  /** From hosts with a name below a domain of the vendor's and an address on no list. */
  named: readonly { suffix: string; simulation: Simulation }[];
  /** Unauthorised callers who claim to be the vendor, or to call from this machine. */
  spoofs: readonly Simulation[];
  /** From every other network that a rule names. */
  others: readonly OtherNetwork[];
}

export interface OtherNetwork {
  network: Network;
  /** An expression over addresses as text comes to it, which hardly means more than the list. */
  isTooWide: boolean;
  /** Who calls from there gets in, or may get in, by what they say, and no stranger does: see the simulation. */
  isByClaim: boolean;
  simulation: Simulation;
}

/** The most headers of a configuration that are claimed one by one. A call with every header open covers the rest. */
const MAX_HEADERS = 20;

type AskAt = (way: WayIn & Pick<Simulation, 'caller'> & { saysAnything?: boolean }) => Simulation;

/** Simulates every caller that matters against the rules, at every door. */
export function askRules(rules: ServerRules, question: RuleQuestion): Simulations {
  const { path, host, port, behind, expected, suffixes } = question;
  const named = rules.networksFor(path, host, port, behind);
  const networks = expected.map(({ network }) => network);
  const hosts = suffixes.map((suffix, index) => ({ suffix, address: hostAddress(index) }));
  const doors = rules.doors?.(path, host, port) ?? [];
  const unauthorised = chooseUnauthorisedAddresses(named, networks);
  const hostNames = new Map<string, string | null>([
    ...unauthorised.map(({ text }) => [text, null] as const),
    ...hosts.map(({ suffix, address }) => [address.text, `host.${suffix}`] as const),
  ]);
  const ask: AskAt = (way) => simulate(rules, question, hostNames, way);
  const byName = doors.filter((door) => door.isByName);
  const askAsVendor = (address: Address): Simulation[] =>
    orLikeliest(doorsFor(byName, address, behind)).map((door) =>
      ask({ caller: 'vendor', address, door, claim: NO_CLAIM }),
    );
  const sample = makeSampleNetwork(named);
  const entrances = entrancesOf(unauthorised, doors, behind);
  const claimed = [...networks.slice(0, 1).map(({ first }) => first), ...hosts.slice(0, 1).map((one) => one.address)];
  const claims = listClaims(rules, question, claimed);
  const spoofs = askAsSpoofs(claims, entrances, ask);
  return {
    vendor: expected.map((one) => ({
      expected: one,
      simulations: sample(one.network).flatMap(askAsVendor),
    })),
    named: hosts.flatMap(({ suffix, address }) => askAsVendor(address).map((simulation) => ({ suffix, simulation }))),
    unauthorised: entrances.map((entrance) => ask({ caller: 'stranger', claim: NO_CLAIM, ...entrance })),
    spoofs,
    others: askAsOthers(rules, question, named, doors, makeAskAsInsider(claims, spoofs, behind, ask)),
  };
}

/** What a caller could write about itself. */
interface Claims {
  inHeaders: readonly Claim[];
  /** Those in headers that the rules are known to look at. */
  inReadHeaders: readonly Claim[];
  /** Past the balancer, by the PROXY protocol. */
  byProtocol: readonly Claim[];
}

function listClaims(
  rules: ServerRules,
  { path, host, port, behind }: RuleQuestion,
  claimed: readonly Address[],
): Claims {
  const read = (rules.forwardingHeaders?.(path, host, port) ?? []).slice(0, MAX_HEADERS);
  const inHeaders = claimsOf(claimed, [...read, ...[behind?.tellsIn ?? []].flat()]);
  const names = new Set(read.map((name) => name.toLowerCase()));
  return {
    inHeaders,
    inReadHeaders: inHeaders.filter(({ headers }) => headers.some(([name]) => names.has(name.toLowerCase()))),
    // Behind a balancer nobody connects past it.
    byProtocol: behind === null ? proxyClaimsOf(claimed) : [],
  };
}

const orByProtocol = (claims: readonly Claim[], { byProtocol }: Claims, door: Door | null): readonly Claim[] =>
  takesProxyProtocol(door) ? [...claims, ...byProtocol] : claims;

function askAsSpoofs(claims: Claims, entrances: readonly Entrance[], ask: AskAt): Simulation[] {
  return entrances.flatMap((entrance) => [
    ...orByProtocol(claims.inHeaders, claims, entrance.door).map((claim) =>
      ask({ caller: 'spoof', claim, ...entrance }),
    ),
    ask({ caller: 'spoof', claim: NO_CLAIM, saysAnything: true, ...entrance }),
  ]);
}

type AskAsInsider = (network: Network, entrance: Entrance) => Pick<OtherNetwork, 'simulation' | 'isByClaim'>;

/**
 * Asks as somebody within a network that a rule names. Whoever is within a network that is believed gets in by a claim:
 * the first that does is taken, unless strangers get in by claims as well.
 */
function makeAskAsInsider(
  claims: Claims,
  spoofs: readonly Simulation[],
  behind: ProxyInFront | null,
  ask: AskAt,
): AskAsInsider {
  const isForEverybody = spoofs.some(({ decision }) => decision.outcome === 'admitted');
  const isForNobody = spoofs.every(({ decision }) => decision.outcome === 'refused');
  const isMeant = ({ family, prefixLength, first }: Network): boolean =>
    prefixLength === BITS[family] && first.text === behind?.text;
  return (network, entrance) => {
    const plain = ask({ caller: 'other', claim: NO_CLAIM, ...entrance });
    if (isForEverybody || plain.decision.outcome === 'admitted' || isOnSite(network) || isMeant(network))
      return { simulation: plain, isByClaim: false };
    for (const claim of orByProtocol(claims.inReadHeaders, claims, entrance.door)) {
      const simulation = ask({ caller: 'other', claim, ...entrance });
      if (simulation.decision.outcome === 'admitted') return { simulation, isByClaim: true };
    }
    if (!isForNobody) return { simulation: plain, isByClaim: false };
    const open = ask({ caller: 'other', claim: NO_CLAIM, saysAnything: true, ...entrance });
    return open.decision.outcome === 'refused'
      ? { simulation: plain, isByClaim: false }
      : { simulation: open, isByClaim: true };
  };
}

function askAsOthers(
  rules: ServerRules,
  { path, host, port, behind, expected }: RuleQuestion,
  named: readonly Network[],
  doors: readonly Door[],
  askAsInsider: AskAsInsider,
): OtherNetwork[] {
  const networks = expected.map(({ network }) => network);
  const isMeantBeside = makeIsMeantBeside(networks);
  const written = new Set(rules.writtenNetworks?.(path, host, port, behind).map(({ text }) => text) ?? []);
  return chooseOthers(named, networks).flatMap(({ network, address }) =>
    orLikeliest(doorsFor(doors, address, behind)).map((door) => ({
      network,
      isTooWide: written.has(network.text) && !isMeantBeside(network),
      ...askAsInsider(network, { address, door }),
    })),
  );
}

/** A private network, or one whole address far from the vendor's, may have been added on purpose. */
function makeIsMeantBeside(expected: readonly Network[]): (network: Network) => boolean {
  const near = new Set(
    expected.flatMap(({ family, prefixLength, first }) =>
      prefixLength < BITS[family] / 2 ? [] : [networkAround(first, BITS[family] / 2).text],
    ),
  );
  return (network) => {
    const { family, prefixLength, first } = network;
    return (
      isPrivate(network) || (prefixLength === BITS[family] && !near.has(networkAround(first, BITS[family] / 2).text))
    );
  };
}

const orLikeliest = (doors: readonly Door[]): readonly (Door | null)[] => (doors.length === 0 ? [null] : doors);

type Entrance = Pick<WayIn, 'address' | 'door'>;

/** Every door that each can come to. Who can come to none counts only where nobody can. */
function entrancesOf(addresses: readonly Address[], doors: readonly Door[], behind: ProxyInFront | null): Entrance[] {
  const entrances = addresses.flatMap((address) => doorsFor(doors, address, behind).map((door) => ({ address, door })));
  return entrances.length > 0 ? entrances : addresses.map((address) => ({ address, door: null }));
}

/** An address of nobody (RFC 5737) to give a host name to: 192.0.2.200 and following. */
const hostAddress = (index: number): Address => addressOf(4, 0xc0_00_02_c8n + BigInt(index % 50));

function simulate(
  rules: ServerRules,
  { path, host, port, behind }: RuleQuestion,
  hostNames: ReadonlyMap<string, string | null>,
  { caller, saysAnything = false, ...call }: Parameters<AskAt>[0],
): Simulation {
  const route = routeOf(call, behind);
  return {
    caller,
    address: call.address.text,
    headers: route.headers,
    saysAnything,
    door: call.door?.name ?? null,
    proxied: call.claim.proxied?.text ?? null,
    decision: withBalancer(
      rules.decide({ path, host, port, ...route, saysAnything, hostNames }),
      assumedBalancer(call.door, behind),
      caller === 'vendor',
    ),
  };
}

/** That the rules refuse some balancer says nothing of the vendor: nobody has said which one it is. */
function withBalancer(decision: Decision, assumed: ReturnType<typeof assumedBalancer>, isVendor: boolean): Decision {
  if (assumed === null) return decision;
  const doubts = [...decision.doubts, { place: assumed.place, text: assumed.text }];
  return decision.outcome === 'refused' && isVendor && !assumed.isNamed
    ? { ...decision, outcome: 'undecided', status: null, because: assumed.text, doubts }
    : { ...decision, doubts };
}
