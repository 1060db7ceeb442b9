import { homedir } from 'node:os';
import { standingClock, systemClock } from '../../flows/session/clock.ts';
import type { Machine } from '../../flows/session/equip-target.ts';
import { loadConfig } from '../../flows/session/load-config.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { History, HistoryReader } from '../../history/history.ts';
import { historyPath } from '../../history/history-path.ts';
import { loadHistory, loadReader } from '../../history/load-history.ts';
import type { Config } from '../../model/webhook.ts';
import { makeIds, seededRandom, systemRandom } from '../../plan/ids.ts';
import type { RepeatFlags, StoreFlags } from './flags.ts';
import { surroundings } from './surroundings.ts';

/** Everything a command takes from outside: the machine, the configuration, time, chance, and where history is. */
export interface World extends Machine {
  config: Config;
  clock: Clock;
  /** Clock and ids of the n-th event of a run: with `--seed` each event has its own, whatever ends first. */
  clockOf(index: number): Clock;
  idsOf(index: number): Ids;
  /** For records: always by chance and by the true time. */
  recordClock: Clock;
  recordIds: Ids;
  newDeliveryId(): string;
  /** Null with `--no-history`. */
  openHistory(): Promise<History | null>;
  /** For commands that only read; it writes nothing, not even the file. */
  openReader(): Promise<HistoryReader>;
  /** The file of it; null with `--no-history`. */
  historyFile(): string | null;
}

export async function openWorld(flags: StoreFlags & RepeatFlags): Promise<World> {
  const config = await loadConfig(flags.config, surroundings());
  const recordIds = makeIds(systemRandom());
  const clock = (): Clock => (flags.now === undefined ? systemClock : standingClock(flags.now));
  return {
    config,
    workingDirectory: process.cwd(),
    env: process.env,
    // Opened when it is read: the mere mention of process.stdin takes 1 ms.
    get stdin() {
      return process.stdin;
    },
    clock: clock(),
    clockOf: clock,
    idsOf: (index) => (flags.seed === undefined ? recordIds : makeIds(seededRandom(`${flags.seed}/${index}`))),
    recordClock: systemClock,
    recordIds,
    newDeliveryId: () => recordIds.uuidV7(systemClock.now()),
    openHistory: async () => (flags.history === false ? null : loadHistory(storePath(flags, config))),
    openReader: () => loadReader(storePath(flags, config)),
    historyFile: () => (flags.history === false ? null : storePath(flags, config)),
  };
}

function storePath(flags: StoreFlags, config: Config): string {
  return historyPath({
    env: process.env,
    home: homedir(),
    ...(typeof flags.history === 'string' ? { flag: flags.history } : {}),
    config,
  });
}
