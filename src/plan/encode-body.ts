import type { BatchRule, JsonStyle } from '../model/body-format.ts';
import { writeMultipart } from '../model/multipart.ts';
import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';
import { encodeJson } from './encode-json.ts';

/** Where the events of a request stand. */
export interface EncodedBody {
  body: Uint8Array;
  url: URL;
  /** The end of the URL's query, where they stand there. */
  query?: string;
}

/**
 * Writes events as the vendor does, into the body or into the URL. What goes as a form or a text is one event alone.
 */
export function encodeEvents(
  events: readonly JsonValue[],
  vendor: Pick<Vendor, 'body' | 'batch'>,
  style: JsonStyle,
  url: URL,
): EncodedBody {
  const { format, field = '', tail = '' } = bodyFormatOf(vendor);
  const [first = null] = events;
  const withTail = (body: Uint8Array): EncodedBody => ({
    body: tail === '' ? body : Buffer.concat([body, Buffer.from(tail, 'utf8')]),
    url,
  });
  switch (format) {
    case 'json':
      return withTail(encodeBatch(events, vendor, style));
    case 'json-lines':
      return withTail(joinBytes(events, style, vendor.batch?.value.join ?? '\n'));
    case 'form':
      return withTail(Buffer.from(formOf(first, style).toString(), 'utf8'));
    case 'multipart':
      return withTail(writeMultipart([...formOf(first, style)]));
    case 'form-json': {
      const json = Buffer.from(encodeBatch(events, vendor, style)).toString('utf8');
      return withTail(Buffer.from(new URLSearchParams([[field, json]]).toString(), 'utf8'));
    }
    case 'query':
      return inQuery(formOf(first, style).toString(), url);
    case 'text':
    case 'xml':
      return withTail(Buffer.from(textOf(isObject(first) ? (first[field] ?? null) : first, style), 'utf8'));
  }
}

function encodeBatch(events: readonly JsonValue[], { batch }: Pick<Vendor, 'batch'>, style: JsonStyle): Uint8Array {
  const [first = null] = events;
  if (batch === undefined) return encodeJson(first, style);
  const { shape, join, singleIsBare } = batch.value;
  if (singleIsBare && events.length === 1) return encodeJson(first, style);
  if (join !== undefined) return joinedBatch(events, shape, style, join);
  return encodeJson(shape === 'array' ? [...events] : { [shape.wrappedIn]: [...events] }, style);
}

/** Between the events stands what JSON does not ask for. */
function joinedBatch(
  events: readonly JsonValue[],
  shape: BatchRule['shape'],
  style: JsonStyle,
  join: string,
): Uint8Array {
  const empty: JsonValue = shape === 'array' ? [] : { [shape.wrappedIn]: [] };
  const frame = Buffer.from(encodeJson(empty, style));
  const at = frame.lastIndexOf(']');
  return Buffer.concat([frame.subarray(0, at), joinBytes(events, style, join), frame.subarray(at)]);
}

function joinBytes(events: readonly JsonValue[], style: JsonStyle, join: string): Uint8Array {
  const separator = Buffer.from(join, 'utf8');
  return Buffer.concat(
    events.flatMap((event, index) => [...(index === 0 ? [] : [separator]), encodeJson(event, style)]),
  );
}

/** Each field by its name; of a list one for each of its elements. What a form cannot hold goes as JSON. */
export function formOf(event: JsonValue, style: JsonStyle): URLSearchParams {
  const pairs = Object.entries((isObject(event) ? event : {}) as JsonObject).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, textOf(one, style)]),
  );
  return new URLSearchParams(pairs);
}

function textOf(value: JsonValue, style: JsonStyle): string {
  if (value === null) return '';
  return typeof value === 'object' ? Buffer.from(encodeJson(value, style)).toString('utf8') : String(value);
}

/** Behind what the address has already. */
function inQuery(query: string, url: URL): EncodedBody {
  const called = new URL(url);
  called.search = [url.search.slice(1), query].filter((part) => part !== '').join('&');
  return { body: new Uint8Array(), url: called, query };
}

/** The URL without the event: what the endpoint is known by. */
export function addressOf({ url, query }: Pick<EncodedBody, 'url' | 'query'>): URL {
  if (query === undefined) return url;
  const address = new URL(url);
  address.search = url.search.slice(0, -query.length).replace(/&$/, '');
  return address;
}

/** What a called URL has behind the query of its address: the event, and a signature that stands there. */
export const eventQueryOf = (called: URL, address: URL): string =>
  called.search.slice(address.search.length).replace(/^[?&]/, '');

/** The user's own bytes, or those of a record: of a vendor that has its fields in the URL they are its query. */
export function placeBytes(data: Uint8Array, vendor: Pick<Vendor, 'body'>, url: URL): EncodedBody {
  if (bodyFormatOf(vendor).format !== 'query') return { body: data, url };
  return inQuery(Buffer.from(data).toString('utf8').trim().replace(/^\?/, ''), url);
}
