import type { Clock, Ids } from './clock.ts';

/**
 * What a run takes from outside. A function that needs less takes `Pick<Environment, …>`, and tests put their own in.
 */
export interface Environment {
  workingDirectory: string;
  homeDirectory: string;
  /** The environment variables. */
  env: Readonly<Record<string, string | undefined>>;
  stdin: AsyncIterable<Uint8Array | string>;
  /** The time that events carry and signatures are made with: `--now` sets it. */
  clock: Clock;
  /** Ids of events: `--seed` makes them the same every time. */
  ids: Ids;
  /** The true time, for records: two runs with one seed and one `--now` are still two records of today. */
  recordClock: Clock;
  /** Always random, for records. */
  recordIds: Ids;
  /** Aborts when the run is to stop (Ctrl-C), so that a flow can record what it has. */
  signal: AbortSignal;
}

/** What finding the configuration and the files of secrets needs. */
export type FileEnvironment = Pick<Environment, 'workingDirectory' | 'homeDirectory' | 'env'>;

/** What reading secrets, passphrases and certificates needs. */
export type SecretEnvironment = Pick<Environment, 'workingDirectory' | 'env' | 'stdin'>;
