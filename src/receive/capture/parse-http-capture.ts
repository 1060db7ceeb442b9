import { AppError } from '../../model/error.ts';
import { HEADER_NAME } from '../../model/header.ts';
import type { Header } from '../../model/plan.ts';
import { calledUrl } from './called-urls.ts';
import { headerValue, UNSAID, type CapturedRequest } from './captured-request.ts';

/** `POST /hook HTTP/1.1`; the target is a path, or of a proxy's request a URL. */
export const REQUEST_LINE = /^([A-Z]{3,10}) (\S{1,8192}) HTTP\/\d(?:\.\d)?$/;

/** More than any server accepts. */
const MAX_HEADERS = 2000;

const LF = 0x0a;
const CR = 0x0d;

/**
 * The requests in raw HTTP text, one behind the other; lines end with CRLF or LF. A chunked body is decoded; one that
 * was decoded by whoever captured it is kept as it is. Throws AppError `input` that names the line.
 */
export function parseHttpCapture(bytes: Buffer): CapturedRequest[] {
  const requests: CapturedRequest[] = [];
  for (let at = 0; at < bytes.length;) {
    const read = readRequest(bytes, at);
    requests.push(read.request);
    at = read.end;
  }
  return requests;
}

function readRequest(bytes: Buffer, start: number): { request: CapturedRequest; end: number } {
  const head = readHead(bytes, start);
  const { body, isCutOff, end } = readBody(bytes, head);
  const { method, path, headers } = head;
  return { request: { ...UNSAID, source: 'http', method, path, url: calledUrl(path), headers, body, isCutOff }, end };
}

interface Head {
  method: string;
  path: string;
  headers: readonly Header[];
  end: number;
}

function readHead(bytes: Buffer, start: number): Head {
  const first = readLine(bytes, start);
  const [, method, path] = REQUEST_LINE.exec(first.text) ?? [];
  if (method === undefined || path === undefined) throw noRequestLine();
  const lines: string[] = [];
  for (let at = first.end; ;) {
    const line = readLine(bytes, at);
    at = line.end;
    if (line.text === '') return { method, path, headers: readHeaderLines(lines), end: at };
    // A line that begins with white space continues the one above (obs-fold, RFC 9112 §5.2).
    if (/^[ \t]/.test(line.text) && lines.length > 0) lines.push(`${lines.pop()} ${line.text.trim()}`);
    else lines.push(line.text);
    if (lines.length > MAX_HEADERS)
      throw new AppError('input', `the capture has more than ${MAX_HEADERS} header lines`, {
        hint: 'end the headers with an empty line',
      });
  }
}

/** Header lines as pairs. Throws AppError `input` for a line that is none. */
export function readHeaderLines(lines: readonly string[]): Header[] {
  return lines.map((line, index) => {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trimEnd();
    if (at <= 0 || !HEADER_NAME.test(name)) {
      throw new AppError('input', `header line ${index + 1} of the capture is not "Name: value"`, {
        hint: 'put an empty line between headers and body',
      });
    }
    return [name, line.slice(at + 1).trim()];
  });
}

interface Body {
  body: Uint8Array;
  isCutOff: boolean;
  end: number;
}

function readBody(bytes: Buffer, head: Head): Body {
  const start = head.end;
  if (/\bchunked\b/i.test(headerValue(head, 'transfer-encoding') ?? '')) {
    const decoded = decodeChunked(bytes, start);
    if (decoded !== null) {
      const next = skipToNext(bytes, decoded.end);
      return { ...decoded, end: next < 0 ? bytes.length : next };
    }
  }
  const length = headerValue(head, 'content-length');
  // Without a length another request may stand at once behind the headers: of a GET, say.
  const end = length === undefined ? start : /^\d{1,15}$/.test(length) ? start + Number(length) : Infinity;
  const next = end <= bytes.length ? skipToNext(bytes, end) : -1;
  if (next >= 0 && (length !== undefined || next < bytes.length))
    return { body: bytes.subarray(start, end), isCutOff: false, end: next };
  // What stands behind belongs to the body all the same, unless it is a line break of an editor or another request.
  refuseRequestWithin(bytes, start, length);
  return { body: bytes.subarray(start), isCutOff: false, end: bytes.length };
}

/** Two requests mistaken for one would be called forged, and nobody would see why. */
function refuseRequestWithin(bytes: Buffer, start: number, length: string | undefined): void {
  for (let at = start; ;) {
    const found = bytes.indexOf(' HTTP/', at);
    if (found < 0) return;
    // Looked for no further back than the last line that was looked at: each byte is read twice at most.
    const begin = bytes.subarray(at, found).lastIndexOf(LF) + 1 + at;
    const line = readLine(bytes, begin);
    if (REQUEST_LINE.test(line.text)) throw requestWithin(bytes, begin, length);
    at = line.end;
  }
}

function requestWithin(bytes: Buffer, begin: number, length: string | undefined): AppError {
  let lineNumber = 1;
  for (let at = bytes.indexOf(LF); at >= 0 && at < begin; at = bytes.indexOf(LF, at + 1)) lineNumber += 1;
  const why =
    length === undefined
      ? 'has no Content-Length'
      : `has a Content-Length (${length.slice(0, 20)}) that does not match`;
  return new AppError(
    'input',
    `line ${lineNumber} of the capture looks like another request, but the one before ${why}: ` +
      'it is unclear where its body ends',
    {
      hint: 'put each request in its own file, or give the one before the Content-Length of its body',
    },
  );
}

/** Where the next request begins, or the end, when nothing but line breaks stands between; else -1. */
function skipToNext(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === CR || bytes[at] === LF) at++;
  if (at >= bytes.length) return bytes.length;
  return REQUEST_LINE.test(readLine(bytes, at).text) ? at : -1;
}

/** Null when it does not begin with a chunk's size: then it was decoded before. */
function decodeChunked(bytes: Buffer, start: number): Body | null {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const line = readLine(bytes, at);
    const [, hex] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line.text) ?? [];
    if (hex === undefined)
      return at === start ? null : { body: Buffer.concat(chunks), isCutOff: true, end: bytes.length };
    const size = Number.parseInt(hex, 16);
    if (size === 0) return { body: Buffer.concat(chunks), isCutOff: false, end: skipTrailers(bytes, line.end) };
    chunks.push(bytes.subarray(line.end, line.end + size));
    // Behind the end of a capture that breaks off there is no size any more.
    at = readLine(bytes, line.end + size).end;
  }
}

function skipTrailers(bytes: Buffer, start: number): number {
  for (let at = start; ;) {
    const line = readLine(bytes, at);
    at = line.end;
    if (line.text === '' || at >= bytes.length) return at;
  }
}

/** A line as Latin-1, as HTTP reads headers, without its end. */
function readLine(bytes: Buffer, start: number): { text: string; end: number } {
  const found = bytes.indexOf(LF, start);
  const end = found < 0 ? bytes.length : found;
  const last = bytes[end - 1] === CR && end > start ? end - 1 : end;
  return {
    text: bytes.toString('latin1', start, Math.min(last, start + 65_536)),
    end: found < 0 ? bytes.length : found + 1,
  };
}

function noRequestLine(): AppError {
  return new AppError('input', 'the capture is not a request that can be read', {
    hint:
      'give a line of webhook listen --json, a HAR, raw HTTP that starts with "POST /path HTTP/1.1", a curl ' +
      'command, or the output of curl -v or curl --trace',
  });
}
