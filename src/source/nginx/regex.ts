import type { Match } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { fromBytes } from './lex.ts';
import { ask, type Walk } from './walk.ts';

/**
 * Whether an expression is found in a text; a match leaves its groups for `$1` and the names. What cannot be told, for
 * the expression or its cost, is asked.
 */
export function matchRegex(walk: Walk, pattern: string, ignoreCase: boolean, text: string, place: Place): boolean {
  const found = walk.config.compilePcre(pattern, ignoreCase)?.(text);
  if (found === undefined)
    return ask(walk, `regex ${ignoreCase ? '~*' : '~'} ${pattern} in ${text}`, {
      place,
      text: `the expression ${fromBytes(pattern)} cannot be tried here`,
    });
  if (found === null) return false;
  keepGroups(walk, found);
  return true;
}

function keepGroups(walk: Walk, found: Match): void {
  walk.match = found;
  for (const [name, value] of Object.entries(found.named)) walk.variables.set(name, value ?? '');
}
