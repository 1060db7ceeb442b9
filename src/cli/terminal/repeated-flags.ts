import type { Command, Option } from 'commander';
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

/** What reads the value that came before does with both as it says. */
function hasOneValue({ required, optional, argChoices, parseArg, description }: Option): boolean {
  const readsBoth = parseArg !== undefined && argChoices === undefined && parseArg.length > 1;
  return (required || optional) && !readsBoth && !/\brepeatable\b/.test(description);
}
