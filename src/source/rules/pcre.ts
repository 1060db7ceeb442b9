import { makeLimitedScript } from '../../model/limited-script.ts';

/** A match: the whole, what each group took (null: nothing), and what the named ones took. */
export interface Match {
  groups: readonly (string | null)[];
  named: Readonly<Record<string, string>>;
}

/** Null: no match. Undefined: it took too long to find out. */
export type MatchText = (text: string) => Match | null | undefined;

/** Null for an expression that JavaScript's engine would read differently, or not at all. */
export type CompilePcre = (pattern: string, ignoreCase: boolean) => MatchText | null;

/** CPU time for all expressions of one configuration together, in ms. */
const ALL_CPU_MS = 2000;

const MATCH = `(() => {
  const found = new RegExp(source, flags).exec(text);
  return found === null ? null : JSON.stringify([[...found], { ...found.groups }]);
})()`;

/**
 * Runs Perl-compatible expressions of a configuration that we did not write, over bytes (one character each).
 * JavaScript's engine backtracks as PCRE does, and `(a+)+$` can take for ever, so each has a limit.
 */
export function makePcre(): CompilePcre {
  const script = makeLimitedScript(MATCH, ALL_CPU_MS);
  const run = ({ source, flags }: Translated, text: string): Match | null | undefined => {
    const found = script({ source, flags, text }) as string | null | undefined;
    return found === undefined ? undefined : readMatch(found);
  };
  return (pattern, ignoreCase) => {
    const translated = translatePcre(pattern, ignoreCase);
    if (translated === null) return null;
    if (isPlain(pattern)) return makeMatchPlain(translated);
    const known = new Map<string, Match | null | undefined>();
    return (text) => {
      if (!known.has(text)) known.set(text, run(translated, text));
      return known.get(text);
    };
  };
}

/**
 * Without repetitions and alternatives there is nothing to go back to, so it cannot take long. Lists of addresses are
 * written so, thousands of lines of them, and a context with a time limit takes a while to enter.
 */
