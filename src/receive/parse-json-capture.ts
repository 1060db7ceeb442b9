import { AppError } from '../model/error.ts';
import type { JsonValue } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { CapturedRequest } from './captured-request.ts';

/** What `listen --json` says beside requests: `{"event":"ready",…}`. */
const isOtherLine = (line: Record<string, JsonValue>): boolean =>
  typeof line['event'] === 'string' && line['event'] !== 'request' && line['bodyBase64'] === undefined;

/**
 * The requests of `listen --json` (one JSON object a line, all of them) or of `send --dry-run --json`.
 * Throws AppError `input` that names the line and what is wrong in it.
 */
export function parseJsonCapture(text: string): CapturedRequest[] {
  const whole = parse(text);
  const lines = whole === undefined ? text.split(/\r?\n/) : [whole];
  return lines.flatMap((line, index) => {
    if (typeof line === 'string' && line.trim() === '') return [];
    const value = typeof line === 'string' ? parse(line) : line;
    const place = lines.length === 1 ? 'the capture' : `line ${index + 1} of the capture`;
    if (value === undefined) throw broken(place, 'is not valid JSON');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(place, 'is no JSON object');
    return isOtherLine(value) ? [] : [readRequest(value, place)];
  });
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function readRequest(line: Record<string, JsonValue>, place: string): CapturedRequest {
  const { method = 'POST', vendor = null, receivedAt, bodyBase64 } = line;
  const path = line['path'] ?? line['url'] ?? '/';
  if (typeof method !== 'string' || typeof path !== 'string')
    throw broken(place, 'has a method or path that is no text');
  if (typeof bodyBase64 !== 'string' || !isBase64(bodyBase64))
    throw broken(place, 'has no "bodyBase64" with the bytes of the body in base64');
  const receivedAtMs = typeof receivedAt === 'string' ? Date.parse(receivedAt) : null;
  if (Number.isNaN(receivedAtMs)) throw broken(place, 'has a "receivedAt" that is no ISO time');
  return {
    source: 'json',
    method,
    path: URL.canParse(path) ? pathOf(new URL(path)) : path,
    headers: readHeaders(line['headers'], place),
    body: Buffer.from(bodyBase64, 'base64'),
    isCutOff: false,
    receivedAtMs,
    vendor: typeof vendor === 'string' ? vendor : null,
  };
}

const pathOf = ({ pathname, search }: URL): string => `${pathname}${search}`;

function readHeaders(headers: JsonValue | undefined, place: string): Header[] {
  const pairs = Array.isArray(headers) ? headers : [];
  if (!Array.isArray(headers) || !pairs.every(isPair))
    throw broken(place, 'has no "headers" as a list of [name, value]');
  return pairs as unknown as Header[];
}

function isPair(pair: JsonValue): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function broken(place: string, what: string): AppError {
  return new AppError('input', `${place} ${what}`, {
    hint: 'one JSON object a line, as webhook listen --json writes them: method, path, headers, bodyBase64',
  });
}
