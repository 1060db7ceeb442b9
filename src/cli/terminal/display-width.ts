// Columns that a terminal gives to a character: two to those of East Asia and to emoji, none to marks that stand on the
// character before. https://www.unicode.org/reports/tr11/
const WIDE = new RegExp(
  `[${[
    String.raw`\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f`,
    String.raw`\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}`,
  ].join('')}]`,
  'u',
);
const MARK = /^[\p{Mn}\p{Me}\u200b-\u200d]$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** How many columns a line without control characters takes. */
export function displayWidth(line: string): number {
  if (ASCII.test(line)) return line.length;
  let width = 0;
  for (const character of line) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Fills `line` with spaces up to `width` columns. */
export const padLine = (line: string, width: number): string =>
  line + ' '.repeat(Math.max(0, width - displayWidth(line)));

/** The beginning of `line` that fits `width` columns, `…` for the rest. */
export function cutLine(line: string, width: number): string {
  return displayWidth(line) <= width ? line : `${splitAt(line, Math.max(0, width - 1))[0]}…`;
}

/** Both ends of `line` as far as they fit `width` columns, `…` between them. */
export function cutMiddle(line: string, width: number): string {
  if (displayWidth(line) <= width) return line;
  const room = Math.max(0, width - 1);
  const ofEnd = Math.floor(room / 2);
  const end = splitAt(line, displayWidth(line) - ofEnd)[1];
  // A letter of two columns may stand where it is cut.
  const fitting = displayWidth(end) <= ofEnd ? end : splitAt(end, 1)[1];
  return `${splitAt(line, room - ofEnd)[0]}…${fitting}`;
}

/** Lines of at most `width` columns, broken between words; a longer word is broken after a mark, or anywhere. */
export function wrapLine(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(word, width);
    line = pieces.pop() ?? '';
    lines.push(...pieces);
  }
  return [...lines, line];
}

/**
 * Words in lines of at most `width` columns, the first line behind `first`, the others behind `rest`; a longer word
 * stands alone.
 */
export function fillLines(
  words: readonly string[],
  width: number,
  [first, rest]: readonly [first: string, rest: string],
  widthOf = displayWidth,
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (displayWidth(rest) > width) {
    const [whole] = splitAt(rest, width);
    const atMark = whole.slice(0, lastMark(whole));
    const piece = displayWidth(atMark) * 3 > width ? atMark : whole;
    if (piece === rest) break;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

/** Behind the last mark at which an address or a path may be broken. */
const lastMark = (text: string): number => Math.max(...[...'/.,?&=:_-'].map((mark) => text.lastIndexOf(mark))) + 1;

/** At least one character goes into the first part, so that breaking comes to an end. */
function splitAt(line: string, width: number): [string, string] {
  let at = 0;
  let taken = 0;
  for (const character of line) {
    taken += characterWidth(character);
    if (taken > width && at > 0) break;
    at += character.length;
  }
  return [line.slice(0, at), line.slice(at)];
}