const isPlain = (pattern: string): boolean => !/[*+?{(|]/.test(pattern);

function makeMatchPlain({ source, flags }: Translated): MatchText {
  const expression = new RegExp(source, flags);
  return (text) => {
    const found = expression.exec(text);
    return found === null ? null : { groups: [...found], named: {} };
  };
}

function readMatch(found: string | null): Match | null {
  if (found === null) return null;
  const [groups, named] = JSON.parse(found) as [(string | null)[], Record<string, string>];
  return { groups, named };
}

/** An expression as JavaScript writes it, for strings of bytes. */
export interface Translated {
  source: string;
  flags: string;
}

const MAX_LENGTH = 4096;
/** The end of the text, or before the line break that ends it: what `$` means to PCRE. */
const AT_END = String.raw`(?=\n?(?![^]))`;
const POSIX: Record<string, string> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: String.raw`\t-\r `,
  xdigit: '0-9A-Fa-f',
  word: String.raw`\w`,
  blank: String.raw` \t`,
  punct: String.raw`!-\/:-@\[-\x60{-~`,
};

/** What stands at the beginning of the rest, and what it becomes; null: JavaScript has no such thing. */
const OUTSIDE: readonly (readonly [RegExp, (match: RegExpExecArray) => string | null])[] = [
  // Possessive quantifiers, before the greedy ones.
  [/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/, () => null],
  [/^\\[AzZ]/, ([found]) => ({ A: '(?<![^])', z: '(?![^])', Z: AT_END })[found[1] as 'A'] ?? null],
  // JavaScript's \s takes U+00A0, too, which is one byte of a longer character here.
  [/^\\[sS]/, ([found]) => (found === String.raw`\s` ? String.raw`[\t-\r ]` : String.raw`[^\t-\r ]`)],
  [/^\\(?:[dDwWbBnrtf1-9]|x[0-9A-Fa-f]{2}|k<\w+>|[^a-zA-Z0-9])/, ([found]) => found],
  [/^\\/, () => null],
  [/^\(\?P?<([A-Za-z_]\w*)>/, ([, name]) => `(?<${name}>`],
  [/^\(\?'([A-Za-z_]\w*)'/, ([, name]) => `(?<${name}>`],
  [/^\(\?(?::|=|!|<=|<!)/, ([found]) => found],
  [/^\(\?#[^)]*\)/, () => ''],
  [/^\((?:\?|\*)/, () => null],
  [/^\$/, () => AT_END],
  [/^\^/, () => '(?<![^])'],
  [/^\./, () => String.raw`[^\n]`],
  // A lone brace is itself to both.
  [/^[^]/, ([found]) => found],
];

/** Null when the expression means another thing to JavaScript, cannot be written there, or is wrong. */
function translatePcre(pattern: string, ignoreCase: boolean): Translated | null {
  if (pattern.length > MAX_LENGTH) return null;
  const leading = pattern.startsWith('(?i)');
  let rest = leading ? pattern.slice('(?i)'.length) : pattern;
  let source = '';
  while (rest !== '') {
    const part = rest.startsWith('[') ? translateClass(rest) : translateOutside(rest);
    if (part === null) return null;
    source += part.source;
    rest = rest.slice(part.length);
  }
  const flags = ignoreCase || leading ? 'i' : '';
  // Without a locale PCRE folds ASCII alone.
  // oxlint-disable-next-line no-control-regex
  if (flags === 'i' && /[^\u0000-\u007f]/.test(pattern)) return null;
  return isValid(source, flags) ? { source, flags } : null;
}

interface TranslatedPart {
  source: string;
  /** How much of the pattern it took. */
  length: number;
}

function translateOutside(rest: string): TranslatedPart | null {
  for (const [form, write] of OUTSIDE) {
    const found = form.exec(rest);
    if (found === null) continue;
    const source = write(found);
    return source === null ? null : { source, length: found[0].length };
  }
  return null;
}

/** `[…]`: here a first `]` is itself, and `[:alpha:]` a class of its own. */
function translateClass(rest: string): TranslatedPart | null {
  const opening = /^\[\^?/.exec(rest)?.[0] ?? '[';
  let source = opening;
  let at = opening.length;
  if (rest[at] === ']') {
    source += String.raw`\]`;
    at += 1;
  }
  while (at < rest.length && rest[at] !== ']') {
    const part = translateInClass(rest.slice(at));
    if (part === null) return null;
    source += part.source;
    at += part.length;
  }
  return at < rest.length ? { source: `${source}]`, length: at + 1 } : null;
}

function translateInClass(rest: string): TranslatedPart | null {
  const posix = /^\[:(\w+):\]/.exec(rest);
  if (posix !== null) {
    const [whole, name = ''] = posix;
    const source = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
    return source === undefined ? null : { source, length: whole.length };
  }
  if (rest.startsWith(String.raw`\s`)) return { source: String.raw`\t-\r `, length: 2 };
  const escaped = /^\\(?:[dDwWnrtfb]|x[0-9A-Fa-f]{2}|[^a-zA-Z0-9])/.exec(rest)?.[0];
  if (escaped !== undefined) return { source: escaped, length: escaped.length };
  if (rest.startsWith('\\') || /^\[[.=:]/.test(rest)) return null;
  return { source: rest[0] === '[' ? String.raw`\[` : (rest[0] as string), length: 1 };
}

function isValid(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** What PCRE has beside JavaScript, or reads otherwise: of such an expression nothing is said. */
const BESIDE_JS = /\(\?(?![:=!])|\(\*|\[\[?:|\\[A-Zghkopxz]|[*+?}]\+|\[\]|\[\^\]/;

/** Whether neither PCRE nor anybody else can compile it: a bracket is missing, or nothing stands before a `*`. */
export function isBrokenExpression(pattern: string): boolean {
  if (BESIDE_JS.test(pattern)) return false;
  try {
    return new RegExp(pattern).source === '';
  } catch {
    return true;
  }
}
