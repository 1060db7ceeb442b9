import type { Command, Option } from 'commander';
import { isRepeatable } from './describe-flag.ts';
import { note } from './output.ts';

/**
 * Of a flag that has one value and was given several, the last one counts, as with curl: a script may add to a line
 * what overrides it. commander says nothing, and `--event optin --event optout` would look as if both were sent.
 * To be called before parsing; what it returns says which flags were given so.
 */
export function watchRepeatedFlags(command: Command): () => void {
  const given = new Map<string, { flag: string | undefined; values: string[] }>();
  for (const one of [command, ...command.commands])
    for (const option of one.options.filter(hasOneValue))
      one.on(`option:${option.name()}`, (value: string | null) => {
        const before = given.get(option.attributeName())?.values ?? [];
        given.set(option.attributeName(), { flag: option.long, values: [...before, value ?? ''] });
      });
  return () => {
    for (const { flag, values } of given.values()) {
      if (new Set(values).size < 2) continue;
      // Not the values: one may be a URL with a password.
      note(`${flag} was given ${values.length === 2 ? 'twice' : `${values.length} times`}: only the last one counts`);
    }
  };
}

const hasOneValue = (option: Option): boolean => (option.required || option.optional) && !isRepeatable(option);
