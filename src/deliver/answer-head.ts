import type { Header } from '../model/plan.ts';
import { failure } from './failure-code.ts';

/** How long the body of an answer is (RFC 9112 §6.3). */
export type Framing = { kind: 'none' | 'chunked' | 'until-close' } | { kind: 'length'; bytes: number };

/** The first part of an answer. */
export interface AnswerHead {
  status: number;
  headers: readonly Header[];
  framing: Framing;
  /** Another request may follow on the same connection. */
  keepsOpen: boolean;
}

/**
 * A version and three digits; what follows them says nothing, and servers leave it out. Some name HTTP/2, and go on as
 * HTTP/1.1 does.
 */
const STATUS_LINE = /^HTTP\/(1\.[01]|[23](?:\.0)?) +(\d{3})(?!\d)/i;

/**
 * Reads the lines of a head, as leniently as curl does: a line that begins with white space continues the one before,
 * and one without a colon ends nothing. Throws `MALFORMED_RESPONSE` for a status line that says no status, or a length
 * that is none.
 * @param lines a letter for each byte, without their ends, and without the empty line behind them
 * @param method of the request: an answer to HEAD has no body
 */
export function readAnswerHead(lines: readonly string[], method: string): AnswerHead {
  const [first = '', ...rest] = unfold(lines.map(readLine));
  const [, version, digits] = STATUS_LINE.exec(first) ?? [];
  if (digits === undefined)
    throw failure('MALFORMED_RESPONSE', `"${first.slice(0, 80)}" is not an HTTP/1.1 status line`);
  const status = Number(digits);
  if (status < 100) throw failure('MALFORMED_RESPONSE', `${digits} is not a status`);
  const headers = rest.map(readHeader);
  const { lengths, codings, connection } = readControls(headers);
  const framing = framingOf(status, { lengths, codings }, method);
  const announcesMore = framing.kind === 'none' && Number(lengths.at(-1) ?? 0) > 0;
  return {
    status,
    headers,
    framing,
    keepsOpen:
      framing.kind !== 'until-close' &&
      // A server that sends a body where there can be none would answer the next request with it.
      !(announcesMore && method !== 'HEAD') &&
      !/\bclose\b/.test(connection) &&
      (version !== '1.0' || /\bkeep-alive\b/.test(connection)),
  };
}

/** RFC 9112 §5.2: obsolete, and still written. */
function unfold(lines: readonly string[]): string[] {
  const unfolded: string[] = [];
  for (const line of lines) {
    if (unfolded.length > 1 && /^[ \t]/.test(line)) unfolded.push(`${unfolded.pop()?.trimEnd()} ${line.trim()}`);
    else unfolded.push(line);
  }
  return unfolded;
}

function readHeader(line: string): Header {
  const colon = line.indexOf(':');
  if (colon === -1) throw failure('MALFORMED_RESPONSE', `"${line.slice(0, 80)}" is not a header: it has no colon`);
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** What the headers say of the answer itself and of the connection; in small letters, several joined by commas. */
interface Controls {
  lengths: string[];
  codings: string;
  connection: string;
}

/** In one pass: an answer is read for every request that is sent. */
function readControls(headers: readonly Header[]): Controls {
  const controls: Controls = { lengths: [], codings: '', connection: '' };
  for (const [name, value] of headers) {
    const lower = name.trim().toLowerCase();
    if (lower === 'content-length') controls.lengths.push(value);
    else if (lower === 'transfer-encoding') controls.codings += `${controls.codings && ','}${value.toLowerCase()}`;
    else if (lower === 'connection') controls.connection += `${controls.connection && ','}${value.toLowerCase()}`;
  }
  return controls;
}

function framingOf(
  status: number,
  { lengths, codings }: Pick<Controls, 'lengths' | 'codings'>,
  method: string,
): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { kind: 'none' };
  // What is chunked tells its own length: a Content-Length beside it does not count (RFC 9112 §6.3).
  if (/\bchunked\b/.test(codings)) return { kind: 'chunked' };
  // Of several the last one counts, for curl too.
  const length = lengths.at(-1);
  if (length === undefined || codings !== '') return { kind: 'until-close' };
  const odd = lengths.find((one) => !/^\+?\d/.test(one));
  if (odd !== undefined) throw failure('MALFORMED_RESPONSE', `the Content-Length is "${odd.slice(0, 40)}"`);
  return { kind: 'length', bytes: Number.parseInt(length, 10) };
}

/** Header bytes are UTF-8 nowadays, and latin1 by tradition (RFC 9110 §5.5). */
function readLine(line: string): string {
  if (line.includes('\0')) throw failure('MALFORMED_RESPONSE', 'there is a NUL byte in its headers');
  if (!BEYOND_ASCII.test(line)) return line;
  const text = Buffer.from(line, 'latin1').toString('utf8');
  return text.includes('\uFFFD') ? line : text;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;
