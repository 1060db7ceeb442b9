import type { BodyFormat } from '../model/body-format.ts';
import { queryOf } from '../model/http-url.ts';
import { hasMoreValues, isObject, shortenTexts, type JsonObject, type JsonValue } from '../model/json.ts';
import { listFormParts, textOfPart } from '../model/multipart.ts';
import type { Header } from '../model/plan.ts';
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { bodyFormatOf, elementsOf } from './body-facts.ts';
import { keepSourceOfPart, parseJson, readEventKey, readScalar } from './event-key.ts';
import { eventFieldOf } from './facts.ts';

// The one place that knows how events stand in a request: all that asks what a request says reads it here.

/** What of a request its events are read from: some vendors write them into the URL. */
export interface EventCarrier {
  body: Uint8Array;
  url?: URL | null;
  /** Path and query, as on the request line: for who knows no more of the URL. */
  path?: string;
}

/** The events of a request; null when it holds none, or what stands for one is no object. */
export function readEvents(vendor: Vendor, carrier: EventCarrier): readonly JsonObject[] | null {
  try {
    const elements = READERS[bodyFormatOf(vendor).format](vendor, carrier);
    return elements !== null && elements.length > 0 && elements.every(isObject) ? elements : null;
  } catch {
    return null;
  }
}

/** The one event of a request, or the first of a batch. */
export const readPayload = (vendor: Vendor, carrier: EventCarrier): JsonObject | null =>
  readEvents(vendor, carrier)?.[0] ?? null;

/** The key of each event; one that is null where none can be read. */
export const readEventKeys = (
  vendor: Vendor,
  { headers, ...carrier }: EventCarrier & { headers: readonly Header[] },
): (string | null)[] =>
  (readEvents(vendor, carrier) ?? [null]).map((payload, position) => readEventKey(vendor, headers, payload, position));

type Read = (vendor: Vendor, carrier: EventCarrier) => readonly JsonValue[] | null;

const READERS: Record<BodyFormat['format'], Read> = {
  json: (vendor, { body }) => readJson(vendor, body),
  'json-lines': (_, { body }) => splitLines(body).map((line) => parseJson(line)),
  form: (vendor, { body }) => [fromPairs(vendor, readPairs(body), true)],
  multipart: (vendor, { body }) => [fromPairs(vendor, readParts(body), true)],
  'form-json': (vendor, { body }) => {
    const json = readJsonField(vendor, body);
    return json === null ? null : readJson(vendor, json);
  },
  // The address may have a query of its own, which is no part of the event.
  query: (vendor, carrier) => [
    fromPairs(vendor, [...(carrier.url?.searchParams ?? queryOf(carrier.path ?? ''))], false),
  ],
  text: readText,
  xml: readText,
};

function readText(vendor: Vendor, { body }: EventCarrier): readonly JsonValue[] | null {
  if (body.length === 0) return null;
  return [{ [bodyFormatOf(vendor).field ?? 'text']: UTF_8.decode(body) }];
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function readJson(vendor: Vendor, json: Uint8Array): readonly JsonValue[] | null {
  const value = parseJson(json);
  const elements = elementsOf(vendor, value);
  const [first] = elements ?? [];
  if (elements === null || first === value) return elements;
  const shape = vendor.batch?.value.shape;
  const path = typeof shape === 'object' ? `${shape.wrappedIn}.` : '';
  for (const [index, element] of elements.entries())
    if (isObject(element)) keepSourceOfPart(element, value, `${path}${index}`);
  return elements;
}

/** The JSON in the field of a form that holds it; null without one. Throws for what is no form. */
export function readJsonField(vendor: Vendor, body: Uint8Array): Uint8Array | null {
  const text = readPairs(body).find(([name]) => name === bodyFormatOf(vendor).field)?.[1];
  return text === undefined ? null : Buffer.from(text, 'utf8');
}

const LINE_FEED = 0x0a;

/** Blank lines are none. */
function splitLines(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(LINE_FEED, start);
    const end = found === -1 ? body.length : found;
    const line = body.subarray(start, end);
    if (line.some((byte) => byte > 0x20)) lines.push(line);
    start = end + 1;
  }
  return lines;
}

