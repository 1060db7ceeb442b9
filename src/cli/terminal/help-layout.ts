import { displayWidth, fillLines, padLine } from './display-width.ts';
import { inOwnName } from './program-name.ts';

// Texts get the name that this program was called by before they are broken: it may be longer.

/** Terms up to this wide get their texts in one column. */
const MOST_TERM = 24;
/** Narrower texts beside their terms would be a column of single words. */
const LEAST_BESIDE = 40;

/** Lines of at most `width` columns, each behind `indent`; a longer word stands alone. */
export function wrapWords(text: string, width: number, indent = ''): string[] {
  return fillLines(inOwnName(text).split(/[ \n]+/), width, [indent, indent]);
}

export type Term = readonly [term: string, text: string];

/** How wide the column of the terms gets; a longer one has a line of its own. */
export const termColumn = (rows: readonly Term[]): number =>
  Math.max(0, ...rows.map(([term]) => displayWidth(term)).filter((width) => width <= MOST_TERM));

/** Terms with their texts beside them, or below where the width is too small for that. */
export function layOutTerms(rows: readonly Term[], width: number, column = termColumn(rows)): string[] {
  const beside = ' '.repeat(column + 4);
  const isBeside = width - beside.length >= LEAST_BESIDE;
  return rows.flatMap(([term, text]) => {
    if (text === '') return [`  ${term}`];
    const lines = wrapWords(text, width, isBeside ? beside : ' '.repeat(6));
    if (!isBeside || displayWidth(term) > column) return [`  ${term}`, ...lines];
    return [padLine(`  ${term}`, beside.length) + (lines[0] ?? '').slice(beside.length), ...lines.slice(1)];
  });
}

const WORD = /(?:'[^']*'|"[^"]*"|[^\s'"])+/.source;
/** A flag with its value, or a word. */
const UNIT = new RegExp(`--?[a-z][\\w-]* (?!-)${WORD}|${WORD}`, 'g');

/** A command line that a shell takes as it is printed: broken between its words, never inside quotes. */
export function layOutCommand(line: string, width: number): string[] {
  // Of a line that is broken: indented, and with a backslash behind it.
  const room = width - 6;
  const words = (inOwnName(line).match(UNIT) ?? []).flatMap((unit) =>
    displayWidth(unit) > room ? (unit.match(new RegExp(WORD, 'g')) ?? []) : [unit],
  );
  // Room for the backslash behind it.
  const lines = fillLines(words, width - 2, ['  ', '    ']);
  return lines.map((one, index) => (index < lines.length - 1 ? `${one} \\` : one));
}
