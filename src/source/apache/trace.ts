import { addressOf, readAddress, type Address, type Network } from '../address.ts';
import { doorsFor, NO_CLAIM, routeOf } from '../rules/calls.ts';
import { makeOnce } from '../rules/once.ts';
import type { Door, ProxyInFront } from '../rules/server-rules.ts';
import { networksIn } from './decide.ts';
import { findDoors } from './doors.ts';
import { simulate, type ApacheEnvironment, type ApacheRun } from './simulate.ts';

/** What conditions are compared with hangs on who asks: so many are asked at most. */
const MAX_CALLERS = 200;
const ANYBODY = ['203.0.113.66', '2001:db8::66'].flatMap((text) => readAddress(text) ?? []);

interface AskedFor {
  path: string;
  host: string | null;
  port: number | null;
  /** The proxy that all calls come through. */
  behind: ProxyInFront | null;
}

export interface ComparedNetworks {
  networks: readonly Network[];
  /** Those of them that no rule names: expressions over addresses as text come to them. */
  written: readonly Network[];
}

const traceOnce = makeOnce<ApacheEnvironment, ComparedNetworks>();
const findOnce = makeOnce<ApacheEnvironment, Door[]>();

/** Every network that the caller is compared with, found by asking as the members of those that are known. */
export const traceNetworks = (environment: ApacheEnvironment, asked: AskedFor): ComparedNetworks =>
  traceOnce(environment, [asked.path, asked.host, asked.port, asked.behind?.text, asked.behind?.tellsIn], () =>
    trace(environment, asked),
  );

/** The sockets of the port. */
export const doorsOf = (environment: ApacheEnvironment, { path, host, port }: Omit<AskedFor, 'behind'>): Door[] =>
  findOnce(environment, [path, host, port], () => {
    const at = visit(environment, { path, host, port, behind: null }, ANYBODY[0] as Address, null, true).chosen.port;
    return findDoors(environment.servers, { host, port: at }, (door) => {
      const peer = ANYBODY[0] as Address;
      const request = { path, host, port: at, peer, headers: [], door };
      const mapped = [request, { ...request, proxied: peer }]
        .map((one) => simulate(environment, one, () => true).mapped)
        .find((one) => one !== null);
      return mapped === undefined ? '' : placeOf(mapped);
    });
  });

function placeOf(mapped: NonNullable<ApacheRun['mapped']>): string {
  if (mapped.kind === 'proxied') return mapped.name;
  return mapped.kind === 'file' ? `${mapped.root}${mapped.rest}` : `an HTTP ${mapped.verdict.status} answer`;
}

function visit(
  environment: ApacheEnvironment,
  { path, host, port, behind }: AskedFor,
  address: Address,
  door: Door | null,
  answer: boolean,
): ApacheRun {
  const route = routeOf({ address, door, claim: NO_CLAIM }, behind);
  return simulate(environment, { path, host, port, ...route }, () => answer);
}

/** What stands in lists that were not seen before: most callers are compared with the same ones. */
function notYet(seen: Set<readonly Network[]>, lists: Iterable<readonly Network[]>): Network[] {
  const fresh = [...lists].filter((list) => !seen.has(list));
  for (const list of fresh) seen.add(list);
  return fresh.flat();
}

function trace(environment: ApacheEnvironment, asked: AskedFor): ComparedNetworks {
  const networks = new Map<string, Network>();
  const written = new Map<string, Network>();
  const lists = { networks: new Set<readonly Network[]>(), written: new Set<readonly Network[]>() };
  const doors = doorsOf(environment, asked);
  const waiting: Address[] = [...ANYBODY];
  const visited = new Set<string>();
  const note = (run: ApacheRun): void => {
    for (const network of notYet(lists.written, run.compared.written)) written.set(network.text, network);
    for (const network of notYet(lists.networks, [...run.compared.networks, ...networksIn(run)])) {
      if (networks.has(network.text)) continue;
      networks.set(network.text, network);
      const { family, first, last } = network;
      waiting.push(first, last, addressOf(family, (first.value + last.value) / 2n));
    }
  };
  for (let address = waiting.shift(); address !== undefined && visited.size < MAX_CALLERS; address = waiting.shift()) {
    if (visited.has(address.text)) continue;
    visited.add(address.text);
    const open = doorsFor(doors, address, asked.behind);
    for (const door of open.length === 0 ? [null] : open)
      for (const answer of [true, false]) note(visit(environment, asked, address, door, answer));
  }
  return { networks: [...networks.values()], written: [...written.values()] };
}
