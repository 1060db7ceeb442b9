import { AppError } from '../../model/error.ts';
import { hasMoreValues, tryParseJson, type JsonValue } from '../../model/json.ts';
import type { Header } from '../../model/plan.ts';
import { calledUrl, keptUrl, targetOf } from './called-urls.ts';
import { isBase64, UNSAID, type CapturedRequest } from './captured-request.ts';

/**
 * Of one document: a browser's HAR of a thousand requests has some hundred thousand. Parsing 64 MB of empty lists,
 * which somebody else may have written, takes 20 seconds and 1.3 GB.
 */
const MAX_VALUES = 1_000_000;

/**
 * The document, if the capture is one as a whole, and not one a line. Throws AppError `input` for one of too many
 * values.
 */
export function readWholeDocument(bytes: Buffer): JsonValue | undefined {
  if (!hasMoreValues(bytes, MAX_VALUES)) return tryParseJson(bytes.toString('utf8'));
  const lineEnd = bytes.indexOf(0x0a);
  const isOneALine =
    lineEnd > 0 && lineEnd < MAX_VALUES && tryParseJson(bytes.toString('utf8', 0, lineEnd)) !== undefined;
  if (!isOneALine) throw tooManyValues('the capture');
  return undefined;
}

/** A line of `listen --json` that is no request: `{"event":"ready",…}`. */
const isOtherLine = (line: Record<string, JsonValue>): boolean =>
  typeof line['event'] === 'string' && line['event'] !== 'request' && line['bodyBase64'] === undefined;

/**
 * The requests of `listen --json` (one JSON object a line, all of them) or of `send --dry-run --json`, which is
 * `whole`. Throws AppError `input` that names the line and what is wrong in it.
 */
export function parseJsonCapture(bytes: Buffer, whole: JsonValue | undefined): CapturedRequest[] {
  const lines = whole === undefined ? bytes.toString('utf8').split(/\r?\n/) : [whole];
  return lines.flatMap((line, index) => {
    if (typeof line === 'string' && line.trim() === '') return [];
    const place = lines.length === 1 ? 'the capture' : `line ${index + 1} of the capture`;
    const value = typeof line === 'string' ? parseLine(line, place) : line;
    if (value === undefined) throw broken(place, 'is not valid JSON');
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw broken(place, 'is not a JSON object');
    return isOtherLine(value) ? [] : [readRequest(value, place)];
  });
}

function parseLine(line: string, place: string): JsonValue | undefined {
  if (line.length > MAX_VALUES && hasMoreValues(Buffer.from(line), MAX_VALUES)) throw tooManyValues(place);
  return tryParseJson(line);
}

function readRequest(line: Record<string, JsonValue>, place: string): CapturedRequest {
  const { method = 'POST', vendor = null, receivedAt, bodyBase64 } = line;
  const path = line['path'] ?? line['url'] ?? '/';
  if (typeof method !== 'string' || typeof path !== 'string')
    throw broken(place, 'has a method or path that is not text');
  if (typeof bodyBase64 !== 'string' || !isBase64(bodyBase64))
    throw broken(place, 'has no "bodyBase64" with the bytes of the body in base64');
  const receivedAtMs = typeof receivedAt === 'string' ? Date.parse(receivedAt) : null;
  if (Number.isNaN(receivedAtMs)) throw broken(place, 'has a "receivedAt" that is not an ISO time');
  const url = calledUrl(path);
  return {
    ...UNSAID,
    source: 'json',
    method,
    path: url === null ? path : targetOf(url),
    ...keptUrl(url, path),
    headers: readHeaders(line['headers'], place),
    body: Buffer.from(bodyBase64, 'base64'),
    receivedAtMs,
    vendor: typeof vendor === 'string' ? vendor : null,
  };
}

function readHeaders(headers: JsonValue | undefined, place: string): Header[] {
  const pairs = Array.isArray(headers) ? headers : [];
  if (!Array.isArray(headers) || !pairs.every(isPair))
    throw broken(place, 'has no "headers" as a list of [name, value]');
  return pairs as unknown as Header[];
}

function isPair(pair: JsonValue): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
}

function broken(place: string, what: string): AppError {
  return new AppError('input', `${place} ${what}`, {
    hint:
      'give one JSON object per line, as webhook listen --json writes them (method, path, headers, bodyBase64), ' +
      'or a HAR, as browsers and proxies save it',
  });
}

function tooManyValues(place: string): AppError {
  return new AppError('input', `${place} is JSON with more than a million values`, {
    hint: 'keep only the requests that matter, without other pages and responses',
  });
}
