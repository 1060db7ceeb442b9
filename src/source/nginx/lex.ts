import { AppError } from '../../model/error.ts';

/** Where reading stands in one file. Bytes, as nginx reads them: one character each. */
export interface Cursor {
  file: string;
  bytes: string;
  at: number;
  /** From 1. */
  line: number;
}

/** `brokenAt`: the line behind whose end its words go on; null: they stand on one. */
export type NginxStatement =
  | { end: 'simple' | 'block'; words: readonly string[]; line: number; text: string; brokenAt: number | null }
  | { end: 'close'; line: number }
  | { end: 'file' };

/** NGX_CONF_BUFFER: nginx takes no longer word. */
const MAX_WORD = 4096;
const MAX_SHOWN = 200;
const SPACE = ' \t\r\n';

/** UTF-8 as nginx sees it. Its configuration knows bytes alone, and so do its expressions. */
export const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const fromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

export function syntaxError(
  file: string,
  line: number,
  message: string,
  hint = 'nginx -t says the same where it reads this file',
): AppError {
  return new AppError('input', `${file}:${line}: ${message}`, { hint });
}

/**
 * The next statement: words up to `;` or `{`, a `}`, or the end of the file. Word for word as ngx_conf_read_token reads
 * it: https://github.com/nginx/nginx/blob/release-1.22.1/src/core/ngx_conf_file.c#L503
 */
export function readStatement(cursor: Cursor): NginxStatement {
  const words: string[] = [];
  let began = -1;
  let line = cursor.line;
  let lastLine = line;
  let brokenAt: number | null = null;
  for (;;) {
    skipBlank(cursor);
    const char = cursor.bytes[cursor.at];
    if (char === undefined) {
      if (words.length > 0) throw fail(cursor, 'unexpected end of file, expecting ";" or "}"');
      return { end: 'file' };
    }
    if (words.length === 0) {
      began = cursor.at;
      line = cursor.line;
    } else if (brokenAt === null && cursor.line > lastLine && char !== ';' && char !== '{') brokenAt = lastLine;
    if (char === ';' || char === '{') {
      if (words.length === 0) throw fail(cursor, `unexpected "${char}"`);
      cursor.at += 1;
      return {
        end: char === ';' ? 'simple' : 'block',
        words,
        line,
        text: onOneLine(cursor.bytes.slice(began, cursor.at - 1)),
        brokenAt,
      };
    }
    if (char === '}') {
      if (words.length > 0) throw fail(cursor, 'unexpected "}"');
      cursor.at += 1;
      return { end: 'close', line: cursor.line };
    }
    words.push(readWord(cursor, char));
    lastLine = cursor.line;
  }
}

function skipBlank(cursor: Cursor): void {
  for (; cursor.at < cursor.bytes.length; cursor.at += 1) {
    const char = cursor.bytes[cursor.at] as string;
    if (char === '#') {
      const end = cursor.bytes.indexOf('\n', cursor.at);
      cursor.at = end === -1 ? cursor.bytes.length : end;
      if (end === -1) return;
    } else if (!SPACE.includes(char)) return;
    if (cursor.bytes[cursor.at] === '\n') cursor.line += 1;
  }
}

function readWord(cursor: Cursor, first: string): string {
  return first === '"' || first === "'" ? readQuoted(cursor, first) : readPlain(cursor);
}

function readQuoted(cursor: Cursor, quote: string): string {
  const { line } = cursor;
  const start = cursor.at + 1;
  const end = findWordEnd(cursor, start, (char) => char === quote);
  if (end === -1) throw syntaxError(cursor.file, line, `a ${quote} is never closed`);
  const word = cutWord(cursor, start, end, line);
  cursor.at = end + 1;
  const next = cursor.bytes[cursor.at];
  // Behind a quote nginx wants a separator; `)` begins a word of its own, so that `if ($a = "b")` can be written.
  if (next !== undefined && !`${SPACE};{)`.includes(next))
    throw fail(cursor, `unexpected "${next}" after a closing quote`);
  return word;
}

function readPlain(cursor: Cursor): string {
  const { at: start, line } = cursor;
  const end = findWordEnd(cursor, start, (char) => SPACE.includes(char) || char === ';' || char === '{');
  if (end === -1) throw syntaxError(cursor.file, line, 'unexpected end of file, expecting ";" or "}"');
  cursor.at = end;
  return cutWord(cursor, start, end, line);
}

/** Where the word ends; -1 when the file ends first. A backslash guards the next character, `$` a `{` behind it. */
function findWordEnd(cursor: Cursor, start: number, isEnd: (char: string) => boolean): number {
  const { bytes } = cursor;
  let variable = false;
  for (let at = start; at < bytes.length; at += 1) {
    const char = bytes[at] as string;
    if (char === '{' && variable) continue;
    variable = char === '$';
    if (char === '\\') at += 1;
    else if (isEnd(char)) return at;
    if (bytes[at] === '\n') cursor.line += 1;
  }
  return -1;
}

function cutWord(cursor: Cursor, start: number, end: number, line: number): string {
  if (end - start > MAX_WORD) throw syntaxError(cursor.file, line, `too long parameter: nginx takes ${MAX_WORD} bytes`);
  return cursor.bytes.slice(start, end).replaceAll(/\\(["'\\trn])/g, (_, char: string) => ESCAPED[char] ?? char);
}

const ESCAPED: Record<string, string> = { t: '\t', r: '\r', n: '\n' };

const onOneLine = (bytes: string): string => {
  const text = fromBytes(bytes.slice(0, 4 * MAX_SHOWN))
    .replaceAll(/#[^\n]*\n/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
};

const fail = (cursor: Cursor, message: string): AppError => syntaxError(cursor.file, cursor.line, message);

/**
 * What in Lua may hold a brace that closes nothing: comments, what opens a string, short or long; and the braces
 * themselves.
 */
const LUA = /(?:--)?\[(=*)\[|--[^\n]*|["'{}]/g;

export const isLuaBlock = (name: string): boolean => name.endsWith('_by_lua_block');

/** Steps over the Lua behind `… _by_lua_block {`, whose braces and quotes are Lua's own. */
export function skipLua(cursor: Cursor): void {
  const end = findLuaEnd(cursor.bytes, cursor.at);
  if (end === null) throw syntaxError(cursor.file, cursor.line, 'a block of Lua is never closed by "}"');
  cursor.line += cursor.bytes.slice(cursor.at, end).split('\n').length - 1;
  cursor.at = end;
}

function findLuaEnd(bytes: string, start: number): number | null {
  let depth = 1;
  LUA.lastIndex = start;
  while (depth > 0) {
    const found = LUA.exec(bytes);
    if (found === null) return null;
    const [text, level] = found;
    if (text === '{') depth += 1;
    else if (text === '}') depth -= 1;
    else if (text === '"' || text === "'") LUA.lastIndex = findStringEnd(bytes, LUA.lastIndex, text) ?? LUA.lastIndex;
    else if (level !== undefined) {
      const close = bytes.indexOf(`]${level}]`, LUA.lastIndex);
      if (close === -1) return null;
      LUA.lastIndex = close + level.length + 2;
    }
  }
  return LUA.lastIndex;
}

/** Behind the quote that ends a string of Lua; null where its line ends first. */
function findStringEnd(bytes: string, start: number, quote: string): number | null {
  for (let at = start; at < bytes.length && bytes[at] !== '\n'; at += 1) {
    if (bytes[at] === quote) return at + 1;
    if (bytes[at] === '\\') at += 1;
  }
  return null;
}
