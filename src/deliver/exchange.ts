import type { Timings } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import type { Connection } from './connection.ts';
import { failureCode } from './failure-code.ts';
import type { Lane } from './lane.ts';
import type { WireHeaders } from './wire-headers.ts';
import type { WireResult, WireStage } from './wire.ts';
import { stopwatchMs } from './stopwatch.ts';

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

/** Sends one request over a lane and reads the answer. Never rejects: what goes wrong is in the result. */
export function exchange(
  lane: Lane,
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
      const result = resultOf(call, progress, lane.connection, error);
      if (error !== null || progress.truncated) lane.discard();
      resolve(result);
    };
    const onAbort = (): void => settle(withCode('ABORTED'));
    const timer = setTimeout(() => settle(withCode('TIMEOUT')), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else dispatch(lane, call, progress, settle);
  });
}

function dispatch(lane: Lane, call: Call, progress: ExchangeProgress, settle: (error: Error | null) => void): void {
  const options = {
    path: call.url.pathname + call.url.search,
    method: call.method as 'POST',
    headers: call.headers.raw as string[],
    // undici takes any iterator, its types do not say so.
    body: call.headers.chunked ? (piecesOf(call.body) as unknown as Uint8Array) : call.body,
  };
  lane.client().dispatch(options, {
    onConnect() {
      progress.requestAt = stopwatchMs();
      if (lane.connection !== null) progress.reused = lane.connection.requests++ > 0;
    },
    onResponseStarted() {
      progress.firstByteAt ??= stopwatchMs();
    },
    onHeaders(status, headers) {
      // 1xx are news, not the answer.
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
      // undici takes a reset for the end of a body that has no length; what was to come is unknown.
      settle(lane.connection?.socketError ?? null);
    },
    onError(error) {
      settle(lane.connection?.socketError ?? error);
    },
  });
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
  connection: Connection | null,
  error: Error | null,
): WireResult {
  const stage = stageOf(progress, connection);
  return {
    requestHeaders: call.headers.shown,
    status: progress.status,
    responseHeaders: progress.headers,
    responseBody: Buffer.concat(progress.chunks),
    responseBytes: progress.readBytes,
    responseTruncated: progress.truncated,
    timings: timingsOf(progress, connection),
    remoteAddress: connection?.remoteAddress ?? null,
    tls: connection?.tls ?? null,
    failure: error === null ? null : { code: failureCode(error), detail: error.message, stage, cause: error },
  };
}

function stageOf(progress: ExchangeProgress, connection: Connection | null): WireStage {
  if (progress.status !== null) return 'body';
  if (connection !== null && connection.stage !== 'open') return connection.stage;
  return progress.firstByteAt === null ? 'answer' : 'headers';
}

function timingsOf(progress: ExchangeProgress, connection: Connection | null): Timings {
  const opened = progress.reused ? null : connection;
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
 * What the way and the endpoint took: not what our side needs between them, which for the first request of a process
 * (loading the HTTP parser) is more than a fast endpoint takes to answer.
 */
function totalMs({ startedAt, requestAt }: ExchangeProgress, opened: Connection | null): number {
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

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
