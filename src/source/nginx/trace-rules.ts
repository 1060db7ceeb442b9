import { addressOf, readAddress, type Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import type { NginxConfig } from './config.ts';
import { simulate } from './simulate.ts';

/** Whether another caller is asked depends on what the last one was compared with: so many are asked at most. */
const MAX_CALLERS = 400;
const ANYBODY = ['203.0.113.66', '2001:db8::66'];

export interface RuleTarget {
  path: string;
  host: string | null;
  port: number | null;
}

export interface Traced {
  networks: readonly Network[];
  headers: readonly string[];
}

const known = new WeakMap<NginxConfig, Map<string, Traced>>();

/**
 * Every network that decides on this path, and every header that is looked at: found by asking as their members, once.
 */
export function traceRules(config: NginxConfig, target: RuleTarget): Traced {
  const ofConfig = known.get(config) ?? new Map<string, Traced>();
  known.set(config, ofConfig);
  const key = JSON.stringify([target.path, target.host, target.port]);
  const traced = ofConfig.get(key) ?? trace(config, target);
  ofConfig.set(key, traced);
  return traced;
}

function trace(config: NginxConfig, { path, host, port }: RuleTarget): Traced {
  const networks = new Map<string, Network>();
  const lists = new Set<readonly Network[]>();
  const headers = new Set<string>();
  const waiting: Address[] = ANYBODY.flatMap((text) => readAddress(text) ?? []);
  const asked = new Set<string>();
  for (let peer = waiting.shift(); peer !== undefined && asked.size < MAX_CALLERS; peer = waiting.shift()) {
    if (asked.has(peer.text)) continue;
    asked.add(peer.text);
    for (const { state } of simulate(config, { path, host, port, peer, headers: [] }).all) {
      for (const name of state?.readHeaders ?? []) headers.add(name);
      for (const network of [...(state?.networks ?? [])].flatMap((list) => (lists.has(list) ? [] : list))) {
        if (networks.has(network.text)) continue;
        networks.set(network.text, network);
        waiting.push(
          network.first,
          network.last,
          addressOf(network.family, (network.first.value + network.last.value) / 2n),
        );
      }
      for (const list of state?.networks ?? []) lists.add(list);
    }
  }
  return { networks: [...networks.values()], headers: [...headers] };
}
