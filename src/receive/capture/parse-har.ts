import { AppError } from '../../model/error.ts';
import { announcedLength, HEADER_NAME } from '../../model/header.ts';
import { isObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { Header } from '../../model/plan.ts';
import { calledUrl, targetOf } from './called-urls.ts';
import { noteBody, otherLength } from './capture-notes.ts';
import { headerValue, isBase64, UNSAID, type CapturedRequest } from './captured-request.ts';
import { readFormParams } from './har-form.ts';

/**
 * The requests of a HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), given its `log`; answers are not looked
 * at. A HAR keeps a body as text: where that cannot be the bytes that were sent, a note says so. `body` takes the place
 * of the body where one is given. Throws AppError `input` that names the entry.
 */
export function parseHar(log: JsonObject, body?: Uint8Array): CapturedRequest[] {
  const { entries } = log;
  if (!Array.isArray(entries)) throw broken('the HAR', 'has no list of "entries"');
  return entries.map((entry, index) => {
    const place = `entry ${index + 1} of the HAR`;
    const request = isObject(entry) ? entry['request'] : undefined;
    if (!isObject(entry) || !isObject(request)) throw broken(place, 'has no "request"');
    return readEntry(request, entry['startedDateTime'], place, body);
  });
}

function readEntry(
  request: JsonObject,
  started: JsonValue | undefined,
  place: string,
  body: Uint8Array | undefined,
): CapturedRequest {
  const { method, url: given } = request;
  if (typeof method !== 'string' || !HEADER_NAME.test(method)) throw broken(place, 'has no "method"');
  const url = typeof given === 'string' ? calledUrl(given) : null;
  if (url === null) throw broken(place, 'has no "url" with scheme and host');
  const startedMs = typeof started === 'string' && started !== '' ? Date.parse(started) : null;
  if (Number.isNaN(startedMs)) throw broken(place, 'has a "startedDateTime" that is not an ISO time');
  const found: CapturedRequest = {
    ...UNSAID,
    source: 'har',
    method,
    path: targetOf(url),
    url,
    headers: readHeaders(request['headers'], place),
    body: body ?? new Uint8Array(),
    receivedAtMs: startedMs,
  };
  return body === undefined ? withBody(found, request, place) : found;
}

/** In HTTP/2 method and URL are headers, too (`:path`): they stand in the request by their own names. */
function readHeaders(headers: JsonValue | undefined, place: string): Header[] {
  if (!Array.isArray(headers)) throw broken(place, 'has no list of "headers"');
  return headers.flatMap((header): Header[] => {
    const { name, value } = isObject(header) ? header : {};
    if (typeof name !== 'string' || typeof value !== 'string')
      throw broken(place, 'has a header without name or value');
    if (name.startsWith(':')) return [];
    if (!HEADER_NAME.test(name))
      throw broken(place, `has the header "${name.slice(0, 40)}", which is not a valid name`);
    return [[name, value]];
  });
}

function withBody(found: CapturedRequest, request: JsonObject, place: string): CapturedRequest {
  const sentBytes = countedBytes(found, request['bodySize']);
  const posted = isObject(request['postData']) ? request['postData'] : {};
  const { body, isCutOff, notes } = readBody(posted, sentBytes, place);
  const sized = { ...found, body, isCutOff };
  return { ...sized, notes: [...notes, ...noteLength(sized, sentBytes)] };
}

/** How long the body was when it was sent, as the sender's own header or else the HAR counts it; null: nobody did. */
function countedBytes(found: CapturedRequest, bodySize: JsonValue | undefined): number | null {
  // -1 stands for "not known", and 0 beside a body is written by who does not know either.
  return announcedLength(found.headers) ?? (typeof bodySize === 'number' && bodySize > 0 ? bodySize : null);
}

type HarBody = Pick<CapturedRequest, 'body' | 'isCutOff' | 'notes'>;

function readBody(posted: JsonObject, sentBytes: number | null, place: string): HarBody {
  const { text, params, mimeType } = posted;
  const given = typeof text === 'string' ? text : '';
  if (given === '' && Array.isArray(params) && params.length > 0)
    return readFormParams(params, typeof mimeType === 'string' ? mimeType : '', sentBytes);
  if ((posted['encoding'] ?? posted['_encoding']) === 'base64') {
    if (!isBase64(given)) throw broken(place, 'has a body that is not base64');
    return { body: Buffer.from(given, 'base64'), isCutOff: false, notes: [] };
  }
  const body = Buffer.from(given, 'utf8');
  // Some proxies write bytes that are no UTF-8 as Latin-1, each as the character of its number.
  // oxlint-disable-next-line no-control-regex -- every character of a byte
  if (body.length !== sentBytes && given.length === sentBytes && !/[^\u0000-\u00ff]/.test(given))
    return { body: Buffer.from(given, 'latin1'), isCutOff: false, notes: [] };
  return { body, isCutOff: false, notes: body.includes('\ufffd') ? [REPLACED] : [] };
}

const REPLACED =
  'the HAR keeps the body as text with a replacement character (U+FFFD) in it: ' +
  'bytes that were not UTF-8 are lost, so these are not the bytes that were sent';

function noteLength(request: CapturedRequest, sentBytes: number | null): string[] {
  if (sentBytes === null) return noteBody(request);
  if (sentBytes === request.body.byteLength) return [];
  return [otherLength(sentBytes, request.body.byteLength, headerValue(request, 'content-encoding'), 'the HAR counts')];
}

function broken(place: string, what: string): AppError {
  return new AppError('input', `${place} ${what}`, {
    hint: 'a HAR 1.2 has {"log": {"entries": [{"request": {"method", "url", "headers", "postData"}}]}}',
  });
}
