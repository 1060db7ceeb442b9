import type { Ask } from '../rules/open-questions.ts';
import type { CompilePcre, MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';

/**
 * Whether a pattern of `*`, `?` and `[a-z]` is the whole text, as `apr_fnmatch` matches. With `perSegment`
 * (APR_FNM_PATHNAME) none of them takes a slash. Takes time in proportion to pattern × text, whatever they are.
 */
export function matchGlob(pattern: string, text: string, perSegment = true): boolean {
  if (!perSegment) return matchSegment(readParts(pattern), text);
  const patterns = pattern.split('/');
  const segments = text.split('/');
  return (
    patterns.length === segments.length &&
    patterns.every((one, index) => matchSegment(readParts(one), segments[index] ?? ''))
  );
}

const isGlob = (text: string): boolean => /[*?[]/.test(text);

type GlobPart = '*' | ((character: string) => boolean);

function readParts(pattern: string): GlobPart[] {
  const parts: GlobPart[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] as string;
    const set = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else if (set !== null) {
      parts.push(readSet(set[2] ?? '', set[1] !== ''));
      at += set[0].length - 1;
    } else {
      if (character === '\\' && at + 1 < pattern.length) at += 1;
      const exact = pattern[at];
      parts.push((one) => one === exact);
    }
  }
  return parts;
}

function readSet(inner: string, isNegated: boolean): (character: string) => boolean {
  const ranges = [...inner.matchAll(/\\?([^])-\\?([^])|\\?([^])/g)].map(
    ([, from, to, single]) => [from ?? single, to ?? single] as [string, string],
  );
  return (one) => ranges.some(([from, to]) => one >= from && one <= to) !== isNegated;
}

/** Goes back to the last star alone: what an earlier one took does not matter. */
function matchSegment(parts: readonly GlobPart[], text: string): boolean {
  let at = 0;
  let part = 0;
  let star = -1;
  let afterStar = 0;
  while (at < text.length) {
    const one = parts[part];
    if (one === '*') {
      star = part;
      part += 1;
      afterStar = at;
    } else if (one !== undefined && one(text[at] as string)) {
      part += 1;
      at += 1;
    } else if (star !== -1) {
      afterStar += 1;
      at = afterStar;
      part = star + 1;
    } else return false;
  }
  return parts.slice(part).every((one) => one === '*');
}

/** What a section or a mapping is for: a text, a pattern with wildcards, or an expression. */
export type Pattern =
  | { kind: 'text'; text: string }
  | { kind: 'glob'; text: string }
  | { kind: 'regex'; text: string; match: MatchText | null };

export function readPattern(text: string, isRegex: boolean, compile: CompilePcre): Pattern {
  if (isRegex) return { kind: 'regex', text, match: compile(text, false) };
  return { kind: isGlob(text) ? 'glob' : 'text', text };
}

const assumed = new WeakSet<readonly string[]>();

/** Whether a text names a group (`$1`, `%1`) of an expression that is only assumed to match: it is not known then. */
export const namesAssumed = (text: string, mark: '$' | '%', groups: readonly string[]): boolean =>
  assumed.has(groups) && (mark === '$' ? /\$[1-9]/ : /%[1-9]/).test(text);

/** What an expression took, the whole first; null when it does not match. Asks when that cannot be told. */
export function findGroups(
  match: MatchText | null,
  source: string,
  subject: string,
  place: Place,
  ask: Ask,
): readonly string[] | null {
  const found = match?.(subject);
  if (found === undefined) {
    if (!ask(place, `whether the expression ${source} matches ${subject}`)) return null;
    const groups = [subject];
    assumed.add(groups);
    return groups;
  }
  return found === null ? null : found.groups.map((group) => group ?? '');
}

/** `<Location>`: the path itself and everything below it, unless the text ends with a slash already. */
export function coversPath(pattern: Pattern, path: string, place: Place, ask: Ask): boolean {
  if (pattern.kind === 'regex') return findGroups(pattern.match, pattern.text, path, place, ask) !== null;
  if (pattern.kind === 'glob') return matchGlob(pattern.text, path);
  return (
    path.startsWith(pattern.text) &&
    (pattern.text.endsWith('/') || ['/', undefined].includes(path[pattern.text.length]))
  );
}

/** `<Files>`: the whole name. */
export function isName(pattern: Pattern, name: string, place: Place, ask: Ask): boolean {
  if (pattern.kind === 'regex') return findGroups(pattern.match, pattern.text, name, place, ask) !== null;
  return pattern.kind === 'glob' ? matchGlob(pattern.text, name) : pattern.text === name;
}

/**
 * How much of the path a prefix of Alias, Redirect or ProxyPass takes, 0 for none: any number of slashes stands for any
 * other, and it ends where a segment ends.
 */
export function prefixLength(prefix: string, path: string): number {
  let at = 0;
  for (let index = 0; index < prefix.length;) {
    if (prefix[index] !== '/') {
      if (path[at] !== prefix[index]) return 0;
      at += 1;
      index += 1;
      continue;
    }
    if (path[at] !== '/') return 0;
    while (prefix[index] === '/') index += 1;
    while (path[at] === '/') at += 1;
  }
  return prefix.endsWith('/') || at === path.length || path[at] === '/' ? at : 0;
}
