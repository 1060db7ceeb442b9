import type { UnknownDirective } from '../rules/server-rules.ts';
import { DIRECTIVE_NAMES } from './directive-names.ts';
import { isForeign } from './foreign-names.ts';
import { fromBytes } from './lex.ts';
import type { Directive } from './parse.ts';

/** Blocks whose lines are values, not directives. */
const TABLES: ReadonlySet<string> = new Set(['map', 'geo', 'types', 'split_clients', 'charset_map']);

/** The directives that nginx does not have. What stands in a block of another module is that module's own. */
export function findUnknown(directives: readonly Directive[]): UnknownDirective[] {
  return directives.flatMap(({ name, block, place }) => {
    if (isForeign(name)) return [];
    if (!DIRECTIVE_NAMES.has(name)) return [{ name: fromBytes(name), place }];
    return block === null || TABLES.has(name) ? [] : findUnknown(block);
  });
}
