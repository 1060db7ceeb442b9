import type { AwaitedEndpoint } from '../../flows/session/await-application.ts';
import type { Environment } from '../../model/environment.ts';

/** The flags that start the user's own application for one run. */
export interface StartFlags {
  start?: string;
  startLog?: string;
  /** Shows what it prints. */
  verbose?: boolean;
  /** Milliseconds. */
  waitReady?: number;
}

/** What is run against the application, and what it needs. */
export interface StartedRun<Result> {
  endpoints: readonly AwaitedEndpoint[];
  /** Shown nowhere, though the application may print them. */
  secrets: readonly (string | null)[];
  run: () => Promise<Result>;
  isGood: (result: Result) => boolean;
  /** The application answered, so that the result itself tells what is wrong. */
  isAnswered: (result: Result) => boolean;
  /** It waits for an application that is started elsewhere, as --wait-ready says. */
  waitsItself?: boolean;
}

export type StartEnvironment = Pick<Environment, 'workingDirectory' | 'env' | 'signal'>;
