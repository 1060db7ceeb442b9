// For texts of the user: every value with its place, and what is wrong where. Of bodies, json-span.ts finds one
// value by its bytes.

/** Where a value stands in a JSON text: offsets in UTF-16 units, `end` behind its last character. */
export interface JsonNode {
  start: number;
  end: number;
  /** Of an object, in the order of the text; a key may repeat. */
  members?: readonly JsonMember[];
  /** Of an array. */
  elements?: readonly JsonNode[];
}

export interface JsonMember {
  key: string;
  keyStart: number;
  value: JsonNode;
}

/** `message` says what was expected and found; it never quotes the text, which may hold a secret. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

// `JSON.parse` gives no places, sees no repeated key, and its messages quote the text around the error.
const SPACE = new Set([' ', '\t', '\r', '\n']);
// A string is read in pieces of bounded length: an expression may keep a place to go back to for every character, and
// its stack is full somewhere beyond a million.
// oxlint-disable-next-line no-control-regex
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]{1,10000}/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /-?(?:0|[1-9]\d{0,9999})(?:\.\d{1,10000})?(?:[eE][+-]?\d{1,10000})?|true|false|null/y;
const MAX_DEPTH = 64;
/**
 * Of a configuration: some nine hundred webhooks. Ten times as many values would keep the validator busy for a minute,
 * or fill its stack.
 */
const MAX_VALUES = 10_000;

/**
 * Reads a JSON text (RFC 8259) for the places of its values, of which there may be `maxValues`.
 * @throws JsonTextError where it stops being JSON.
 */
export function locateJson(text: string, maxValues = MAX_VALUES): JsonNode {
  const node = readValue({ text, depth: 0, maxValues, seen: { values: 0 } }, skipSpace(text, 0));
  const end = skipSpace(text, node.end);
  if (end < text.length) throw unexpected(text, end, 'the end of the file');
  return node;
}

/** The node of the value at `path`, or the nearest one above it. */
export function nodeAt(root: JsonNode, path: readonly (string | number)[]): JsonNode {
  let node = root;
  for (const step of path) {
    const next =
      typeof step === 'number' ? node.elements?.[step] : node.members?.findLast(({ key }) => key === step)?.value;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The text with something else from one offset to another. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** `line:column`, both from 1. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return `${before.split('\n').length}:${offset - lineStart + 1}`;
}

interface Reading {
  text: string;
  depth: number;
  maxValues: number;
  /** One count for the whole text. */
  seen: { values: number };
}

function readValue(reading: Reading, start: number): JsonNode {
  const { text, depth, maxValues, seen } = reading;
  if (depth > MAX_DEPTH) throw new JsonTextError(`nested deeper than ${MAX_DEPTH} levels`, start);
  seen.values += 1;
  if (seen.values > maxValues) throw new JsonTextError(`more than ${maxValues} values`, start);
  const inner = { ...reading, depth: depth + 1 };
  if (text[start] === '{') return readObject(inner, start);
  if (text[start] === '[') return readArray(inner, start);
  return { start, end: text[start] === '"' ? endOfString(text, start) : endOfScalar(text, start) };
}

function readObject(reading: Reading, start: number): JsonNode {
  const { text } = reading;
  const members: JsonMember[] = [];
  let at = skipSpace(text, start + 1);
  if (text[at] === '}') return { start, end: at + 1, members };
  for (;;) {
    if (text[at] !== '"')
      throw unexpected(text, at, members.length === 0 ? 'a key in double quotes or "}"' : 'a key in double quotes');
    const keyStart = at;
    const keyEnd = endOfString(text, keyStart);
    at = skipSpace(text, keyEnd);
    if (text[at] !== ':') throw unexpected(text, at, '":"');
    const value = readValue(reading, skipSpace(text, at + 1));
    const key = JSON.parse(text.slice(keyStart, keyEnd)) as string;
    if (/\p{Surrogate}/u.test(key)) throw new JsonTextError('a key contains half a surrogate pair', keyStart);
    members.push({ key, keyStart, value });
    at = skipSpace(text, value.end);
    if (text[at] === '}') return { start, end: at + 1, members };
    if (text[at] !== ',') throw unexpected(text, at, '"," or "}"');
    at = skipSpace(text, at + 1);
  }
}

function readArray(reading: Reading, start: number): JsonNode {
  const { text } = reading;
  const elements: JsonNode[] = [];
  let at = skipSpace(text, start + 1);
  if (text[at] === ']') return { start, end: at + 1, elements };
  for (;;) {
    const element = readValue(reading, at);
    elements.push(element);
    at = skipSpace(text, element.end);
    if (text[at] === ']') return { start, end: at + 1, elements };
    if (text[at] !== ',') throw unexpected(text, at, '"," or "]"');
    at = skipSpace(text, at + 1);
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    if (text[at] === '"') return at + 1;
    const end = endOfMatch(text[at] === '\\' ? ESCAPE : PLAIN_CHARACTERS, text, at);
    if (end === null)
      throw new JsonTextError('a string that starts here is not closed on its line, or has an invalid escape', start);
    at = end;
  }
}

function endOfScalar(text: string, start: number): number {
  const end = endOfMatch(SCALAR, text, start);
  if (end === null) throw unexpected(text, start, 'a value');
  return end;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (SPACE.has(text[at] ?? '')) at++;
  return at;
}

function endOfMatch(pattern: RegExp, text: string, start: number): number | null {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function unexpected(text: string, at: number, expected: string): JsonTextError {
  return new JsonTextError(`expected ${expected}, found ${foundAt(text, at)}`, at);
}

function foundAt(text: string, at: number): string {
  if (at >= text.length) return 'the end of the file';
  if (text.startsWith('//', at) || text.startsWith('/*', at)) return 'a comment, which JSON does not have';
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  if (character === "'") return 'a single quote; JSON has double quotes';
  return /[\p{L}\p{N}]/u.test(character) ? 'text without quotes' : JSON.stringify(character);
}
