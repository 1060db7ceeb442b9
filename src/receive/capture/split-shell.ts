import { unclosed, isOperator, type ShellText } from './shell-word.ts';
import { WordWriter } from './word-writer.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const DOLLAR = 0x24;
const SINGLE_QUOTE = 0x27;
const OPEN_PARENTHESIS = 0x28;
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;
const OPEN_BRACE = 0x7b;

/** Those of more characters first: the longest that fits is meant. */
const OPERATOR = /^(?:<<<|<<-|&>>|<<|>>|<&|>&|>\||<>|&&|&>|\|\||\|&|;;|[;&|<>()])/;
const SPECIAL = new Set(Buffer.from('\t\n\r "#$\'\\`;&|<>()'));

interface Reader {
  bytes: Buffer;
  at: number;
  words: WordWriter;
}

/**
 * Splits command lines as a POSIX shell does, with the `$'…'` of bash
 * (https://www.gnu.org/software/bash/manual/bash.html, "Quoting"). Nothing is run and no variable is read: what would
 * come from there is `unknown`. Throws AppError `input`.
 */
export function splitShell(bytes: Buffer): ShellText {
  const reader: Reader = { bytes, at: 0, words: new WordWriter(bytes.length) };
  while (reader.at < bytes.length) readNext(reader);
  reader.words.endWord();
  return { tokens: reader.words.tokens, notes: [...reader.words.notes] };
}

function readNext(reader: Reader): void {
  const { bytes, words } = reader;
  const byte = bytes[reader.at] as number;
  if (byte === LF) readLineEnd(reader);
  else if (byte === SPACE || byte === TAB || (byte === CR && isLineEnd(bytes, reader.at))) {
    words.endWord();
    reader.at += 1;
  } else if (byte === SINGLE_QUOTE) readSingle(reader);
  else if (byte === DOUBLE_QUOTE) {
    reader.at += 1;
    words.quote();
    readExpanding(reader, bytes.length, DOUBLE_QUOTE);
  } else if (byte === DOLLAR) readDollar(reader, false);
  else if (byte === BACKTICK) readBackticks(reader);
  else if (byte === BACKSLASH) readEscape(reader);
  else if (byte === HASH && !words.isOpen) reader.at = endOfLine(bytes, reader.at);
  else readPlain(reader, byte);
}

/** A carriage return of a file that Windows' editors wrote. */
const isLineEnd = (bytes: Buffer, at: number): boolean => bytes[at + 1] === LF || at + 1 === bytes.length;

function endOfLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(LF, at);
  return end < 0 ? bytes.length : end;
}

function readPlain(reader: Reader, byte: number): void {
  const { bytes, words } = reader;
  const [operator] = OPERATOR.exec(bytes.toString('latin1', reader.at, reader.at + 3)) ?? [];
  if (operator !== undefined) {
    reader.at += operator.length;
    words.endOperator(operator, (bytes[reader.at] ?? SPACE) > SPACE);
    return;
  }
  const start = reader.at++;
  if (byte === HASH || byte === CR) return words.put(byte);
  while (reader.at < bytes.length && !SPECIAL.has(bytes[reader.at] as number)) reader.at += 1;
  words.copy(bytes, start, reader.at);
}

function readSingle(reader: Reader): void {
  const end = reader.bytes.indexOf(SINGLE_QUOTE, reader.at + 1);
  if (end < 0) throw unclosed("a quote '");
  reader.words.quote();
  reader.words.copy(reader.bytes, reader.at + 1, end);
  reader.at = end + 1;
}

/** Outside of quotes: the next byte as it is; before a line break nothing. */
function readEscape(reader: Reader): void {
  const { bytes, words } = reader;
  const next = bytes[reader.at + 1];
  if (next === LF) reader.at += 2;
  else if (next === CR && bytes[reader.at + 2] === LF) reader.at += 3;
  else {
    words.quote();
    words.put(next ?? BACKSLASH);
    reader.at += 2;
  }
}

/** In double quotes a backslash stands for itself, unless one of these follows. */
const ESCAPED = new Set(Buffer.from('$`"\\'));

