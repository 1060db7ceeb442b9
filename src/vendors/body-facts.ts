import type { BodyFormat, Method } from '../model/body-format.ts';
import { isObject, type JsonValue } from '../model/json.ts';
import type { Vendor } from '../model/vendor.ts';

// What follows from how a vendor writes its requests.

const JSON_FORMAT: BodyFormat = { format: 'json' };

export const bodyFormatOf = ({ body }: Pick<Vendor, 'body'>): BodyFormat => body?.value ?? JSON_FORMAT;

export const methodOf = ({ method, body }: Pick<Vendor, 'method' | 'body'>): Method =>
  method?.value ?? (body?.value.format === 'query' ? 'GET' : 'POST');

const CONTENT_TYPES: Record<BodyFormat['format'], string | null> = {
  json: 'application/json',
  'json-lines': 'application/x-ndjson',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  'form-json': 'application/x-www-form-urlencoded',
  query: null,
  text: 'text/plain; charset=utf-8',
  xml: 'application/xml',
};

/** The content type of such bodies, where the vendor's headers name none; null where there is no body. */
export const contentTypeOf = (vendor: Pick<Vendor, 'body'>): string | null =>
  CONTENT_TYPES[bodyFormatOf(vendor).format];

const WORDS: Record<BodyFormat['format'], string> = {
  json: 'a JSON object',
  'json-lines': 'JSON, an object on each line',
  form: 'a form',
  multipart: 'a multipart form',
  'form-json': 'a form with JSON in it',
  query: 'a query with its fields',
  text: 'text in UTF-8',
  xml: 'text in UTF-8',
};

/** What its events come in, to follow "not". */
export const bodyWords = (vendor: Pick<Vendor, 'body' | 'batch'>): string =>
  bodyFormatOf(vendor).format === 'json' && vendor.batch !== undefined
    ? 'a JSON array of events'
    : WORDS[bodyFormatOf(vendor).format];

/** The elements of a batch as JSON has it; null where the value is none. */
export function elementsOf({ batch }: Pick<Vendor, 'batch'>, value: JsonValue): readonly JsonValue[] | null {
  if (batch === undefined) return isObject(value) ? [value] : null;
  const { shape, singleIsBare } = batch.value;
  const list = shape === 'array' ? value : isObject(value) ? value[shape.wrappedIn] : undefined;
  if (Array.isArray(list)) return list;
  return singleIsBare && isObject(value) ? [value] : null;
}
