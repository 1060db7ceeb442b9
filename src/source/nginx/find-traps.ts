import type { Network } from '../address/network.ts';
import type { Trap } from '../rules/server-rules.ts';
import { findAddressTraps } from './address-traps.ts';
import type { Config } from './config.ts';
import type { Target } from './networks.ts';
import { findRuleTraps } from './rule-traps.ts';
import { lookAt } from './trap-view.ts';
import { findWayTraps } from './way-traps.ts';

/** The traps on the way to a path, each line once, in the order of the files. */
export function findTraps(config: Config, target: Target, claimed: readonly Network[]): Trap[] {
  const view = lookAt(config, target, claimed);
  const found = [...findRuleTraps(view), ...findAddressTraps(view), ...findWayTraps(view)];
  const once = new Map(found.map((trap) => [`${trap.id} ${trap.place.file}:${trap.place.line}`, trap]));
  return [...once.values()].toSorted(
    (one, other) => one.place.file.localeCompare(other.place.file) || one.place.line - other.place.line,
  );
}
