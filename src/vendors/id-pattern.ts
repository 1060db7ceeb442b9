/** A literal text, or some letters and how many of them follow each other. */
export type PatternPiece = string | { letters: string; count: number };

/** Longer is no id. */
const MAX_LENGTH = 500;

/** A literal, or a class with its count. A bracket is written as a class of its own: `[[]`. */
const PIECES = /([ -Z\\^-~]+)|\[([ -\\^-~]+)\](?:\{(\d{1,3})\})?/y;
const LETTERS = /([ -~])-([ -~])|([ -~])/g;

/**
 * Reads `msg_[a-zA-Z0-9]{27}`: literal text, and classes of letters with their count. It is no regular expression, so
 * that a stranger's file can hold none that takes for ever. Null for what is none, and for one that always makes the
 * same text, or no text to speak of.
 */
export function parseIdPattern(text: string): readonly PatternPiece[] | null {
  const pieces: PatternPiece[] = [];
  let length = 0;
  let at = 0;
  while (at < text.length) {
    PIECES.lastIndex = at;
    const found = PIECES.exec(text);
    if (found === null) return null;
    const [whole, literal, inBrackets = '', count = '1'] = found;
    const piece = literal ?? { letters: lettersIn(inBrackets), count: Number(count) };
    if (typeof piece !== 'string' && piece.letters === '') return null;
    length += typeof piece === 'string' ? piece.length : piece.count;
    pieces.push(piece);
    at += whole.length;
  }
  const varies = pieces.some((piece) => typeof piece !== 'string' && piece.letters.length > 1 && piece.count > 0);
  return varies && length <= MAX_LENGTH ? pieces : null;
}

/** Each once, in their order; nothing where a range runs backwards. */
function lettersIn(inBrackets: string): string {
  const letters = new Set<string>();
  for (const [, from, to, single] of inBrackets.matchAll(LETTERS)) {
    const [first, last] = [single ?? from ?? '', single ?? to ?? ''].map((letter) => letter.charCodeAt(0)) as [
      number,
      number,
    ];
    if (last < first) return '';
    for (let code = first; code <= last; code++) letters.add(String.fromCharCode(code));
  }
  return [...letters].join('');
}

/** How all texts of the pattern begin, where that is a prefix such as `msg_`; null where it says nothing. */
export function patternPrefix(pieces: readonly PatternPiece[]): string | null {
  const [first] = pieces;
  return (typeof first === 'string' && /^[a-zA-Z]+[_-]/.exec(first)?.[0]) || null;
}
