import { AppError } from '../../model/error.ts';
import { isObject } from '../../model/json.ts';
import { toUtf8 } from '../../model/utf-16.ts';
import { noteBody } from './capture-notes.ts';
import type { CapturedRequest } from './captured-request.ts';
import { parseHttpCapture } from './parse-http-capture.ts';

/**
 * A mail of 25 MiB is 34 MiB in the base64 of a body, and 46 MiB in that of `listen --json`: the largest request fits,
 * and reading takes 400 MB of memory at most.
 */
export const MAX_CAPTURE_BYTES = 64 * 1024 * 1024;

/**
 * The requests in a capture, at least one: lines of `listen --json`, a HAR, raw HTTP, curl commands, or what `curl -v`
 * or `curl --trace` wrote. More than `MAX_CAPTURE_BYTES` should not be read. `body` takes the place of the body where
 * one is given. Throws AppError `input`.
 */
export async function readCaptures(bytes: Uint8Array, body?: Uint8Array): Promise<CapturedRequest[]> {
  const plain = toUtf8(bytes);
  const requests = await parseCapture(plain, body);
  if (requests.length === 0)
    throw new AppError('input', 'the capture contains no request', {
      hint: 'it is empty, contains only other lines of webhook listen --json, or is a HAR without entries',
    });
  if (body === undefined) return requests;
  const [request, ...others] = requests;
  if (request === undefined || others.length > 0)
    throw new AppError('usage', `the capture contains ${requests.length} requests, but --body is the body of only one`);
  return [{ ...request, body, isCutOff: false }];
}

/** Each kind of capture brings its parser when there is one of it. */
async function parseCapture(bytes: Buffer, body: Uint8Array | undefined): Promise<CapturedRequest[]> {
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (start < 0) return [];
  if (bytes[start] === OPEN_OBJECT) return parseJson(bytes, body);
  // A binary body has no text in it that would be curl's, but to look costs memory: the beginning is enough.
  const opening = bytes.toString('latin1', start, start + 1024 * 1024);
  if (isCommandLike(opening)) {
    const { isCurlCommand, parseCurlCommand } = await import('./parse-curl-command.ts');
    if (isCurlCommand(opening)) return parseCurlCommand(bytes.subarray(start), MAX_CAPTURE_BYTES, body);
  }
  if (mayBeCurl(opening)) {
    const { recogniseCurl, parseTracedCurl, parseVerboseCurl } = await import('./parse-curl-output.ts');
    const kind = recogniseCurl(opening);
    if (kind === 'trace') return parseTracedCurl(bytes.toString('latin1'));
    if (kind === 'verbose' && !isRawRequest(opening)) return [parseVerboseCurl(bytes.toString('latin1'), body)];
  }
  return parseHttpCapture(bytes.subarray(start)).map((request) =>
    body === undefined ? { ...request, notes: noteBody(request) } : request,
  );
}

const OPEN_OBJECT = 0x7b;

async function parseJson(bytes: Buffer, body: Uint8Array | undefined): Promise<CapturedRequest[]> {
  const { parseJsonCapture, readWholeDocument } = await import('./parse-json-capture.ts');
  const whole = readWholeDocument(bytes);
  const log = isObject(whole) ? whole['log'] : undefined;
  if (!isObject(log)) return parseJsonCapture(bytes, whole);
  const { parseHar } = await import('./parse-har.ts');
  return parseHar(log, body);
}

/** HTTP begins with a method in capitals, and a command with something else: `curl`, `printf`, `NAME=value`. */
const isCommandLike = (opening: string): boolean => /^(?:[^A-Z>*=\d]|[A-Za-z_]\w*=)/.test(opening);

/** Lines that only curl writes before a request: `> POST …`, `=> Send header`. */
const mayBeCurl = (opening: string): boolean => /^(?:\d\d:\d\d:\d\d\.\d+ )?(?:>|=> )/m.test(opening);

function isRawRequest(opening: string): boolean {
  return /^[A-Z]{3,10} \S+ HTTP\//.test(opening.slice(0, 8300));
}
