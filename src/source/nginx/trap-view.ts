import type { Header } from '../../model/plan.ts';
import type { Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import { chooseUnauthorisedAddresses } from '../rules/choose-callers.ts';
import type { Decision } from '../rules/server-rules.ts';
import type { Config } from './config.ts';
import type { Level } from './levels.ts';
import { traceRules, type Target } from './networks.ts';
import { decide, simulate } from './simulate.ts';
import type { Walk } from './walk.ts';

/** What traps are looked for in: the way of strangers to the path. */
export interface TrapView {
  config: Config;
  target: Target;
  /** The networks that rules name, and the headers that are looked at. */
  networks: readonly Network[];
  headers: readonly string[];
  /** The networks that a stranger would say to be in: an expression does not tell whom it is meant for. */
  claimed: readonly Network[];
  strangers: readonly Stranger[];
  /** The levels that strangers came through. */
  levels: readonly Level[];
  ask(peer: Address, headers?: readonly Header[], target?: Partial<Target>): Decision;
}

/** Somebody whom no rule names, and how it went. */
export interface Stranger {
  address: Address;
  decision: Decision;
  walks: readonly Walk[];
}

export function lookAt(config: Config, target: Target, others: readonly Network[]): TrapView {
  const { networks, headers } = traceRules(config, target);
  const ask: TrapView['ask'] = (peer, sent = [], other = {}) =>
    decide(config, { ...target, ...other, peer, headers: sent });
  const strangers = chooseUnauthorisedAddresses(networks, [])
    .filter((address) => canReach(config, address, target.port))
    .map((address): Stranger => ({
      address,
      decision: ask(address),
      walks: simulate(config, { ...target, peer: address, headers: [] }).all.flatMap(({ walk }) => walk ?? []),
    }));
  const visited = strangers.flatMap(({ walks }) =>
    walks.flatMap((walk) => (walk.visited.length > 0 ? walk.visited : [walk.level])),
  );
  const levels = [...new Map(visited.map((level) => [level.directives, level])).values()];
  return { config, target, networks, headers, claimed: [...others, ...networks], strangers, levels, ask };
}

/** Nobody calls by IPv6 where nothing listens for it. */
const canReach = ({ sockets }: Config, { family }: Address, port: number | null): boolean =>
  family === 4 || sockets.some((socket) => socket.family === 6 && (port === null || socket.port === port));

export const isOpen = ({ strangers }: TrapView): boolean =>
  strangers.some(({ decision }) => decision.outcome === 'admitted');
