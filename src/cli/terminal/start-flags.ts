import type { Command } from 'commander';
import type { AwaitedEndpoint } from '../../flows/session/await-application.ts';
import type { Environment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import { durationMs } from './flag-values.ts';

/** The flags that start the user's own application for one run. */
export interface StartFlags {
  start?: string;
  startLog?: string;
  /** Milliseconds. */
  waitReady?: number;
}

export function addStartFlags(command: Command): Command {
  return command
    .optionsGroup('Your application:')
    .option(
      '--start <command>',
      'start your application with this shell command, wait until it answers, and stop it with all that it ' +
        'started; PORT is set to the port of the endpoint',
    )
    .option('--start-log <file>', 'keep what it prints, - for stderr (default: only its last lines, after a failure)')
    .option(
      '--wait-ready <duration>',
      'wait so long for the endpoint to answer at all (default: with --start 30s)',
      durationMs,
    );
}

/** What is run against the application, and what it needs. */
export interface StartedRun<Result> {
  endpoints: readonly AwaitedEndpoint[];
  /** Shown nowhere, though the application may print them. */
  secrets: readonly (string | null)[];
  run: () => Promise<Result>;
  isGood: (result: Result) => boolean;
  /** It waits for an application that is started elsewhere, as --wait-ready says. */
  waitsItself?: boolean;
}

export type StartEnvironment = Pick<Environment, 'workingDirectory' | 'env' | 'signal'>;

/**
 * Runs it, with `--start` between the start and the end of the user's application, and with `--wait-ready` alone once
 * the endpoint answers.
 */
export async function withApplication<Result>(
  { start, startLog, waitReady }: StartFlags,
  environment: StartEnvironment,
  started: StartedRun<Result>,
): Promise<Result> {
  if (start === undefined && startLog !== undefined)
    throw new AppError('usage', '--start-log does nothing without --start', { hint: "add --start 'npm start'" });
  if (start === undefined && (waitReady === undefined || started.waitsItself)) return started.run();
  const { runStarted, runWhenReady } = await import('./application.ts');
  return start === undefined
    ? runWhenReady(waitReady, environment, started)
    : runStarted({ start, startLog, waitReady }, environment, started);
}
