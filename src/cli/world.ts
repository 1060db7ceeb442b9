import { homedir } from 'node:os';
import { standingClock, systemClock } from '../flows/clock.ts';
import type { Machine } from '../flows/equip-target.ts';
import { loadConfig } from '../flows/load-config.ts';
import { scaledClock } from '../deliver/scaled-clock.ts';
import type { Clock, Ids } from '../model/clock.ts';
import type { History } from '../history/history.ts';
import type { Config } from '../model/webhook.ts';
import { makeIds } from '../plan/ids.ts';
import { seededRandom, systemRandom } from '../plan/random.ts';
import type { RepeatFlags, StoreFlags } from './flags.ts';

/** Everything a command takes from outside: the machine, the configuration, time, chance, and where history is. */
export interface World extends Machine {
  config: Config;
  clock: Clock;
  /** Clock and ids of the n-th event of a run: with `--seed` each event has its own, whatever ends first. */
  clockOf(index: number): Clock;
  idsOf(index: number): Ids;
  /** Null with `--no-history`. */
  openHistory(options?: { readonly?: boolean }): Promise<History | null>;
}

export async function openWorld(flags: StoreFlags & RepeatFlags & { timeScale?: number }): Promise<World> {
  const surroundings = { startDirectory: process.cwd(), homeDirectory: homedir(), env: process.env };
  const config = await loadConfig(flags.config, surroundings);
  const random = systemRandom();
  const clock = (): Clock => {
    const base = flags.now === undefined ? systemClock : standingClock(flags.now);
    return flags.timeScale === undefined || flags.timeScale === 1 ? base : scaledClock(base, flags.timeScale);
  };
  return {
    config,
    workingDirectory: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    clock: clock(),
    clockOf: clock,
    idsOf: (index) => makeIds(flags.seed === undefined ? random : seededRandom(`${flags.seed}/${index}`)),
    openHistory: async (options) => (flags.history === false ? null : openStore(flags, config, options)),
  };
}

async function openStore(flags: StoreFlags, config: Config, options: { readonly?: boolean } = {}): Promise<History> {
  const { historyPath } = await import('../history/history-path.ts');
  const { openHistory } = await import('../history/open-history.ts');
  const path = historyPath({
    env: process.env,
    home: homedir(),
    ...(typeof flags.history === 'string' ? { flag: flags.history } : {}),
    config,
  });
  return openHistory(path, options);
}
