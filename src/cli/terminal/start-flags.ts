import type { Command } from 'commander';
import { AppError } from '../../model/error.ts';
import { addShared } from './command-spec.ts';
import { durationMs } from './flag-values.ts';
import type { StartedRun, StartEnvironment, StartFlags } from './started-run.ts';

export function addStartFlags(command: Command): Command {
  return addShared(command, 'starting', () =>
    command
      .optionsGroup('Your application:')
      .option('--start <command>', 'start your application with this shell command, and stop it afterwards')
      .option(
        '--start-log <file>',
        'write its output to this file, - for stderr (default: show its last lines, if it dies)',
      )
      .option(
        '--wait-ready <duration>',
        'wait this long for the endpoint to answer at all (default: with --start 30s)',
        durationMs,
      ),
  );
}

/**
 * Runs it, with `--start` between the start and the end of the user's application, and with `--wait-ready` alone once
 * the endpoint answers.
 */
export async function withApplication<Result>(
  { start, startLog, waitReady, verbose }: StartFlags,
  environment: StartEnvironment,
  started: StartedRun<Result>,
): Promise<Result> {
  if (start === undefined && startLog !== undefined)
    throw new AppError('usage', '--start-log has no effect without --start', { hint: "add --start 'npm start'" });
  if (start === undefined && (waitReady === undefined || started.waitsItself)) return started.run();
  const { runStarted, runWhenReady } = await import('./application.ts');
  return start === undefined
    ? runWhenReady(waitReady, environment, started)
    : runStarted({ start, startLog: startLog ?? (verbose ? '-' : undefined), waitReady }, environment, started);
}