/** What stands in double quotes, or in a here-document up to `end`, where a quote is none. */
function readExpanding(reader: Reader, end: number, close: number | null): void {
  const { bytes, words } = reader;
  while (reader.at < end) {
    const byte = bytes[reader.at] as number;
    if (byte === close) {
      reader.at += 1;
      return;
    }
    if (byte === DOLLAR) readDollar(reader, true);
    else if (byte === BACKTICK) readBackticks(reader);
    else if (byte === BACKSLASH) readBackslash(reader, close);
    else {
      const start = reader.at++;
      while (reader.at < end && !isSpecialWithin(bytes[reader.at] as number, close)) reader.at += 1;
      words.copy(bytes, start, reader.at);
    }
  }
  if (close !== null) throw unclosed('a quote "');
}

const isSpecialWithin = (byte: number, close: number | null): boolean =>
  byte === close || byte === DOLLAR || byte === BACKTICK || byte === BACKSLASH;

function readBackslash(reader: Reader, close: number | null): void {
  const { bytes, words } = reader;
  const next = bytes[reader.at + 1];
  const isLineBreak = next === LF || (next === CR && bytes[reader.at + 2] === LF);
  if (isLineBreak) reader.at += next === LF ? 2 : 3;
  else if (next !== undefined && ESCAPED.has(next) && (next !== DOUBLE_QUOTE || close !== null)) {
    words.put(next);
    reader.at += 2;
  } else {
    words.put(BACKSLASH);
    reader.at += 1;
  }
}

/** `$'…'`, a variable, or the output of a program; a `$` before anything else is one. */
function readDollar(reader: Reader, isQuoted: boolean): void {
  const { bytes, words } = reader;
  const next = bytes[reader.at + 1];
  const [name] = /^[A-Za-z_]\w*|^[\d@*#?$!-]/.exec(bytes.toString('latin1', reader.at + 1, reader.at + 80)) ?? [];
  if (next === SINGLE_QUOTE && !isQuoted) readAnsi(reader);
  // $"…" is a text to be translated: without a translation it is one in double quotes.
  else if (next === DOUBLE_QUOTE && !isQuoted) reader.at += 1;
  else if (next === OPEN_BRACE) readBraces(reader);
  else if (next === OPEN_PARENTHESIS) {
    reader.at = endOfNested(bytes, reader.at + 1, '()');
    words.putUnknown('$(…)');
  } else if (name !== undefined) {
    words.putUnknown(`$${name}`);
    reader.at += 1 + name.length;
  } else {
    words.put(DOLLAR);
    reader.at += 1;
  }
}

/** `${NAME:?what to do}` */
function readBraces(reader: Reader): void {
  const [name = '{…}'] = /^\w+/.exec(reader.bytes.toString('latin1', reader.at + 2, reader.at + 80)) ?? [];
  reader.at = endOfNested(reader.bytes, reader.at + 1, '{}');
  reader.words.putUnknown(`$${name}`);
}

function readBackticks(reader: Reader): void {
  const end = reader.bytes.indexOf(BACKTICK, reader.at + 1);
  if (end < 0) throw unclosed('a backtick');
  reader.words.putUnknown('`…`');
  reader.at = end + 1;
}

function endOfNested(bytes: Buffer, start: number, [open = '', close = '']: string): number {
  const [opening, closing] = [open.charCodeAt(0), close.charCodeAt(0)];
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] === opening) depth += 1;
    else if (bytes[at] === closing && --depth === 0) return at + 1;
  }
  throw unclosed(`a ${open}`);
}

/** Behind a backslash in `$'…'`: one character, `\x41`, `\u00e9`, `\101`, or `\cA`. */
const ANSI_ESCAPE = new RegExp(
  [
    String.raw`^(?:[0-7]{1,3}|c[\x20-\x7e]`,
    String.raw`x[\dA-Fa-f]{1,2}|x\{[\dA-Fa-f]{1,8}\}|u[\dA-Fa-f]{1,4}|U[\dA-Fa-f]{1,8})`,
  ].join('|'),
);
const ANSI_CHARACTERS: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

