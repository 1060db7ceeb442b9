import { HIDDEN } from '../../model/secret-name.ts';
import { isOperator, MAX_TOKENS, tooManyUnknown, tooManyWords, type ShellToken, type ShellWord } from './shell-word.ts';

/** Of one word. */
const MAX_UNKNOWN = 1000;

/**
 * Collects the words of a command line byte by byte, in one piece of memory: a body of 64 MB as a list of characters
 * takes half a gigabyte.
 */
export class WordWriter {
  readonly tokens: ShellToken[] = [];
  readonly notes = new Set<string>();
  readonly #bytes: Buffer;
  #start = 0;
  #end = 0;
  #isOpen = false;
  #isQuoted = false;
  #unknown: string[] = [];

  /** `length`: of the command line in bytes. `***` for `$1` makes it longer by half at most. */
  constructor(length: number) {
    this.#bytes = Buffer.allocUnsafe(Math.ceil(length * 1.5) + HIDDEN.length);
  }

  put(byte: number): void {
    this.#bytes[this.#end++] = byte;
    this.#isOpen = true;
  }

  copy(source: Buffer, from: number, to: number): void {
    this.#end += source.copy(this.#bytes, this.#end, from, to);
    this.#isOpen = true;
  }

  /** `text` as Latin-1. */
  write(text: string): void {
    if (text.length === 1) return this.put(text.charCodeAt(0));
    this.#end += this.#bytes.write(text, this.#end, 'latin1');
    this.#isOpen = true;
  }

  /** A quote opens: even if nothing stands in it, it makes a word. */
  quote(): void {
    this.#isOpen = true;
    this.#isQuoted = true;
  }

  putUnknown(name: string): void {
    if (this.#unknown.length >= MAX_UNKNOWN) throw tooManyUnknown();
    this.write(HIDDEN);
    this.#unknown.push(name.slice(0, 60));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  endWord(): void {
    if (this.#isOpen) this.#push(this.#cut());
  }

  /** A number right before `<` or `>` is no word. */
  endOperator(operator: string, isBeforeWord: boolean): void {
    const isTight = this.#isOpen && isBeforeWord;
    const isRedirection = /^&?[<>]/.test(operator);
    const word = this.#isOpen ? this.#cut() : null;
    const isNumber =
      isRedirection && word !== null && !word.isQuoted && /^\d+$/.test(word.bytes.toString('latin1', 0, 5));
    if (word !== null && !isNumber) this.#push(word);
    this.#push({ operator, isTight });
  }

  /** Words that are not to be: those of a text that stands in the place of the word at this index of the tokens. */
  replaceWord(index: number): void {
    const token = this.tokens[index];
    if (token !== undefined && !isOperator(token)) this.tokens[index] = { ...this.#cut(), isQuoted: true };
  }

  #cut(): ShellWord {
    const word = {
      bytes: this.#bytes.subarray(this.#start, this.#end),
      unknown: this.#unknown,
      isQuoted: this.#isQuoted,
    };
    this.#start = this.#end;
    this.#isOpen = false;
    this.#isQuoted = false;
    this.#unknown = [];
    return word;
  }

  #push(token: ShellToken): void {
    if (this.tokens.length >= MAX_TOKENS) throw tooManyWords();
    this.tokens.push(token);
  }
}
