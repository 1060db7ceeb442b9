import { readPeer, type Address } from '../address/address.ts';
import type { Place, Trap } from '../rules/server-rules.ts';
import { findAddressTraps } from './address-traps.ts';
import { findHeaderTraps } from './header-traps.ts';
import { findRuleTraps } from './rule-traps.ts';
import { findSectionTraps } from './section-traps.ts';
import { findServerTraps } from './server-traps.ts';
import { simulate, type Simulated, type World } from './simulate.ts';
import { TRAPS, type TrapId } from './traps.ts';

/** What traps are looked for in: one path of one host, as somebody meets it whom no rule names. */
export interface Scene {
  world: World;
  path: string;
  host: string | null;
  port: number | null;
  stranger: Address;
  run: Simulated;
  isOpen: boolean;
}

/** The traps that concern a path, in the order of the configuration's sections. */
export function findTraps(world: World, { path, host, port }: { path: string; host: string | null; port: number | null }): Trap[] {
  const stranger = readPeer('203.0.113.66');
  if (stranger === null) return [];
  const run = simulate(world, { path, host, port, peer: stranger, headers: [] }, () => false);
  const scene: Scene = { world, path, host, port, stranger, run, isOpen: run.verdict.isAdmitted };
  const found = [...findRuleTraps(scene), ...findAddressTraps(scene), ...findHeaderTraps(scene), ...findSectionTraps(scene), ...findServerTraps(scene)];
  return [...new Map(found.map((trap) => [`${trap.id} ${trap.place.file}:${trap.place.line}`, trap])).values()];
}

/** A trap of the list at one line; `what`: what it does there. */
export function trapAt(id: TrapId, place: Place, what: string, severity: Trap['severity'] = TRAPS[id].severity): Trap {
  return { id, severity, place, detail: `${TRAPS[id].title}: ${what}`, advice: TRAPS[id].advice };
}
