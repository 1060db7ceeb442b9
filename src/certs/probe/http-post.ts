import { connect, isIP } from 'node:net';
import type { Header } from '../../model/plan.ts';
import { hideQuerySecrets } from '../../model/http-url.ts';
import { durationSince } from './probe.ts';

export interface PostRequest {
  /** Path and query, as the URL has them. */
  path: string;
  /** Value of the Host header. */
  host: string;
  headers: readonly Header[];
  body: Uint8Array;
}

/** A POST as HTTP/1.1 bytes, header values in UTF-8, on a connection of its own. */
export function writePost({ path, host, headers, body }: PostRequest): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.byteLength}`,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), body]);
}

/** What `writePost` wrote, with these headers more. */
export function withPostHeaders(request: Uint8Array, headers: readonly Header[]): Buffer {
  const bytes = Buffer.from(request);
  const headEnd = bytes.indexOf('\r\n\r\n') + 2;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([bytes.subarray(0, headEnd), Buffer.from(lines, 'utf8'), bytes.subarray(headEnd)]);
}

const AUTHORIZATION = /\r\nauthorization:[^\r\n]*(?=\r\n)/i;

/**
 * What `writePost` wrote, as it may go to a server that nobody vouches for: without an Authorization header, and with
 * `***` for the secrets of the query.
 */
export function withoutPostCredentials(request: Uint8Array): Buffer {
  const bytes = Buffer.from(request);
  const headEnd = bytes.indexOf('\r\n\r\n') + 2;
  // One character for each byte, so that other headers stay as they are.
  const head = bytes
    .subarray(0, headEnd)
    .toString('latin1')
    .replace(AUTHORIZATION, '')
    .replace(/(?<=^POST )\S+/, hideQuerySecrets);
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes.subarray(headEnd)]);
}

export const carriesCredentials = (request: Uint8Array): boolean => !withoutPostCredentials(request).equals(request);

export interface HttpAnswer {
  status: number;
  /** As much of it as has come. */
  body: string;
  /** Nothing more is needed for a judgement. */
  complete: boolean;
}

const MAX_ANSWER_BYTES = 32 * 1024;

/** The answer in what has come so far; null while its head is not complete. 1xx answers are passed over. */
function readAnswer(bytes: Buffer): HttpAnswer | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const rest = bytes.subarray(headEnd + 4);
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1] ?? 0);
  if (status === 0) return null;
  if (status < 200) return readAnswer(rest);
  const announced = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  // Only the text of a 400 is judged (see probe.ts): of every other answer the head will do.
  const complete = status !== 400 || (announced !== undefined && rest.length >= Number(announced));
  return { status, body: rest.toString('utf8'), complete };
}

/** Reads an answer as its bytes come: `onAnswer` for each better view of it, `onNonsense` when it cannot be one. */
export function collectAnswer(onAnswer: (answer: HttpAnswer) => void, onNonsense: () => void): (bytes: Buffer) => void {
  let all: Buffer = Buffer.alloc(0);
  return (bytes) => {
    all = Buffer.concat([all, bytes]);
    const isFull = all.length >= MAX_ANSWER_BYTES;
    const answer = readAnswer(all);
    if (answer !== null) onAnswer(isFull ? { ...answer, complete: true } : answer);
    else if (isFull) onNonsense();
  };
}

/** What plain http, without TLS, got on one port. */
export interface PlainResult {
  port: number;
  /** Null when no HTTP answer came. */
  status: number | null;
  /** Somebody listens there. */
  connected: boolean;
  /** The time was up before anything came of it. */
  timedOut: boolean;
  durationMs: number;
}

/** Sends `request` as it is to a port of an address, without TLS, on a connection of its own. Never rejects. */
export function probePlain(
  endpoint: { host: string; port: number },
  request: Uint8Array,
  timeoutMs: number,
): Promise<PlainResult> {
  // A name was looked up before, and leads nowhere.
  if (isIP(endpoint.host) === 0)
    return Promise.resolve({ port: endpoint.port, status: null, connected: false, timedOut: false, durationMs: 0 });
  const beganAt = performance.now();
  const socket = connect({ host: endpoint.host, port: endpoint.port, autoSelectFamily: true, noDelay: true });
  const seen = { port: endpoint.port, status: null as number | null, connected: false, timedOut: false };
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...seen, durationMs: durationSince(beganAt) });
    };
    const timer = setTimeout(() => {
      seen.timedOut = true;
      finish();
    }, timeoutMs);
    socket.once('connect', () => {
      seen.connected = true;
      socket.write(request);
    });
    socket.on(
      'data',
      collectAnswer(({ status }) => {
        seen.status = status;
        finish();
      }, finish),
    );
    socket.on('error', finish);
    socket.once('close', finish);
  });
}
