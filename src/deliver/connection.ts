import type { Client, Dispatcher } from 'undici';
import type { Timings } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import { failureCode, withCode } from './failure-code.ts';
import { openSocket, type WatchedSocket, type ConnectOptions } from './socket.ts';
import { stopwatchMs } from '../model/clock.ts';
import type { WireHeaders, WireResult, WireStage } from './wire.ts';

export type ClientConstructor = typeof Client;

/**
 * A keep-alive connection to one origin that carries one request at a time, so that whatever is known of its socket
 * belongs to that request. It connects when it must, and after a failure it starts afresh.
 */
export interface Connection {
  readonly socket: WatchedSocket | null;
  client(): Client;
  /** Drops the connection, whatever state it is in. */
  discard(): void;
}

/** The time limits of undici are off: the one timer of `exchange` is in charge. */
const LIMITS = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 64 * 1024, pipelining: 1 };

export function openConnection(url: URL, ClientOf: ClientConstructor, connecting: ConnectOptions): Connection {
  let opened: WatchedSocket | null = null;
  let client: Client | null = null;
  return {
    get socket() {
      return opened;
    },
    client() {
      client ??= new ClientOf(url.origin, {
        ...LIMITS,
        connect: (_options, callback) => {
          opened = openSocket(url, connecting, (error, socket) => {
            if (error === null && socket !== null) callback(null, socket);
            else callback(error ?? new Error('no socket'), null);
          });
        },
      });
      return client;
    },
    discard() {
      // The socket goes first: its error would otherwise reach the requests of a client that is already gone.
      opened?.raw.destroy();
      opened = null;
      const gone = client;
      client = null;
      gone?.destroy().catch(() => {});
    },
  };
}

/** As much of an answer as is kept; whatever comes after is not read. */
export const KEPT_BYTES = 64 * 1024;

export interface Call {
  url: URL;
  method: string;
  headers: WireHeaders;
  body: Uint8Array;
}

/** An exchange that is going on. */
interface ExchangeProgress {
  startedAt: number;
  requestAt: number | null;
  firstByteAt: number | null;
  /** The connection was open before this request. */
  reused: boolean;
  status: number | null;
  headers: readonly Header[];
  chunks: Buffer[];
  keptBytes: number;
  readBytes: number;
  truncated: boolean;
}

/** Sends one request over a connection and reads the answer. Never rejects: what goes wrong is in the result. */
export function exchange(
  connection: Connection,
  call: Call,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<WireResult> {
  return new Promise((resolve) => {
    const progress: ExchangeProgress = {
      startedAt: stopwatchMs(),
      requestAt: null,
      firstByteAt: null,
      reused: false,
      status: null,
      headers: [],
      chunks: [],
      keptBytes: 0,
      readBytes: 0,
      truncated: false,
    };
    let settled = false;
    const settle = (error: Error | null): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const result = resultOf(call, progress, connection.socket, error);
      if (error !== null || progress.truncated) connection.discard();
      resolve(result);
    };
    const onAbort = (): void => settle(withCode('ABORTED'));
    const timer = setTimeout(() => settle(withCode('TIMEOUT')), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else dispatch(connection, call, progress, settle);
  });
}

function dispatch(
  connection: Connection,
  call: Call,
  progress: ExchangeProgress,
  settle: (error: Error | null) => void,
): void {
  connection.client().dispatch(toUndici(call), {
    onConnect() {
      progress.requestAt = stopwatchMs();
      if (connection.socket !== null) progress.reused = connection.socket.requests++ > 0;
    },
    onResponseStarted() {
      progress.firstByteAt ??= stopwatchMs();
    },
    onHeaders(status, headers) {
      // A 1xx is no answer yet.
      if (status < 200) return true;
      progress.status = status;
      progress.headers = pairsOf(headers);
      return true;
    },
    onData(chunk) {
      keep(progress, chunk);
      if (progress.truncated) settle(null);
      return true;
    },
    onComplete() {
      // undici takes a reset for the end of a body without a length, although the rest of it is missing.
      settle(connection.socket?.socketError ?? null);
    },
    onError(error) {
      settle(connection.socket?.socketError ?? error);
    },
  });
}

function toUndici({ url, method, headers, body }: Call): Dispatcher.DispatchOptions {
  return {
    path: url.pathname + url.search,
    method: method as 'POST',
    headers: headers.raw as string[],
    // undici accepts any iterator; its types do not say so.
    body: headers.chunked ? (piecesOf(body) as unknown as Uint8Array) : body,
  };
}

function keep(progress: ExchangeProgress, chunk: Buffer): void {
  progress.readBytes += chunk.length;
  const room = KEPT_BYTES - progress.keptBytes;
  if (chunk.length > room) progress.truncated = true;
  // Copied: a slice would hold the whole network buffer it is cut from.
  if (room > 0) progress.chunks.push(Buffer.from(chunk.subarray(0, room)));
  progress.keptBytes += Math.min(room, chunk.length);
}

function resultOf(
  call: Call,
  progress: ExchangeProgress,
  socket: WatchedSocket | null,
  error: Error | null,
): WireResult {
  const stage = stageOf(progress, socket);
  return {
    requestHeaders: call.headers.shown,
    status: progress.status,
    responseHeaders: progress.headers,
    responseBody: Buffer.concat(progress.chunks),
    responseBytes: progress.readBytes,
    responseTruncated: progress.truncated,
    timings: timingsOf(progress, socket),
    remoteAddress: socket?.remoteAddress ?? null,
    tls: socket?.tls ?? null,
    failure: error === null ? null : { code: failureCode(error), detail: error.message, stage, cause: error },
  };
}

function stageOf(progress: ExchangeProgress, socket: WatchedSocket | null): WireStage {
  if (progress.status !== null) return 'body';
  if (socket !== null && socket.stage !== 'open') return socket.stage;
  return progress.firstByteAt === null ? 'answer' : 'headers';
}

function timingsOf(progress: ExchangeProgress, socket: WatchedSocket | null): Timings {
  const opened = progress.reused ? null : socket;
  const waited =
    progress.firstByteAt !== null && progress.requestAt !== null ? progress.firstByteAt - progress.requestAt : null;
  return {
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: waited,
    totalMs: totalMs(progress, opened),
  };
}

/**
 * The time of the network and the endpoint. What our side needs between them is left out: for the first request of a
 * process, which loads the HTTP parser, that is more than a fast endpoint takes to answer.
 */
function totalMs({ startedAt, requestAt }: ExchangeProgress, opened: WatchedSocket | null): number {
  if (requestAt === null) return stopwatchMs() - startedAt;
  return (opened?.dnsMs ?? 0) + (opened?.connectMs ?? 0) + (opened?.tlsMs ?? 0) + stopwatchMs() - requestAt;
}

function pairsOf(raw: readonly Buffer[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([textOf(raw[at]), textOf(raw[at + 1])]);
  return pairs;
}

/** Header bytes are UTF-8 nowadays, and latin1 by tradition (RFC 9110 §5.5). */
function textOf(bytes: Buffer | undefined): string {
  const text = bytes?.toString('utf8') ?? '';
  return text.includes('\uFFFD') ? (bytes?.toString('latin1') ?? '') : text;
}

/** A body that undici sends chunked, since it cannot know the length of an iterator. */
function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += 16_384) yield body.subarray(at, at + 16_384);
}