/** Of a form. What begins as JSON does is a body of another kind, and no field of that name. */
function readPairs(body: Uint8Array): [string, string][] {
  const text = UTF_8.decode(body);
  if (/^\s*[[{]/.test(text)) throw new Error('JSON, not a form');
  return [...new URLSearchParams(text)];
}

/** What is no text in UTF-8, such as a file, is a field all the same. */
const readParts = (body: Uint8Array): [string, string][] =>
  [...listFormParts(body)].map((part) => [part.name, textOfPart(body, part)]);

/** The fields of an event, in the types that the vendor's list gives them: in a form all of them are texts. */
function fromPairs(vendor: Vendor, pairs: readonly [string, string][], takesUnknown: boolean): JsonValue {
  const texts = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = texts.get(name);
    if (known === undefined) texts.set(name, [value]);
    else known.push(value);
  }
  const listed = listedFields(vendor, Object.fromEntries([...texts].map(([name, [first = '']]) => [name, first])));
  const entries = [...texts].flatMap(([name, values]): [string, JsonValue][] => {
    const field = listed.get(name);
    if (field === undefined) return takesUnknown ? [[name, values.length === 1 ? (values[0] ?? '') : values]] : [];
    return [[name, fromTexts(values, field)]];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** By the event that is named, else by all that have such a field. */
function listedFields(vendor: Vendor, texts: JsonObject): ReadonlyMap<string, Field> {
  const nameField = eventFieldOf(vendor);
  const name = nameField === null ? null : readScalar(texts, nameField);
  const event = vendor.events.find((one) => one.name === name);
  return fieldsByName(event ?? vendor, event === undefined ? vendor.events : [event]);
}

const byOwner = new WeakMap<object, ReadonlyMap<string, Field>>();

/** Where several events have a field of one name, as the first has it. */
function fieldsByName(owner: object, events: readonly VendorEvent[]): ReadonlyMap<string, Field> {
  let known = byOwner.get(owner);
  if (known === undefined) {
    known = new Map(events.toReversed().flatMap(({ fields }) => fields.map((field) => [field.name, field])));
    byOwner.set(owner, known);
  }
  return known;
}

type FormField = Pick<Field, 'type' | 'nullable' | 'items'>;

/** A text that cannot be of the listed type stays a text: that it is none is for others to say. */
function fromTexts(values: readonly string[], field: FormField): JsonValue {
  const [text = ''] = values;
  const isJson = field.type === 'object' || (field.type === 'array' && values.length === 1 && /^\s*\[/.test(text));
  if (isJson) return parsed(text);
  if (field.type === 'array') return values.map((value) => fromText(value, field.items ?? { type: 'string' }));
  // Of one that repeats the first counts, as where a signature covers it.
  return fromText(text, field);
}

function fromText(text: string, { type, nullable }: FormField): JsonValue {
  if (text === '' && nullable && type !== 'string') return null;
  if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : text;
  if (type === 'object' || type === 'array') return parsed(text);
  const isNumber = (type === 'integer' || type === 'number') && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
  return isNumber ? Number(text) : text;
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

const AMPERSAND = 0x26;

/** While a body of more is parsed, for half a second or longer, all others wait; and anybody may have sent it. */
export const MAX_UNPROVED_VALUES = 100_000;

/** Whether so many values may stand in it that reading them takes long; told without reading it. */
export function holdsMoreValues(vendor: Vendor, { body }: EventCarrier, maxValues: number): boolean {
  if (hasMoreValues(body, maxValues)) return true;
  if (bodyFormatOf(vendor).format === 'json' || body.length <= maxValues) return false;
  let pairs = 1;
  for (const byte of body) if (byte === AMPERSAND && ++pairs > maxValues) return true;
  return false;
}

/** With the long texts of JSON cut, for who asks for no more than how they begin. */
export const shortened = (vendor: Vendor, carrier: EventCarrier): EventCarrier =>
  bodyFormatOf(vendor).format === 'json' ? { ...carrier, body: shortenTexts(carrier.body) } : carrier;
