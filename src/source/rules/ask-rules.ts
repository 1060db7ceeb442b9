import type { Header } from '../../model/plan.ts';
import { addressOf, type Address, type Network, readAddress, hasAddress } from '../address.ts';
import type { Decision, ServerRules } from './server-rules.ts';

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
  behind: Address | null;
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
  others: readonly { network: Network; simulation: Simulation }[];
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

/** The most headers of a configuration that are claimed one by one. A call with every header open covers the rest. */
const MAX_HEADERS = 20;

/** Simulates every caller that matters against the rules. */
export function askRules(rules: ServerRules, question: RuleQuestion): Simulations {
  const { path, host, port, expected, suffixes } = question;
  const named = rules.networksFor(path, host, port);
  const networks = expected.map(({ network }) => network);
  const unauthorised = chooseUnauthorisedAddresses(named, networks);
  const hosts = suffixes.map((suffix, index) => ({ suffix, address: hostAddress(index) }));
  const hostNames = new Map<string, string | null>([
    ...unauthorised.map(({ text }) => [text, null] as const),
    ...hosts.map(({ suffix, address }) => [address.text, `host.${suffix}`] as const),
  ]);
  const claims = claimsOf(
    [...networks.slice(0, 1).map(({ first }) => first), ...hosts.slice(0, 1).map(({ address }) => address)],
    (rules.forwardingHeaders?.(path, host, port) ?? []).slice(0, MAX_HEADERS),
  );
  const ask = (
    caller: Simulation['caller'],
    address: Address,
    claimed: readonly Header[] = [],
    saysAnything = false,
  ): Simulation => simulate(rules, question, hostNames, { caller, address, claimed, saysAnything });
  return {
    vendor: expected.map((one) => ({
      expected: one,
      simulations: sampleNetwork(one.network, named).map((address) => ask('vendor', address)),
    })),
    named: hosts.map(({ suffix, address }) => ({ suffix, simulation: ask('vendor', address) })),
    unauthorised: unauthorised.map((address) => ask('stranger', address)),
    spoofs: unauthorised.flatMap((address) => [
      ...claims.map((claim) => ask('spoof', address, claim)),
      ask('spoof', address, [], true),
    ]),
    others: chooseOthers(named, networks).map(({ network, address }) => ({
      network,
      simulation: ask('other', address),
    })),
  };
}

/** An address of nobody (RFC 5737) to give a host name to: 192.0.2.200 and following. */
const hostAddress = (index: number): Address => addressOf(4, 0xc0_00_02_c8n + BigInt(index % 50));

/** A proxy in front is the peer, and adds the caller's address to X-Forwarded-For. */
function simulate(
  rules: ServerRules,
  { path, host, port, behind }: RuleQuestion,
  hostNames: ReadonlyMap<string, string | null>,
  {
    caller,
    address,
    claimed,
    saysAnything,
  }: { caller: Simulation['caller']; address: Address; claimed: readonly Header[]; saysAnything: boolean },
): Simulation {
  const headers = behind === null ? claimed : addForwarded(claimed, address.text);
  return {
    caller,
    address: address.text,
    headers,
    saysAnything,
    decision: rules.decide({ path, host, port, peer: behind ?? address, headers, saysAnything, hostNames }),
  };
}

const isList = ([name]: Header): boolean => name.toLowerCase() === 'x-forwarded-for';

function addForwarded(headers: readonly Header[], address: string): readonly Header[] {
  if (!headers.some(isList)) return [...headers, ['X-Forwarded-For', address]];
  return headers.map((header) => (isList(header) ? [header[0], `${header[1]}, ${address}`] : header));
}

/**
 * The headers that an unauthorised caller could send to look like the vendor: each alone, and both orders of a list.
 */
function claimsOf(vendor: readonly Address[], more: readonly string[]): Header[][] {
  const names = [...new Map([...FORWARDING_HEADERS, ...more].map((name) => [name.toLowerCase(), name])).values()];
  return [...vendor.map(({ text }) => text), '127.0.0.1'].flatMap((address) => [
    ...names.map((name): Header[] => [[name, address]]),
    [['X-Forwarded-For', `${address}, 198.51.100.7`] as const],
    [['X-Forwarded-For', `198.51.100.7, ${address}`] as const],
    [['Forwarded', `for=${address}`] as const],
  ]);
}

/** The most addresses that are tried of one network. */
const MAX_SAMPLES = 2000;
/** Documentation addresses (RFC 5737, RFC 3849), and two public resolvers in case a rule names the former. */
const UNAUTHORISED = [
  '203.0.113.66',
  '198.51.100.66',
  '192.0.2.66',
  '9.9.9.9',
  '2001:db8::66',
  '2001:db8:66::66',
  '2620:fe::fe',
];

/**
 * The addresses of `network` that matter: its ends, and both sides of each boundary that a rule draws within it. No
 * rule changes between two of them, so what holds for all of them holds for the network.
 */
function sampleNetwork(network: Network, named: readonly Network[]): Address[] {
  const values = new Set([network.first.value, network.last.value]);
  for (const one of named) {
    if (values.size >= MAX_SAMPLES) break;
    if (one.family !== network.family) continue;
    for (const value of [one.first.value - 1n, one.first.value, one.last.value, one.last.value + 1n]) {
      if (value >= network.first.value && value <= network.last.value) values.add(value);
    }
  }
  return [...values].map((value) => addressOf(network.family, value));
}

/**
 * For each family an address outside the vendor's networks. It is also outside every network that a rule names, where
 * such an address exists.
 */
export function chooseUnauthorisedAddresses(named: readonly Network[], expected: readonly Network[]): Address[] {
  const candidates = UNAUTHORISED.map((text) => readAddress(text)).filter((address) => address !== null);
  return ([4, 6] as const).flatMap((family) => {
    const outside = candidates.filter(
      (address) => address.family === family && !expected.some((network) => hasAddress(network, address)),
    );
    const unnamed = outside.find(
      (address) => !named.some((network) => network.prefixLength > 0 && hasAddress(network, address)),
    );
    return unnamed ?? outside[0] ?? [];
  });
}

/** An address of each network that a rule names beside the vendor's. Loopback networks are left out. */
function chooseOthers(
  named: readonly Network[],
  expected: readonly Network[],
): { network: Network; address: Address }[] {
  const isKnown = (address: Address): boolean => expected.some((network) => hasAddress(network, address));
  const seen = new Set<string>();
  return named.flatMap((network) => {
    if (network.prefixLength === 0 || seen.has(network.text) || isLoopback(network)) return [];
    seen.add(network.text);
    const address = [network.first, network.last].find((one) => !isKnown(one));
    return address === undefined ? [] : [{ network, address }];
  });
}

/** 127.0.0.0/8 and ::1. */
function isLoopback({ family, first, last }: Network): boolean {
  return family === 4
    ? first.value >> 24n === 127n && last.value >> 24n === 127n
    : first.value === 1n && last.value === 1n;
}
