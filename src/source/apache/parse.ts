import { AppError } from '../../model/error.ts';
import type { ConfigFile, Place } from '../rules/server-rules.ts';

/** A line or section as it stands in the file: nothing included, no variable replaced, no condition decided. */
export interface ApacheStatement {
  /** Lower case: directives have none. */
  name: string;
  /** What follows the name, without the `>` that ends a section's head. */
  args: string;
  place: Place;
  /** The lines within; null: it is no section. */
  children: ApacheStatement[] | null;
}

/** A line or section that takes part: variables replaced, conditions decided, included files in their place. */
export interface ApacheDirective {
  /** Lower case. */
  name: string;
  words: readonly string[];
  /** What follows the name, as it stands. */
  args: string;
  place: Place;
  children: readonly ApacheDirective[] | null;
}

/** A configuration that Apache would not start with, or that is none. */
export function configError(
  { file, line }: Pick<Place, 'file' | 'line'>,
  message: string,
  hint = 'to see what Apache itself says, run apachectl configtest',
): AppError {
  return new AppError('input', `${file}:${line}: ${message}`, { hint });
}

const SPACE = /\s/;

/**
 * Words as `ap_getword_conf` takes them: in either quotes, where a backslash keeps the quote and itself; else up to a
 * space.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (let rest = text.trimStart(); rest !== '';) {
    const [word, length] = takeWord(rest);
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

/** The first word and how much of the text it took. The text does not begin with a space. */
export function takeWord(text: string): [word: string, length: number] {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const end = text.search(SPACE);
    const word = end === -1 ? text : text.slice(0, end);
    return [word.replaceAll('\\\\', '\\'), word.length];
  }
  let word = '';
  let at = 1;
  for (; at < text.length && text[at] !== quote; at += 1) {
    const next = text[at + 1];
    if (text[at] === '\\' && (next === quote || next === '\\')) at += 1;
    word += text[at];
  }
  return [word, Math.min(at + 1, text.length)];
}

interface LogicalLine {
  file: string;
  /** Of the first line of it, from 1. */
  line: number;
  /** Without surrounding space, never empty, never a comment. */
  text: string;
}

/** What `apachectl -t -D DUMP_CONFIG` writes before the lines of each file, and before each line. */
const DUMPED_FILE = /^# In file: (.+)$/;
const DUMPED_LINE = /^# +(\d+):$/;
/** With `2>&1` what Apache says of the configuration stands among them. */
const SAID = /^(?:AH\d{5}: .*|Syntax OK)$/;

/** Whether the text is what `apachectl -t -D DUMP_CONFIG` wrote: included files in their place, conditions decided. */
export function isApacheDump(text: string): boolean {
  const first = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !SAID.test(line));
  return first !== undefined && DUMPED_FILE.test(first);
}

/** Apache allows 16 MiB; nobody writes that. */
const MAX_LENGTH = 256 * 1024;

/**
 * The lines of a file: a backslash at the end takes in the next line, also behind a comment, and a comment is one only
 * at the beginning of a line. Throws AppError `input` for a line that is too long.
 */
function readLogicalLines({ file, text }: ConfigFile): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let length = 0;
  let first = 1;
  const dumped = isApacheDump(text) ? { file, line: 1 } : null;
  const end = (): void => {
    const whole = parts.join('').trim();
    if (dumped !== null) {
      dumped.file = DUMPED_FILE.exec(whole)?.[1] ?? dumped.file;
      dumped.line = Number(DUMPED_LINE.exec(whole)?.[1] ?? dumped.line);
    }
    const isSaid = dumped !== null && SAID.test(whole);
    if (whole !== '' && !whole.startsWith('#') && !isSaid) lines.push({ file, line: first, ...dumped, text: whole });
    parts = [];
    length = 0;
  };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (parts.length === 0) first = index + 1;
    const physical = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const continues = physical.endsWith('\\');
    parts.push(continues ? physical.slice(0, -1) : physical);
    length += physical.length;
    if (length > MAX_LENGTH) throw configError({ file, line: first }, `a line of more than ${MAX_LENGTH} characters`);
    if (!continues) end();
  }
  end();
  return lines;
}

const MAX_DEPTH = 100;
const MAX_TEXT = 200;

/** Throws AppError `input` with file and line when sections do not close as they open. */
export function parseApacheConfig(config: ConfigFile): ApacheStatement[] {
  const top: ApacheStatement[] = [];
  const open: (ApacheStatement & { children: ApacheStatement[] })[] = [];
  for (const { file, line, text } of readLogicalLines(config)) {
    const place = { file, line, text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text };
    if (text.startsWith('</')) {
      closeSection(text, place, open.pop());
      continue;
    }
    const statement = readStatement(text, place);
    (open.at(-1)?.children ?? top).push(statement);
    if (statement.children === null) continue;
    if (open.length === MAX_DEPTH) throw configError(place, `sections are nested more than ${MAX_DEPTH} deep`);
    open.push(statement as ApacheStatement & { children: ApacheStatement[] });
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw configError(unclosed.place, `<${unclosed.name}> is not closed`);
  return top;
}

function readStatement(text: string, place: Place): ApacheStatement {
  if (text.startsWith('<')) return readHead(text, place);
  const [name, length] = takeWord(text);
  return { name: name.toLowerCase(), args: text.slice(length).trim(), place, children: null };
}

function readHead(text: string, place: Place): ApacheStatement {
  const end = text.lastIndexOf('>');
  const name = /^<([^\s>]+)/.exec(text)?.[1];
  if (name === undefined) throw configError(place, 'a section needs a name behind <');
  if (end === -1) throw configError(place, `<${name} is missing its closing >`);
  return { name: name.toLowerCase(), args: text.slice(name.length + 1, end).trim(), place, children: [] };
}

function closeSection(text: string, place: Place, section: ApacheStatement | undefined): void {
  const name = /^<\/([^\s>]*)>$/.exec(text)?.[1];
  if (name === undefined) throw configError(place, `${text.slice(0, 40)} is not the end of a section`);
  if (section === undefined) throw configError(place, `</${name}> closes no section`);
  if (name.toLowerCase() !== section.name)
    throw configError(place, `</${name}> where </${section.name}> of line ${section.place.line} is expected`);
}
