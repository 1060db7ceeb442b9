import { AppError } from '../model/error.ts';
import type { CapturedRequest } from './captured-request.ts';
import { parseTracedCurl, parseVerboseCurl, recogniseCurl } from './parse-curl-capture.ts';
import { parseHttpCapture } from './parse-http-capture.ts';
import { parseJsonCapture } from './parse-json-capture.ts';

export type { CapturedRequest };

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
  const requests = parse(plain, body);
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

function parse(bytes: Buffer, body: Uint8Array | undefined): CapturedRequest[] {
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

/** Without a byte order mark; what PowerShell wrote as UTF-16 as UTF-8. */
function toUtf8(bytes: Uint8Array): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return Buffer.from(buffer.toString('utf16le', 2), 'utf8');
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
}
