import type { CompilePcre, MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { configError, type ApacheDirective } from './parse.ts';

/** What a path has to begin with, or the expression it has to match. */
export type Prefix =
  | { kind: 'prefix'; text: string }
  | { kind: 'regex'; text: string; match: MatchText | null }
  | { kind: 'section' };

export interface Alias {
  prefix: Prefix;
  target: string;
  place: Place;
}

export interface ProxyPass {
  prefix: Prefix;
  /** `!`: this path is not proxied. */
  target: string;
  /** It is matched before the path is decoded. */
  isEncoded: boolean;
  place: Place;
}

export interface Redirect {
  prefix: Prefix;
  status: number;
  place: Place;
}

const readPrefix = (text: string, isRegex: boolean, compile: CompilePcre): Prefix =>
  isRegex ? { kind: 'regex', text, match: compile(text, false) } : { kind: 'prefix', text };

/** Alias, AliasMatch, ScriptAlias, ScriptAliasMatch. `section`: within a <Location>, which is the prefix. */
export function readAlias({ name, words, place }: ApacheDirective, compile: CompilePcre): Alias {
  const [prefix, target] = words;
  if (prefix !== undefined && target === undefined) return { prefix: { kind: 'section' }, target: prefix, place };
  if (prefix === undefined || target === undefined) throw configError(place, `${name} needs a path and a folder`);
  return { prefix: readPrefix(prefix, name.endsWith('match'), compile), target, place };
}

/** ProxyPass and ProxyPassMatch; `section`: the path of the <Location> it stands in. */
export function readProxyPass(
  { name, words, place }: ApacheDirective,
  section: Prefix | null,
  compile: CompilePcre,
): ProxyPass {
  const [prefix, target] = section === null ? [words[0], words[1]] : [null, words[0]];
  if (prefix === undefined || target === undefined)
    throw configError(place, `${name} needs ${section === null ? 'a path and ' : ''}a URL`);
  const isEncoded = words.includes('mapping=encoded') || words.includes('mapping=servlet');
  return {
    prefix: prefix === null ? (section ?? { kind: 'section' }) : readPrefix(prefix, name.endsWith('match'), compile),
    target,
    isEncoded,
    place,
  };
}

const STATUS_NAMES: Readonly<Record<string, number | undefined>> = {
  permanent: 301,
  temp: 302,
  seeother: 303,
  gone: 410,
};

/** Redirect, RedirectMatch, RedirectPermanent, RedirectTemp. Within a section it may leave out the path. */
export function readRedirect(
  { name, words, place }: ApacheDirective,
  isInSection: boolean,
  compile: CompilePcre,
): Redirect {
  const [first = '', ...rest] = words;
  const stated = Object.hasOwn(STATUS_NAMES, first.toLowerCase())
    ? STATUS_NAMES[first.toLowerCase()]
    : /^\d/.test(first)
      ? Number.parseInt(first, 10)
      : undefined;
  const status = stated ?? (name === 'redirectpermanent' ? 301 : 302);
  const paths = stated === undefined ? words : rest;
  const needed = status >= 300 && status < 400 ? 2 : 1;
  if (isInSection && paths.length === needed - 1) return { prefix: { kind: 'section' }, status, place };
  const [path] = paths;
  if (path === undefined || paths.length !== needed)
    throw configError(place, `${name} needs a path${needed === 2 ? ' and a URL' : ' alone for this status'}`);
  return { prefix: readPrefix(path, name === 'redirectmatch', compile), status, place };
}
