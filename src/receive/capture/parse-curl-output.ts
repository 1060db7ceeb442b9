import { AppError } from '../../model/error.ts';
import { UNSAID, type CapturedRequest } from './captured-request.ts';
import { parseHttpCapture, readHeaderLines, REQUEST_LINE } from './parse-http-capture.ts';

/** `> POST /hook HTTP/1.1`, with the time that --trace-time puts before it. */
const VERBOSE_LINE = /^(?:\d\d:\d\d:\d\d\.\d+ )?> ?(.*)$/;
const TRACE_HEAD = /^(?:\d\d:\d\d:\d\d\.\d+ )?=> Send (header|data), \d+ bytes/;
const TRACE_BYTES = /^[0-9a-f]{4,8}: ((?:[0-9a-f]{2} ){1,16})/i;

/** What wrote this: `curl -v`, `curl --trace FILE`, or null for something else. */
export function recogniseCurl(text: string): 'verbose' | 'trace' | null {
  const lines = text.slice(0, 1024 * 1024).split(/\r?\n/);
  if (lines.some((line) => TRACE_HEAD.test(line))) return 'trace';
  return lines.some((line) => REQUEST_LINE.test(VERBOSE_LINE.exec(line)?.[1] ?? '')) ? 'verbose' : null;
}

/**
 * The last request in the output of `curl -v`: `> ` before each header. It does not contain the body, which must be
 * given. Throws AppError `input` without one.
 */
export function parseVerboseCurl(text: string, body: Uint8Array | undefined): CapturedRequest {
  const sent = text.split(/\r?\n/).flatMap((line) => VERBOSE_LINE.exec(line)?.slice(1) ?? []);
  const start = sent.findLastIndex((line) => REQUEST_LINE.test(line));
  const [, method = '', path = ''] = REQUEST_LINE.exec(sent[start] ?? '') ?? [];
  const end = sent.indexOf('', start);
  const headers = readHeaderLines(sent.slice(start + 1, end < 0 ? undefined : end));
  if (body === undefined) {
    throw new AppError(
      'input',
      'curl -v shows the headers but not the body, and a signature cannot be verified without it',
      {
        hint: 'give the bytes that were sent with --body FILE, or capture with curl --trace FILE, which shows both',
      },
    );
  }
  return { ...UNSAID, source: 'curl', method, path, headers, body };
}

/** The requests that `curl --trace FILE` wrote: headers and body as a hex dump. */
export function parseTracedCurl(text: string): CapturedRequest[] {
  const parts: Buffer[] = [];
  let isSent = false;
  for (const line of text.split(/\r?\n/)) {
    const [, hex] = TRACE_BYTES.exec(line) ?? [];
    if (hex !== undefined && isSent) parts.push(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    else if (hex === undefined) isSent = TRACE_HEAD.test(line);
  }
  if (parts.length === 0) {
    throw new AppError('input', 'this curl trace has no bytes: --trace-ascii leaves out what is not ASCII', {
      hint: 'capture with curl --trace FILE',
    });
  }
  return parseHttpCapture(Buffer.concat(parts)).map((request) => ({ ...request, source: 'curl' }));
}
