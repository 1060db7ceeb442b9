import type { ShellText } from './shell-word.ts';
import { WordWriter } from './word-writer.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const DOLLAR = 0x24;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const CARET = 0x5e;

const OPERATORS = new Map([...'&|<>'].map((operator) => [operator.charCodeAt(0), operator]));

/**
 * Whether a command line is one of Windows' cmd: outside of single quotes stands `^"` or `^` at the end of a line, or
 * `""` within a quoted word. A POSIX shell has no use for any of them.
 */
export function isWindowsCommand(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === CARET && isCaretAtWork(bytes, at + 1)) return true;
    if (byte === BACKSLASH) at += 1;
    else if (byte === APOSTROPHE) {
      const end = bytes.indexOf(APOSTROPHE, at + 1);
      if (end < 0) return false;
      at = end;
    } else if (byte === QUOTE) {
      const start = at;
      at = endOfQuoted(bytes, at);
      const isWithinWord = at > start + 1 && bytes[at + 1] === QUOTE && (bytes[at + 2] ?? SPACE) > SPACE;
      // "$HOST""/path" is of a POSIX shell.
      if (isWithinWord && !bytes.subarray(start, at).includes(DOLLAR)) return true;
    }
  }
  return false;
}

const isCaretAtWork = (bytes: Buffer, at: number): boolean =>
  bytes[at] === QUOTE || bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);

function endOfQuoted(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at += 1;
  return at;
}

/**
 * Splits command lines as cmd.exe does, with its `^`, and each line as a program of Microsoft's C library then does:
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments. Throws AppError `input`.
 */
export function splitWindows(bytes: Buffer): ShellText {
  const words = new WordWriter(bytes.length);
  const argument = new ArgumentReader(words);
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const operator = isQuoted ? undefined : OPERATORS.get(byte);
    if (byte === CR && (bytes[at + 1] === LF || at + 1 === bytes.length)) continue;
    if (byte === LF || operator !== undefined) {
      argument.end();
      words.endOperator(operator ?? '\n', false);
      isQuoted = false;
    } else if (byte === CARET && !isQuoted) {
      const next = skipCaret(bytes, at);
      if (next.isOrdinary && next.at < bytes.length) argument.read(bytes[next.at] as number);
      at = next.isOrdinary ? next.at : next.at - 1;
    } else {
      if (byte === QUOTE) isQuoted = !isQuoted;
      argument.read(byte);
    }
  }
  argument.end();
  return { tokens: words.tokens, notes: [...words.notes] };
}

/**
 * Where the byte is that a caret makes an ordinary one. Behind a line break, which it takes away, that is another line
 * break alone.
 */
function skipCaret(bytes: Buffer, caret: number): { at: number; isOrdinary: boolean } {
  const first = skipReturn(bytes, caret + 1);
  if (bytes[first] !== LF) return { at: first, isOrdinary: true };
  const second = skipReturn(bytes, first + 1);
  return { at: second, isOrdinary: bytes[second] === LF };
}

const skipReturn = (bytes: Buffer, at: number): number => (bytes[at] === CR && bytes[at + 1] === LF ? at + 1 : at);

/** The second reader of a command line, which takes away quotes and the backslashes before them. */
class ArgumentReader {
  readonly #words: WordWriter;
  #isQuoted = false;
  #backslashes = 0;
  /** The byte before was a quote that closed. */
  #isClosed = false;

  constructor(words: WordWriter) {
    this.#words = words;
  }

  read(byte: number): void {
    if (byte === BACKSLASH) {
      this.#backslashes += 1;
      this.#isClosed = false;
    } else if (byte === QUOTE) this.#readQuote();
    else {
      this.#isClosed = false;
      this.#putBackslashes(this.#backslashes);
      if ((byte === SPACE || byte === TAB) && !this.#isQuoted) this.#words.endWord();
      else this.#words.put(byte);
    }
  }

  end(): void {
    this.#putBackslashes(this.#backslashes);
    this.#words.endWord();
    this.#isQuoted = false;
    this.#isClosed = false;
  }

  /** Two backslashes before a quote are one; a single one makes it an ordinary character, and so does a quote. */
  #readQuote(): void {
    const isOrdinary = this.#backslashes % 2 === 1;
    this.#putBackslashes(this.#backslashes >> 1);
    if (isOrdinary) this.#words.put(QUOTE);
    else if (this.#isClosed) {
      this.#words.put(QUOTE);
      this.#isQuoted = true;
    } else {
      this.#words.quote();
      this.#isQuoted = !this.#isQuoted;
    }
    this.#isClosed = !isOrdinary && !this.#isQuoted && !this.#isClosed;
  }

  #putBackslashes(count: number): void {
    if (count > 1 && this.#backslashes === count) this.#words.notes.add(DOUBLED);
    for (let left = count; left > 0; left--) this.#words.put(BACKSLASH);
    this.#backslashes = 0;
  }
}

const DOUBLED =
  'the command for Windows has two backslashes in a row, and curl gets both; browsers double every backslash ' +
  'that was sent when they copy such a command';