function readAnsi(reader: Reader): void {
  const { bytes, words } = reader;
  words.quote();
  let isEnded = false;
  for (reader.at += 2; bytes[reader.at] !== SINGLE_QUOTE;) {
    if (reader.at >= bytes.length) throw unclosed("a quote $'");
    const start = reader.at;
    if (bytes[start] === BACKSLASH) {
      const text = readAnsiEscape(reader);
      // bash ends the text there, for no argument of a program can hold a zero byte.
      isEnded ||= text === '\0';
      if (!isEnded) words.write(text);
    } else {
      while (reader.at < bytes.length && bytes[reader.at] !== SINGLE_QUOTE && bytes[reader.at] !== BACKSLASH)
        reader.at++;
      if (!isEnded) words.copy(bytes, start, reader.at);
    }
  }
  reader.at += 1;
}

/** The bytes that an escape stands for, as Latin-1. What is none stands for itself. */
function readAnsiEscape(reader: Reader): string {
  const plain = ANSI_CHARACTERS[String.fromCharCode(reader.bytes[reader.at + 1] ?? 0)];
  if (plain !== undefined) {
    reader.at += 2;
    return plain;
  }
  const [escape = ''] = ANSI_ESCAPE.exec(reader.bytes.toString('latin1', reader.at + 1, reader.at + 12)) ?? [];
  reader.at += 1 + escape.length;
  if (escape === '') return '\\';
  const [kind = ''] = escape;
  const isLonger = escape.length > 1;
  if (kind === 'x' && isLonger) return byteOf(Number.parseInt(escape.replace(/[{}]/g, '').slice(1), 16));
  if (/[0-7]/.test(kind)) return byteOf(Number.parseInt(escape, 8));
  if (kind === 'c') return byteOf(escape.charCodeAt(1) === 0x3f ? 0x7f : escape.charCodeAt(1) & 0x1f);
  if (/[uU]/.test(kind)) return writeCodePoint(Number.parseInt(escape.slice(1), 16), reader.words);
  return kind;
}

const byteOf = (code: number): string => String.fromCharCode(code & 0xff);

/** As UTF-8. bash writes each half of a surrogate pair for itself, which is none. */
function writeCodePoint(code: number, words: WordWriter): string {
  if (code >= 0xd800 && code < 0xe000) {
    words.notes.add(SURROGATES);
    return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)].map(byteOf).join('');
  }
  return code > 0x10ffff ? '' : Buffer.from(String.fromCodePoint(code)).toString('latin1');
}

const SURROGATES =
  'the command writes a character as two halves (\\ud83d\\ude00), which bash turns into bytes that are not ' +
  'UTF-8: they are hardly the bytes that were sent';

/** Here-documents begin on the line behind their command. */
function readLineEnd(reader: Reader): void {
  const { words } = reader;
  words.endWord();
  const { tokens } = words;
  const lineStart = tokens.findLastIndex((token) => isOperator(token) && token.operator === '\n') + 1;
  reader.at += 1;
  for (let index = lineStart; index < tokens.length - 1; index++) {
    const token = tokens[index];
    if (token !== undefined && isOperator(token) && /^<<-?$/.test(token.operator))
      readHereDocument(reader, index + 1, token.operator === '<<-');
  }
  words.endOperator('\n', false);
}

function readHereDocument(reader: Reader, index: number, isIndented: boolean): void {
  const { bytes, words } = reader;
  const delimiter = words.tokens[index];
  if (delimiter === undefined || isOperator(delimiter)) throw unclosed('a here-document');
  const copyTo = (end: number): void => {
    if (delimiter.isQuoted) words.copy(bytes, reader.at, end);
    else readExpanding(reader, end, null);
    reader.at = end;
  };
  for (let at = reader.at; at < bytes.length;) {
    if (isIndented) {
      copyTo(at);
      while (bytes[at] === TAB) at += 1;
      reader.at = at;
    }
    const end = endOfLine(bytes, at);
    const next = Math.min(end + 1, bytes.length);
    if (isLine(bytes, at, end, delimiter.bytes)) {
      copyTo(at);
      reader.at = next;
      words.replaceWord(index);
      return;
    }
    at = next;
  }
  throw unclosed('a here-document');
}

/** Whether this text, with or without a carriage return behind it, is all that stands there. */
function isLine(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  const length = bytes[end - 1] === CR && end > start ? end - 1 - start : end - start;
  return length === text.length && bytes.compare(text, 0, length, start, start + length) === 0;
}
