import type { Header } from '../../model/plan.ts';
import { addressOf, type Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import { chooseOthers, chooseUnauthorisedAddresses, sampleNetwork } from './choose-callers.ts';
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
