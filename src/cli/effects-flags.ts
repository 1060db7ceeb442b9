import { Option, type Command } from 'commander';
import type { EffectsSource } from '../flows/read-effects.ts';

/** Who tells which events the endpoint has processed. */
export interface EffectsFlags {
  effectsUrl?: string;
  effectsCmd?: string;
}

export function addEffectsFlags(command: Command): Command {
  return command
    .optionsGroup('Effects:')
    .option('--effects-url <url>', 'gives the ids of all events processed so far: a JSON array, or one a line; one processed twice stands there twice')
    .addOption(new Option('--effects-cmd <command>', 'prints them instead').conflicts('effectsUrl'));
}

export function effectsSourceOf({ effectsUrl, effectsCmd }: EffectsFlags): EffectsSource | null {
  if (effectsUrl !== undefined) return { url: effectsUrl };
  return effectsCmd === undefined ? null : { command: effectsCmd };
}
