import { loadConfig } from '../../config/load-config.ts';
import type { HistoryReader, HistoryWriter } from '../../history/history.ts';
import { openVendors, openVendorsLazily } from '../../flows/session/open-vendors.ts';
import { holdsPassword } from '../../history/postgres/address.ts';
import { historyPath, loadReader, loadWriter } from '../../history/store/open-history.ts';
import { AppError } from '../../model/error.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { Environment, FileEnvironment } from '../../model/environment.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import { makeIds, seededRandom, systemRandom } from '../../plan/ids.ts';
import { environmentVariables } from './env-file.ts';
import { interruptSignal } from './exit.ts';
import { homeFolder } from './home-folder.ts';
import { warn } from './output.ts';
import type { RepeatFlags, StoreFlags } from './flags.ts';

/** Clock and ids of the n-th event of a run: with `--seed` each event has its own, whatever ends first. */
export interface EventSources {
  clockOf(index: number): Clock;
  idsOf(index: number): Ids;
  newDeliveryId(): string;
}

/** The environment of a command, with its configuration, and history for who asks. */
export interface CommandEnvironment extends Environment, EventSources {
  config: Config;
  vendors: VendorRegistry;
  /** Makes the file when it is missing. Null with `--no-history`. */
  openWriter(): Promise<HistoryWriter | null>;
  /** For commands that only read; it writes nothing, not even the file. */
  openReader(): Promise<HistoryReader>;
  /** The file of it; null with `--no-history`. */
  historyFile(): string | null;
  /** The place of a history that a flag names; without the flag it is that of every command. */
  placeOf(flagName: string, flag: string | undefined): string;
}

/**
 * This process, with the true time and random ids. Do not spread it: what is dear or has an effect is behind a getter.
 * The mere mention of process.stdin takes 1 ms, and asking for the signal sets its handlers.
 */
export function processEnvironment(): Environment {
  const ids = makeIds(systemRandom());
  return {
    workingDirectory: process.cwd(),
    homeDirectory: homeFolder(),
    env: environmentVariables(),
    get stdin() {
      return process.stdin;
    },
    clock: systemClock,
    ids,
    recordClock: systemClock,
    recordIds: ids,
    get signal() {
      return interruptSignal();
    },
  };
}

export async function openEnvironment(flags: StoreFlags & RepeatFlags): Promise<CommandEnvironment> {
  const base = processEnvironment();
  const config = await openConfig(flags.config, base);
  const sources = eventSources(flags, base.recordIds);
  const placeOf = (flagName: string, flag: string | undefined): string =>
    historyPath({ env: base.env, home: base.homeDirectory, flag, flagName, config });
  const given = typeof flags.history === 'string' ? flags.history : undefined;
  const storePath = (): string => placeOf('--history', given);
  warnOfPassword('--history', given);
  // Assigned and not spread: the getters stay getters.
  return Object.assign(base, {
    config,
    vendors: openVendors(config, base),
    clock: sources.clockOf(0),
    ids: sources.idsOf(0),
    ...sources,
    openWriter: async () => (flags.history === false ? null : loadWriter(storePath())),
    openReader: () => loadReader(storePath()),
    historyFile: () => (flags.history === false ? null : storePath()),
    placeOf: (flagName: string, flag: string | undefined) => {
      warnOfPassword(flagName, flag);
      return placeOf(flagName, flag);
    },
  });
}

function warnOfPassword(flagName: string, flag: string | undefined): void {
  if (flag === undefined || !holdsPassword(flag)) return;
  warn(
    `every user of this machine can read the password of ${flagName} in the process list; ` +
      'use PGPASSWORD, a password file or WEBHOOK_HISTORY',
  );
}

/** @param random ids for records, and for events without `--seed` */
export function eventSources({ seed, now }: RepeatFlags, random: Ids): EventSources {
  return {
    clockOf: () => (now === undefined ? systemClock : standingClock(now)),
    idsOf: (index) => (seed === undefined ? random : makeIds(seededRandom(`${seed}/${index}`))),
    newDeliveryId: () => random.uuidV7(systemClock.now()),
  };
}

/**
 * The configuration. The variables of the file that it names stand behind those that are set, from now on. Throws
 * AppError `config`.
 */
export async function openConfig(flag: string | undefined, environment: FileEnvironment): Promise<Config> {
  const config = await loadConfig(flag, environment);
  if (config.envFile === undefined) return config;
  const { readConfiguredEnvFile } = await import('../../config/env-file.ts');
  environment.env = { ...readConfiguredEnvFile(config.envFile), ...environment.env };
  return config;
}

/** The vendors, for a command that needs little or nothing else of the configuration. */
export const openCommandVendors = (environment: FileEnvironment, config?: string): VendorRegistry =>
  openVendorsLazily(() => loadConfig(config, environment), environment);

/** The same, to list them all: a configuration that is wrong is told, and leaves the built-in ones. */
export async function openAllVendors(environment: FileEnvironment, config?: string): Promise<VendorRegistry> {
  try {
    return openVendors(await loadConfig(config, environment), environment);
  } catch (error) {
    if (!(error instanceof AppError) || config !== undefined) throw error;
    warn(`the configured vendors are ignored: ${error.message}`);
    return openVendors({}, environment);
  }
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // Few commands wait, and loading this takes 1 ms.
    const { setTimeout: wait } = await import('node:timers/promises');
    await wait(ms, undefined, { signal });
  },
};

/**
 * A clock that stands at `startMs` (`--now`) and moves only by the time slept on it: two runs with the same
 * seed then make the same bytes, however fast the machine is.
 */
function standingClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms, signal);
      nowMs += ms;
    },
  };
}
