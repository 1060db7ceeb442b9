import { isUtf8 } from 'node:buffer';
import { startOfRun } from './character-run.ts';
import { changeBetweenTexts, listJsonTokens } from './json-tokens.ts';

/** Any value JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path through objects; undefined where nothing does. */
export function valueAt(root: JsonValue, steps: readonly string[]): JsonValue | undefined {
  return steps.reduce<JsonValue | undefined>(
    (one, step) => (isObject(one) && Object.hasOwn(one, step) ? one[step] : undefined),
    root,
  );
}

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = JsonObject;

/**
 * JSON on one line, for stdout, without characters that are not seen. A `##[` within it, which the log of a GitHub job
 * would take for the beginning of a command, is written in escapes. Who parses it gets the same.
 */
export function writeJsonText(value: unknown): string {
  return escapeUnseen(JSON.stringify(value)).replaceAll('##[', String.raw`\u0023\u0023[`);
}

/**
 * In brackets of an expression: the marks that reorder what is shown, and what some take for the end of a line or pass
 * over. None of them is seen, and each makes a text look like another.
 */
export const INVISIBLE = String.raw`\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff`;

// DEL and C1, which command a terminal, and what is not seen: JSON carries them bare, and shown with cat a text could
// say what it does not.
const UNSEEN = new RegExp(`[\\u007f-\\u009f${INVISIBLE}]`, 'g');

/** The JSON text with such characters in escapes: who parses it gets the same. */
export function escapeUnseen(json: string): string {
  return escapeUnits(json, UNSEEN);
}

/** The JSON text with what matches, a UTF-16 unit each, written as `\u2028`. */
export function escapeUnits(json: string, pattern: RegExp): string {
  return json.replace(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How such characters begin in UTF-8: a search for a byte takes almost no time. */
const UNSEEN_LEADS = [0x7f, 0xc2, 0xd8, 0xe2, 0xef];

/** The same for JSON in UTF-8. */
export function escapeUnseenBytes(json: Uint8Array): Uint8Array {
  if (!UNSEEN_LEADS.some((lead) => json.includes(lead))) return json;
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8');
  const escaped = escapeUnseen(text);
  return escaped === text ? json : Buffer.from(escaped);
}

/** From the root of a JSON value to one inside: keys of objects and indexes of lists. */
export type JsonPath = readonly (string | number)[];

/** What tells which texts are keys. */
const AROUND_KEYS = /[{}[\],]/;

/**
 * Where a key stands that was there before in the same object of a JSON text: readers keep the last of them in silence,
 * so one of the two is not what its author thinks.
 */
export function listRepeatedKeys(json: string): JsonPath[] {
  const repeated: JsonPath[] = [];
  /** The objects and lists that are open, each with the key or index that is being read. */
  const open: { keys: Set<string> | null; step: string | number }[] = [];
  let isKey = false;
  for (const { token } of listJsonTokens(json, AROUND_KEYS)) {
    const inner = open.at(-1);
    if (token === '{' || token === '[')
      open.push(token === '{' ? { keys: new Set(), step: '' } : { keys: null, step: 0 });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (inner !== undefined && typeof inner.step === 'number') inner.step += 1;
    } else if (isKey && inner?.keys) {
      inner.step = JSON.parse(token) as string;
      if (inner.keys.has(inner.step)) repeated.push(open.map(({ step }) => step));
      inner.keys.add(inner.step);
    }
    isKey = (token === '{' || token === ',') && (open.at(-1)?.keys ?? null) !== null;
  }
  return repeated;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * Whether the text of a JSON holds more than `maxValues` values, told without parsing it, in a few nanoseconds a byte
 * and no memory. What a parser takes of both goes by the number of values: 16 MB of one text are nothing to it, 16 MB
 * of a million keys half a second and 200 MB. What is no JSON gets some answer.
 */
export function hasMoreValues(body: Uint8Array, maxValues: number): boolean {
  // A value takes two bytes at the least, itself and what parts it from the next.
  if (body.length <= maxValues) return false;
  let values = 1;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      for (at++; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
    } else if (byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++values > maxValues) return true;
    }
  }
  return false;
}

const SPACE = 0x20;
/** What of a UTF-8 character is not its beginning. */
const isWithin = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
/** Behind a backslash. */
const ESCAPES = new Set(Buffer.from('"\\/bfnrtu'));
/** As long as a text is cut to, in bytes. */
const LONG_BYTES = 64 * 1024;

/**
 * A JSON of few long texts with only the beginning of each, for whoever asks for its fields: parsed as it is it takes
 * its size again, twice. It is a JSON if the whole is one: what would not be is left as it is.
 */
export function shortenTexts(json: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [];
  let keptTo = 0;
  for (let at = json.indexOf(QUOTE); at !== -1; at = json.indexOf(QUOTE, at + 1)) {
    const text = skipText(json, at + 1);
    if (text === null) return json;
    if (text.cutAt !== null) {
      kept.push(json.subarray(keptTo, text.cutAt));
      keptTo = text.end;
    }
    at = text.end;
  }
  return keptTo === 0 || !isUtf8(json) ? json : Buffer.concat([...kept, json.subarray(keptTo)]);
}

/** The end of a text that begins at `start`, and where it may be cut if it is long; null for what is no text. */
function skipText(json: Uint8Array, start: number): { end: number; cutAt: number | null } | null {
  let cutAt: number | null = null;
  for (let at = start; at < json.length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) return { end: at, cutAt };
    if (byte < SPACE) return null;
    if (cutAt === null && at - start >= LONG_BYTES && !isWithin(byte)) cutAt = at;
    if (byte !== BACKSLASH) continue;
    const escape = json[++at] ?? 0;
    if (!ESCAPES.has(escape)) return null;
    if (escape === LOWER_U && !isHex(json, at + 1)) return null;
  }
  return null;
}

const LOWER_U = 0x75;
const isHex = (json: Uint8Array, at: number): boolean =>
  /^[\da-f]{4}$/i.test(Buffer.from(json.subarray(at, at + 4)).toString('latin1'));

const NUMBER = /-?\d[\d.eE+-]*/;
const NUMBER_PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Beyond so many zeros a number is written with its exponent. */
const MAX_ZEROS = 40;

/**
 * The numbers of a JSON text that is known to be whole, each as a text of exactly its value behind `mark`: JSON.parse
 * rounds what has more than some sixteen digits, and two ids become one.
 */
export function parseExactly(json: string, mark: string): JsonValue {
  const quoted = changeBetweenTexts(json, NUMBER, (number) => JSON.stringify(mark + exactNumber(number)));
  return JSON.parse(quoted) as JsonValue;
}

/** Undefined for what is no JSON: anybody may have sent it. */
export function tryParseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** One text for all ways to write the same number: `1000` of `1e3` and `1000.0`, whatever its length. */
export function exactNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] = NUMBER_PARTS.exec(text) ?? [];
  const significant = (whole + fraction).replace(/^0+/, '');
  const digits = significant.slice(0, startOfRun(significant, '0'));
  if (digits === '') return '0';
  const exponent = Number(power) - fraction.length + significant.length - digits.length;
  if (Math.abs(exponent) > MAX_ZEROS) return `${sign}${digits}e${exponent}`;
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
