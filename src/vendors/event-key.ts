import { isObject, parseExactly, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { eventFieldOf, idHeaderOf, idPathsOf, keyPathsOf } from './facts.ts';

/** A text or number at a dotted path, as text, a number in all its digits; null when there is none. */
export function readScalar(payload: JsonObject | null, path: string): string | null {
  const value = valueAt(payload, path);
  if (typeof value === 'number') return numberText(payload, path, value);
  return typeof value === 'string' ? value : null;
}

function valueAt(payload: JsonValue | null, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = payload ?? undefined;
  for (const name of path.includes('.') ? path.split('.') : [path]) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}

/** The JSON that payloads were read from, and where in it they stand: only there long numbers are whole. */
const sources = new WeakMap<JsonObject | JsonValue[], { json: Uint8Array; path: string }>();

/** Of what is kept for the whole; `path` is dotted. */
export function keepSourceOfPart(part: JsonObject, whole: JsonValue, path: string): void {
  const source = isNode(whole) ? sources.get(whole) : undefined;
  if (source !== undefined) sources.set(part, { json: source.json, path });
}

const isNode = (value: JsonValue): value is JsonObject | JsonValue[] => typeof value === 'object' && value !== null;

/** Read once more where parsing may have rounded it. */
function numberText(payload: JsonObject | null, path: string, value: number): string {
  const source = payload === null || Number.isSafeInteger(value) ? undefined : sources.get(payload);
  if (source === undefined) return String(value);
  const whole = source.path === '' ? path : `${source.path}.${path}`;
  const exact = valueAt(parseExactly(UTF_8.decode(source.json), ''), whole);
  return typeof exact === 'string' ? exact : String(value);
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** JSON in UTF-8. Throws for what is none. */
export function parseJson(json: Uint8Array): JsonValue {
  const text = UTF_8.decode(json);
  const value = JSON.parse(text) as JsonValue;
  if (isNode(value) && MAYBE_ROUNDED.test(text)) sources.set(value, { json, path: '' });
  return value;
}

/**
 * A number that is no safe integer, or a text that looks like one. Most bodies have neither: to keep the source of each
 * took one part in thirty of what `listen` does for a request.
 */
const MAYBE_ROUNDED = /[[:,]\s*-?(?:\d+[.eE]|\d{16})/;

/** The body as a JSON object; null when it is none. Of a vendor's request: `readPayload`. */
export function readObject(body: Uint8Array): JsonObject | null {
  try {
    const value = parseJson(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * The vendor's id of the event, in the body or in its header: what a receiver dedupes by. Null where it has none.
 * `position`: of the event in its batch, whose events share their headers.
 */
export function readEventId(
  vendor: Vendor,
  headers: readonly Header[],
  payload: JsonObject | null,
  position = 0,
): string | null {
  const inBody = readFirst(payload, idPathsOf(vendor));
  if (inBody !== null) return inBody;
  const ofRequest = readHeader(headers, idHeaderOf(vendor));
  return ofRequest === null || position === 0 ? ofRequest : `${ofRequest} ${position}`;
}

/**
 * By what a receiver knows the event again. The number 1 and the text "1" are two ids, though both are shown as 1.
 * Texts, as most ids are, stay as they came.
 */
export function readEventMark(
  vendor: Vendor,
  headers: readonly Header[],
  payload: JsonObject | null,
  position = 0,
): string | null {
  const id = readEventId(vendor, headers, payload, position);
  if (id === null) return null;
  const inBody = idPathsOf(vendor)
    .map((path) => valueAt(payload, path))
    .find(isFilled);
  if (typeof inBody === 'number') return `${NUMBER_MARK}${id}`;
  return id.startsWith(NUMBER_MARK) ? `${NUMBER_MARK}${NUMBER_MARK}${id}` : id;
}

const isFilled = (value: JsonValue | undefined): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value !== '');

/** No vendor's id begins so; one that does all the same is kept apart. */
const NUMBER_MARK = '\u0000';

/** The event's name, as the body says; null where no field names it. */
export function readEventName(vendor: Vendor, payload: JsonObject | null): string | null {
  const field = eventFieldOf(vendor);
  return field === null ? null : readScalar(payload, field);
}

/** What tells the event from another one: its id, or else the field that people go by. */
export function readEventKey(
  vendor: Vendor,
  headers: readonly Header[],
  payload: JsonObject | null,
  position = 0,
): string | null {
  return readEventId(vendor, headers, payload, position) ?? readFirst(payload, keyPathsOf(vendor));
}

/** The first header of that name, in any letter case. */
export function readHeader(headers: readonly Header[], name: string | null): string | null {
  if (name === null) return null;
  for (const header of headers) {
    // Comparing letter case is slow. Most names differ in length, and the right one comes as the vendor writes it.
    if (header[0].length === name.length && (header[0] === name || header[0].toLowerCase() === name.toLowerCase()))
      return header[1];
  }
  return null;
}

function readFirst(payload: JsonObject | null, paths: readonly string[]): string | null {
  for (const path of paths) {
    const found = readScalar(payload, path);
    if (found !== null && found !== '') return found;
  }
  return null;
}
