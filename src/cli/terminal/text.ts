import { stripVTControlCharacters } from 'node:util';
import { INVISIBLE } from '../../model/json.ts';
import { displayWidth, fillLines, wrapLine } from './display-width.ts';
import { screenOf, type Screen } from './stdio.ts';

export { formatDuration } from '../../model/wording.ts';

// C0 and C1 controls except newline and tab, and the marks that reorder text (bidirectional overrides):
// an endpoint's answer must not be able to move the cursor, retitle the window or disguise a line.
const UNSAFE = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${INVISIBLE}]`, 'g');

// What the log of a GitHub job takes for a command, whoever wrote it: `##[name]` anywhere (any `##[` will do), `::name`
// at the beginning of a line, after white space too, and where a line is wrapped. An address such as `::1` or
// `::ffff:a` is none. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
const WORKFLOW_COMMAND = /#(?=#\[)|(?<=^|\s):(?=:[\w-]*[g-z_-])/gim;

/** Text from outside, made safe to show on a terminal and in a log. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, '\ufffd').replace(WORKFLOW_COMMAND, '$& ');
}

/** The same on one line: for tables and messages. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s*[\n\t]\s*/g, ' ');
}

/** Columns of a terminal. Undefined: it is none, or one that does not know its width, as those of some runners. */
export function columnsOf(stream: Screen): number | undefined {
  return stream.columns || undefined;
}

/** As wide as a help text gets, on a terminal and elsewhere. */
export function textWidth(stream: Screen = screenOf(1)): number {
  return Math.min(columnsOf(stream) ?? 100, 100);
}

/**
 * Lines of at most `textWidth()` columns, the first behind `prefix`, the others indented by its length; a longer word
 * stands alone, on a terminal broken by our rules and not anywhere.
 */
export function wrapText(text: string, prefix: string, stream: Screen = screenOf(1)): string[] {
  const width = textWidth(stream);
  const prefixWidth = shownWidth(prefix);
  if (columnsOf(stream) !== undefined && width - prefixWidth < LEAST_ROOM && prefix.trim() !== '') {
    const above = wrapLine(prefix.trimEnd(), Math.max(width - UNDER.length, 1));
    return [...above.map((one, index) => (index === 0 ? one : UNDER + one)), ...wrapText(text, UNDER, stream)];
  }
  const indent = ' '.repeat(prefixWidth);
  const breakLong = (word: string): string[] =>
    columnsOf(stream) === undefined || shownWidth(word) <= width - prefixWidth
      ? [word]
      : wrapLine(word, Math.max(width - prefixWidth, 1));
  // A tag stays with the word before it.
  const words = text.split(/ (?! |\()/).flatMap(breakLong);
  return fillLines(words, width, [prefix, indent], shownWidth);
}

/** Behind a prefix that leaves less, there is no text but a column of words: then it stands below. */
const LEAST_ROOM = 12;
const UNDER = '    ';

/** Of text that may be coloured. */
const shownWidth = (text: string): number => displayWidth(stripVTControlCharacters(text));

/** A command to paste stays on one line, whatever its length: broken, it would be another command. */
const COMMAND = /^(next|more): /;
/** What follows is indented by it. */
const LABEL = /^ *(error: |warning: |\S+(?: \S+)? {2,})?/;

/** Each line within the width of a terminal. In a pipe they stay as they are, for grep. */
export function fitLines(text: string, stream: Screen): string {
  const columns = columnsOf(stream);
  if (columns === undefined) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      if (shownWidth(line) <= columns || COMMAND.test(line)) return line;
      const [label = ''] = LABEL.exec(line) ?? [];
      return wrapText(line.slice(label.length), label, stream);
    })
    .join('\n');
}

/**
 * JSON text on several lines, as far as `maxLines`. Only white space between values changes: numbers, escapes and
 * doubled keys stay as they came. Text that is no JSON is laid out all the same, and never makes this fail.
 */
export function indentJson(text: string, maxLines: number): { lines: string[]; isWhole: boolean } {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  const breakLine = (): void => {
    lines.push(line);
    line = '  '.repeat(Math.min(depth, MAX_INDENT));
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (lines.length >= maxLines) return { lines, isWhole: false };
    if (token === '{' || token === '[') {
      line += token;
      depth += 1;
      breakLine();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      breakLine();
      line += token;
    } else if (token === ',') {
      line += token;
      breakLine();
    } else line += EMPTY.test(token) ? token.replace(/\s/g, '') : token === ':' ? ': ' : token;
  }
  if (line.trim() !== '') lines.push(line);
  return { lines, isWhole: true };
}

/** An empty object or array, a bracket, a string, or a run of anything else; white space in between is left out. */
const TOKEN = /\{\s*\}|\[\s*\]|[{}[\],:]|"(?:[^"\\]|\\.)*"?|[^\s{}[\],:"]+/gs;
const EMPTY = /^[{[]\s*[}\]]$/;
const MAX_INDENT = 20;

/** Milliseconds as a document prints them: two digits after the point. */
export const roundMs = (ms: number): number => Math.round(ms * 100) / 100;

const MAX_NAMED = 3;

/** The first few of what may be a thousand files: `a.pem, b.pem, c.pem and 7 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}
