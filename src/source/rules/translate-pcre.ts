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
export function translatePcre(pattern: string, ignoreCase: boolean): Translated | null {
  if (pattern.length > MAX_LENGTH) return null;
  const leading = pattern.startsWith('(?i)');
  let rest = leading ? pattern.slice('(?i)'.length) : pattern;
  let source = '';
  while (rest !== '') {
    const step = rest.startsWith('[') ? translateClass(rest) : translateOutside(rest);
    if (step === null) return null;
    source += step.source;
    rest = rest.slice(step.length);
  }
  const flags = ignoreCase || leading ? 'i' : '';
  // Without a locale PCRE folds ASCII alone.
  // oxlint-disable-next-line no-control-regex
  if (flags === 'i' && /[^\u0000-\u007f]/.test(pattern)) return null;
  return isValid(source, flags) ? { source, flags } : null;
}

interface Step {
  source: string;
  /** How much of the pattern it took. */
  length: number;
}

function translateOutside(rest: string): Step | null {
  for (const [form, write] of OUTSIDE) {
    const found = form.exec(rest);
    if (found === null) continue;
    const source = write(found);
    return source === null ? null : { source, length: found[0].length };
  }
  return null;
}

/** `[…]`: here a first `]` is itself, and `[:alpha:]` a class of its own. */
function translateClass(rest: string): Step | null {
  const opening = /^\[\^?/.exec(rest)?.[0] ?? '[';
  let source = opening;
  let at = opening.length;
  if (rest[at] === ']') {
    source += String.raw`\]`;
    at += 1;
  }
  while (at < rest.length && rest[at] !== ']') {
    const step = translateInClass(rest.slice(at));
    if (step === null) return null;
    source += step.source;
    at += step.length;
  }
  return at < rest.length ? { source: `${source}]`, length: at + 1 } : null;
}

function translateInClass(rest: string): Step | null {
  const posix = /^\[:(\w+):\]/.exec(rest);
  if (posix !== null) {
    const source = POSIX[posix[1] as string];
    return source === undefined ? null : { source, length: posix[0].length };
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
