import { AppError } from '../../model/error.ts';
import { findJsonSpan, readJsonText } from '../../model/json-span.ts';
import { isMultipart, setPart } from '../../model/multipart.ts';
import type { Header } from '../../model/plan.ts';
import { describePlace, type RequestPlace } from '../../model/signature.ts';
import { nameOfPair, readFormField } from './form.ts';

/** What a signature may stand in. */
export interface PlacedRequest {
  url: URL | null;
  /** See `SignedSubject`. */
  urlText?: string;
  headers: readonly Header[];
  body: Uint8Array;
}

/** The texts at this place, in their order; a JSON body has one at most. Header names count in any letter case. */
export function readPlace(place: RequestPlace, { url, headers, body }: PlacedRequest): string[] {
  if ('header' in place) return headerValues(headers, place.header);
  if ('query' in place) return url?.searchParams.getAll(place.query) ?? [];
  if ('form' in place) return readFormField({ headers, body }, place.form);
  const text = readJsonText(body, place.json);
  return text === null ? [] : [text];
}

/** In any letter case of the name. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  const lower = name.toLowerCase();
  const values: string[] = [];
  for (const header of headers)
    if (header[0].length === name.length && (header[0] === name || header[0].toLowerCase() === lower))
      values.push(header[1]);
  return values;
}

/**
 * The request with this text at the place and no other, or with none. In a JSON body the field must be there: its value
 * is replaced, and left blank for none. Throws AppError `input` where it is not.
 */
export function writePlace<T extends PlacedRequest>(place: RequestPlace, request: T, text: string | null): T {
  if ('header' in place) return { ...request, headers: replaceHeader(request.headers, place.header, text) };
  if ('query' in place) return replaceQuery(request, place.query, text);
  const body = 'form' in place ? replaceForm(request, place.form, text) : replaceJson(request.body, place, text);
  return { ...request, body };
}

/** What of the request may be signed: its URL as it was before the signature came into its query. */
export function signedPart<T extends PlacedRequest>(place: RequestPlace, request: T): T {
  return 'query' in place ? writePlace(place, request, null) : request;
}

function replaceHeader(headers: readonly Header[], name: string, text: string | null): readonly Header[] {
  const lower = name.toLowerCase();
  const others = headers.filter(([other]) => other.toLowerCase() !== lower);
  return text === null ? others : [...others, [name, text]];
}

function replaceQuery<T extends PlacedRequest>(request: T, name: string, text: string | null): T {
  if (request.url === null) return request;
  const url = new URL(request.url);
  url.search = replacePair(url.search.slice(1), name, text);
  if (request.urlText === undefined) return { ...request, url };
  const [, before = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(request.urlText) ?? [];
  const pairs = replacePair(query, name, text);
  return { ...request, url, urlText: pairs === '' ? before : `${before}?${pairs}` };
}

const replaceForm = (request: PlacedRequest, name: string, text: string | null): Uint8Array =>
  isMultipart(request)
    ? setPart(request.body, name, text)
    : Buffer.from(replacePair(Buffer.from(request.body).toString('utf8'), name, text), 'utf8');

/** The other pairs keep their bytes and their order: some vendors sign them. A new one stands behind them. */
function replacePair(pairs: string, name: string, text: string | null): string {
  const all = pairs.split('&').filter((pair) => pair !== '');
  const first = all.findIndex((pair) => nameOfPair(pair) === name);
  const written = text === null ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(text)}`];
  const kept = all.flatMap((pair, index) => (nameOfPair(pair) !== name ? [pair] : index === first ? written : []));
  return [...kept, ...(first === -1 ? written : [])].join('&');
}

function replaceJson(body: Uint8Array, place: { json: string }, text: string | null): Uint8Array {
  const span = findJsonSpan(body, place.json);
  if (span === null)
    throw new AppError('input', `the ${describePlace(place)}, where the signature belongs, is missing`, {
      hint: 'keep that field in the body, with an empty text',
    });
  return Buffer.concat([
    body.subarray(0, span.start),
    Buffer.from(writeValue(text ?? '', body[span.start] === QUOTE), 'utf8'),
    body.subarray(span.end),
  ]);
}

const QUOTE = 0x22;

/** What was a number stays one: a time, for instance. */
const writeValue = (text: string, wasText: boolean): string =>
  !wasText && /^\d+$/.test(text) ? text : JSON.stringify(text);
