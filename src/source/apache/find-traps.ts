import { readPeer } from '../address/address.ts';
import type { Trap } from '../rules/server-rules.ts';
import { findAddressTraps } from './address-traps.ts';
import { findHeaderTraps } from './header-traps.ts';
import { findRuleTraps } from './rule-traps.ts';
import { findSectionTraps } from './section-traps.ts';
import { findServerTraps } from './server-traps.ts';
import { simulate, type World } from './simulate.ts';
import type { Scene } from './traps.ts';

/** The traps that concern a path, in the order of the configuration's sections. */
export function findTraps(
  world: World,
  { path, host, port }: { path: string; host: string | null; port: number | null },
): Trap[] {
  const stranger = readPeer('203.0.113.66');
  if (stranger === null) return [];
  const run = simulate(world, { path, host, port, peer: stranger, headers: [] }, () => false);
  const scene: Scene = { world, path, host, port, stranger, run, isOpen: run.verdict.isAdmitted };
  const found = [
    ...findRuleTraps(scene),
    ...findAddressTraps(scene),
    ...findHeaderTraps(scene),
    ...findSectionTraps(scene),
    ...findServerTraps(scene),
  ];
  return [...new Map(found.map((trap) => [`${trap.id} ${trap.place.file}:${trap.place.line}`, trap])).values()];
}
