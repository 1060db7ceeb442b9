import { AppError } from '../model/error.ts';
import type { JsonValue } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import { toUtf8 } from '../model/utf-16.ts';
import type { CapturedRequest } from './captured-request.ts';
import { parseHttpCapture, readHeaderLines, REQUEST_LINE } from './parse-http-capture.ts';

/**
 * A mail of 25 MiB is 34 MiB in the base64 of a body, and 46 MiB in that of `listen --json`: the largest request fits,
 * and reading takes 400 MB of memory at most.
 */
export const MAX_CAPTURE_BYTES = 64 * 1024 * 1024;

/**
 * The requests in a capture, at least one: lines of `listen --json`, raw HTTP, or what `curl -v` or `curl --trace`
 * wrote; more than `MAX_CAPTURE_BYTES` should not be read. `body` takes the place of the body where one is given.
 * Throws AppError `input`.
 */
export function readCaptures(bytes: Uint8Array, body?: Uint8Array): CapturedRequest[] {
  const plain = toUtf8(bytes);
  const requests = parseCapture(plain, body);
  if (requests.length === 0)
    throw new AppError('input', 'the capture holds no request', {
      hint: 'it is empty, or holds only other lines of webhook listen --json',
    });
  if (body === undefined) return requests;
  const [request, ...others] = requests;
  if (request === undefined || others.length > 0)
    throw new AppError('usage', `the capture holds ${requests.length} requests, and --body is the body of one`);
  return [{ ...request, body, isCutOff: false }];
}

function parseCapture(bytes: Buffer, body: Uint8Array | undefined): CapturedRequest[] {
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (start < 0) return [];
  if (bytes[start] === 0x7b) return parseJsonCapture(bytes.toString('utf8'));
  // A binary body has no text in it that would be curl's, but to look costs memory: the beginning is enough.
  const kind = recogniseCurl(bytes.toString('latin1', start, start + 1024 * 1024));
  if (kind === 'trace') return parseTracedCurl(bytes.toString('latin1'));
  if (kind === 'verbose' && !isRawRequest(bytes.subarray(start)))
    return [parseVerboseCurl(bytes.toString('latin1'), body)];
  return parseHttpCapture(bytes.subarray(start));
}

function isRawRequest(bytes: Buffer): boolean {
  return /^[A-Z]{3,10} \S+ HTTP\//.test(bytes.toString('latin1', 0, 8300));
}

/** A line of `listen --json` that is no request: `{"event":"ready",…}`. */
const isOtherLine = (line: Record<string, JsonValue>): boolean =>
  typeof line['event'] === 'string' && line['event'] !== 'request' && line['bodyBase64'] === undefined;

/**
 * The requests of `listen --json` (one JSON object a line, all of them) or of `send --dry-run --json`.
 * Throws AppError `input` that names the line and what is wrong in it.
 */
function parseJsonCapture(text: string): CapturedRequest[] {
  const whole = parseJson(text);
  const lines = whole === undefined ? text.split(/\r?\n/) : [whole];
  return lines.flatMap((line, index) => {
    if (typeof line === 'string' && line.trim() === '') return [];
    const value = typeof line === 'string' ? parseJson(line) : line;
    const place = lines.length === 1 ? 'the capture' : `line ${index + 1} of the capture`;
    if (value === undefined) throw broken(place, 'is not valid JSON');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(place, 'is no JSON object');
    return isOtherLine(value) ? [] : [readRequest(value, place)];
  });
}

function parseJson(text: string): JsonValue | undefined {
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

/** `> POST /hook HTTP/1.1`, with the time that --trace-time puts before it. */
const VERBOSE_LINE = /^(?:\d\d:\d\d:\d\d\.\d+ )?> ?(.*)$/;
const TRACE_HEAD = /^(?:\d\d:\d\d:\d\d\.\d+ )?=> Send (header|data), \d+ bytes/;
const TRACE_BYTES = /^[0-9a-f]{4,8}: ((?:[0-9a-f]{2} ){1,16})/i;

/** What wrote this: `curl -v`, `curl --trace FILE`, or null for something else. */
function recogniseCurl(text: string): 'verbose' | 'trace' | null {
  const lines = text.slice(0, 1024 * 1024).split(/\r?\n/);
  if (lines.some((line) => TRACE_HEAD.test(line))) return 'trace';
  return lines.some((line) => REQUEST_LINE.test(VERBOSE_LINE.exec(line)?.[1] ?? '')) ? 'verbose' : null;
}

/**
 * The last request in the output of `curl -v`: `> ` before each header. It does not contain the body, which must be
 * given. Throws AppError `input` without one.
 */
function parseVerboseCurl(text: string, body: Uint8Array | undefined): CapturedRequest {
  const sent = text.split(/\r?\n/).flatMap((line) => VERBOSE_LINE.exec(line)?.slice(1) ?? []);
  const start = sent.findLastIndex((line) => REQUEST_LINE.test(line));
  const [, method = '', path = ''] = REQUEST_LINE.exec(sent[start] ?? '') ?? [];
  const end = sent.indexOf('', start);
  const headers = readHeaderLines(sent.slice(start + 1, end < 0 ? undefined : end));
  if (body === undefined) {
    throw new AppError(
      'input',
      'curl -v tells the headers and not the body, and a signature cannot be verified without it',
      {
        hint: 'give the bytes that were sent with --body FILE, or capture with curl --trace FILE, which tells both',
      },
    );
  }
  return { source: 'curl', method, path, headers, body, isCutOff: false, receivedAtMs: null, vendor: null };
}

/** The requests that `curl --trace FILE` wrote: headers and body as a hex dump. */
function parseTracedCurl(text: string): CapturedRequest[] {
  const parts: Buffer[] = [];
  let isSent = false;
  for (const line of text.split(/\r?\n/)) {
    const [, hex] = TRACE_BYTES.exec(line) ?? [];
    if (hex !== undefined && isSent) parts.push(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    else if (hex === undefined) isSent = TRACE_HEAD.test(line);
  }
  if (parts.length === 0) {
    throw new AppError('input', 'this trace of curl holds no bytes: --trace-ascii leaves out what is no ASCII', {
      hint: 'capture with curl --trace FILE',
    });
  }
  return parseHttpCapture(Buffer.concat(parts)).map((request) => ({ ...request, source: 'curl' }));
}
