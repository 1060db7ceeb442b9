import { Option, type Command } from 'commander';
import type { EffectsSource } from '../../flows/session/read-effects.ts';
import { AppError } from '../../model/error.ts';
import { endGroup } from '../terminal/exit.ts';
import { durationMs } from '../terminal/flag-values.ts';

/** Who tells which events the endpoint has processed. */
export interface EffectsFlags {
  effectsUrl?: string;
  effectsCmd?: string;
  /** Milliseconds. */
  effectsWait?: number;
}

export function addEffectsFlags(command: Command): Command {
  return command
    .optionsGroup('Effects:')
    .option(
      '--effects-url <url>',
      'gives the ids of all events processed so far: a JSON array, or one a line; one processed twice stands there twice',
    )
    .addOption(new Option('--effects-cmd <command>', 'prints them instead').conflicts('effectsUrl'))
    .option(
      '--effects-wait <duration>',
      'how long after its answer an event may still be processed, through a queue: one that was accepted is waited for, one that must not be processed (again) is watched for (default: 3s and 1s)',
      durationMs,
    );
}

/** Throws AppError `usage` for a wait without anything to wait for. */
export function effectsSourceOf({ effectsUrl, effectsCmd, effectsWait }: EffectsFlags): EffectsSource | null {
  if (effectsUrl !== undefined) return { url: effectsUrl };
  if (effectsCmd !== undefined) return { command: effectsCmd, ...(process.platform === 'win32' ? {} : { endGroup }) };
  if (effectsWait !== undefined)
    throw new AppError('usage', '--effects-wait does nothing: nobody tells what was processed', {
      hint: 'add --effects-url URL or --effects-cmd COMMAND',
    });
  return null;
}
