import { queryOf } from '../../model/http-url.ts';
import { isObject, tryParseJson, type JsonObject } from '../../model/json.ts';
import { isMultipart, listFormParts, textOfPart } from '../../model/multipart.ts';
import type { Header } from '../../model/plan.ts';

/** A request as its sample is read from it. */
export interface SampledRequest {
  method: string;
  headers: readonly Header[];
  body: Uint8Array;
  /** Path and query. */
  path: string;
}

/** The events of a request, and how they stand in it: as a vendor file says it. */
export interface ReadSample {
  /** At least one. */
  events: readonly JsonObject[];
  /** `body` of the vendor; null for an object of JSON, which is what is meant without it. */
  format: { format: string; field?: string } | null;
  /** They stand in a list. */
  isList: boolean;
}

/** Of a longer list the rest is left out. */
const MAX_EVENTS = 1000;

/** Reads a body of JSON, lines of JSON, a form, or a text; of a GET its query. */
export function readSample(request: SampledRequest): ReadSample {
  const text = Buffer.from(request.body)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return readQuery(request);
  return (
    readMultipart(request) ?? readJson(text) ?? readLines(text) ?? readForm(text, request) ?? readText(text, request)
  );
}

function readMultipart({ headers, body }: SampledRequest): ReadSample | null {
  if (!isMultipart({ headers, body })) return null;
  const pairs = [...listFormParts(body)].map((part): [string, string] => [part.name, textOfPart(body, part)]);
  return { events: [fieldsOf(new URLSearchParams(pairs))], format: { format: 'multipart' }, isList: false };
}

function readJson(text: string): ReadSample | null {
  const value = tryParseJson(text);
  if (isObject(value)) return { events: [value], format: null, isList: false };
  if (!Array.isArray(value) || !isObject(value[0])) return null;
  return { events: value.slice(0, MAX_EVENTS).filter(isObject), format: null, isList: true };
}

function readLines(text: string): ReadSample | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const values = lines.slice(0, MAX_EVENTS).map((line) => tryParseJson(line));
  return values.length > 1 && values.every(isObject)
    ? { events: values, format: { format: 'json-lines' }, isList: true }
    : null;
}

function readForm(text: string, { headers }: SampledRequest): ReadSample | null {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!/x-www-form-urlencoded/i.test(type) && !/^[\w.%[\]-]+=[^\s{<]*$/.test(text)) return null;
  const fields = fieldsOf(new URLSearchParams(text));
  const [[field, value] = ['', '']] = Object.entries(fields);
  const inner = Object.keys(fields).length === 1 && typeof value === 'string' ? readJson(value) : null;
  if (inner !== null) return { ...inner, format: { format: 'form-json', field } };
  return { events: [fields], format: { format: 'form' }, isList: false };
}

function readQuery({ path }: SampledRequest): ReadSample {
  const sample = fieldsOf(queryOf(path));
  return { events: [sample], format: Object.keys(sample).length === 0 ? null : { format: 'query' }, isList: false };
}

function readText(text: string, { headers }: SampledRequest): ReadSample {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const format = /[/+]xml\b/i.test(type) ? 'xml' : 'text';
  return { events: [{ [format]: text.slice(0, 10_000) }], format: { format, field: format }, isList: false };
}

/** A name that repeats has a list. */
function fieldsOf(pairs: URLSearchParams): JsonObject {
  const names = [...new Set(pairs.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = pairs.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
