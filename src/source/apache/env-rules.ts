import type { CompilePcre, MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { configError } from './config-error.ts';
import type { Directive } from './directive.ts';

/** A SetEnvIf: what it looks at, for what, and what it sets then. */
export interface EnvRule {
  /** Lower case: a header, an earlier variable, or one of Apache's own. Null: an expression. */
  attribute: string | null;
  /** For an attribute that is an expression over the names of headers. */
  attributeMatch: MatchText | null;
  source: string;
  match: MatchText | null;
  /** Null: it is unset. */
  sets: readonly { name: string; value: string | null }[];
  place: Place;
}

export const ENV_DIRECTIVES: ReadonlySet<string> = new Set([
  'setenvif',
  'setenvifnocase',
  'setenvifexpr',
  'browsermatch',
  'browsermatchnocase',
]);

export function readEnvRule({ name, words, place }: Directive, compile: CompilePcre): EnvRule {
  const ignoreCase = name.endsWith('nocase');
  if (name === 'setenvifexpr') {
    const [source = '', ...sets] = words;
    return { attribute: null, attributeMatch: null, source, match: null, sets: readSets(sets, place), place };
  }
  const [attribute = '', source, ...sets] = name.startsWith('browser') ? ['User-Agent', ...words] : words;
  if (source === undefined) throw configError(place, `${name} needs an expression`);
  const attributeMatch = /[^\w-]/.test(attribute) ? compile(attribute, true) : null;
  return {
    attribute: attribute.toLowerCase(),
    attributeMatch,
    source,
    match: compile(source, ignoreCase),
    sets: readSets(sets, place),
    place,
  };
}

function readSets(words: readonly string[], place: Place): EnvRule['sets'] {
  if (words.length === 0) throw configError(place, 'no variable is set');
  return words.map((word) => {
    if (word.startsWith('!')) return { name: word.slice(1), value: null };
    const equals = word.indexOf('=');
    return equals === -1 ? { name: word, value: '1' } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}
