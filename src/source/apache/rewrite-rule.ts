import type { CompilePcre, MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { configError, type ApacheDirective, takeWord } from './parse.ts';

export interface RewriteRule {
  conditions: readonly RewriteCondition[];
  isNegated: boolean;
  source: string;
  match: MatchText | null;
  substitution: string;
  flags: ReadonlyMap<string, string>;
  place: Place;
}

export interface RewriteCondition {
  subject: string;
  isNegated: boolean;
  /** What it is compared with, behind the `!`. */
  pattern: string;
  match: MatchText | null;
  ignoreCase: boolean;
  /** One of this and the following ones will do. */
  isOr: boolean;
  place: Place;
}

export function readRewriteCondition({ words, place }: ApacheDirective, compile: CompilePcre): RewriteCondition {
  const [subject, pattern, flags = ''] = words;
  if (subject === undefined || pattern === undefined)
    throw configError(place, 'RewriteCond needs a text and a pattern');
  const read = readFlags(flags, place);
  const isNegated = pattern.startsWith('!');
  const bare = isNegated ? pattern.slice(1) : pattern;
  const ignoreCase = read.has('nc');
  return {
    subject,
    isNegated,
    pattern: bare,
    match: compile(bare, ignoreCase),
    ignoreCase,
    isOr: read.has('or'),
    place,
  };
}

export function readRewriteRule(
  { words, place }: ApacheDirective,
  conditions: readonly RewriteCondition[],
  compile: CompilePcre,
): RewriteRule {
  const [pattern, substitution, flags = ''] = words;
  if (pattern === undefined || substitution === undefined)
    throw configError(place, 'RewriteRule needs a pattern and a substitution');
  const read = readFlags(flags, place);
  const isNegated = pattern.startsWith('!');
  const source = isNegated ? pattern.slice(1) : pattern;
  return { conditions, isNegated, source, match: compile(source, read.has('nc')), substitution, flags: read, place };
}

const LONG_NAMES: Readonly<Record<string, string | undefined>> = {
  forbidden: 'f',
  gone: 'g',
  redirect: 'r',
  last: 'l',
  nocase: 'nc',
  ornext: 'or',
  proxy: 'p',
  passthrough: 'pt',
  env: 'e',
  chain: 'c',
  skip: 's',
  next: 'n',
  type: 't',
  handler: 'h',
  nosubreq: 'ns',
  qsappend: 'qsa',
  noescape: 'ne',
  cookie: 'co',
  qsdiscard: 'qsd',
};

/** `[R=301,L]`, names in lower case and short. A value may hold a comma in quotes; that is rare enough to be left. */
function readFlags(text: string, place: Place): Map<string, string> {
  if (text === '') return new Map();
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  if (inner === undefined) throw configError(place, `bad flag delimiters: ${text}`);
  return new Map(
    inner.split(',').map((flag) => {
      const [, name = '', value = ''] = /^\s*([^=]*)=?(.*?)\s*$/.exec(flag) ?? [];
      const short = name.trim().toLowerCase();
      return [(Object.hasOwn(LONG_NAMES, short) ? LONG_NAMES[short] : undefined) ?? short, takeWord(value)[0]];
    }),
  );
}
