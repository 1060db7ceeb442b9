import type { Socket } from 'node:net';
import type { Timings } from '../model/attempt.ts';
import { stopwatchMs } from '../model/clock.ts';
import { writeInSlices, type SlicedWriting } from '../model/sliced-writing.ts';
import { AnswerReader } from './answer-reader.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import { codingsOf, decodeBody, type DecodedBody } from './decode-body.ts';
import { failure, failureCode } from './failure-code.ts';
import type { WatchedSocket } from './socket.ts';
import { writeBody, writeHead, writeRequest, type Call } from './write-request.ts';
import type { WireResult, WireStage } from './wire.ts';

/** As much of an answer as is kept; whatever comes after is not read. */
export const KEPT_BYTES = 64 * 1024;
/** curl sends the body after a second, whether it was asked for or not. */
const PATIENCE_MS = 1000;

export interface ExchangeOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** By default `KEPT_BYTES`. */
  keptBytes?: number;
  /** The request may go out a second time when a reused connection ends before one byte of answer. */
  mayResend?: boolean | undefined;
}

/** One request and its answer, going on. */
interface ExchangeProgress {
  reader: AnswerReader;
  requestAt: number | null;
  firstByteAt: number | null;
  /** The connection was open before this request. */
  isReused: boolean;
  isWritten: boolean;
  /** More has come than the answer. */
  hasSurplus: boolean;
  /** Of the body, what is kept. */
  chunks: Buffer[];
  readBytes: number;
  /** How much of the body is kept at most. */
  mostBytes: number;
  error: Error | null;
  /** The endpoint asks for the body. */
  onContinue: (() => void) | null;
}

/** The one timer and the one signal of an attempt. */
interface Stop {
  reason: Error | null;
  onStop: (() => void) | null;
}

/** Sends one request over a connection and reads the answer. Never rejects: what goes wrong is in the result. */
export async function exchange(connection: Connection, call: Call, options: ExchangeOptions): Promise<WireResult> {
  const { signal, timeoutMs } = options;
  const startedAt = stopwatchMs();
  const stop: Stop = { reason: null, onStop: null };
  const end = (code: string): void => {
    stop.reason ??= failure(code);
    stop.onStop?.();
  };
  const onAbort = (): void => end('ABORTED');
  const timer = setTimeout(() => end('TIMEOUT'), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    const first = await converse(connection, call, options, stop);
    if (options.mayResend === false || !hasMetClosing(first)) return resultOf(call, first, startedAt);
    const resentAt = stopwatchMs();
    const second = await converse(connection, call, options, stop);
    const result = await resultOf(call, second, startedAt);
    return { ...result, timings: { ...result.timings, resentAfterMs: resentAt - startedAt } };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What an exchange came to, and the socket it was over. */
interface Conversation {
  progress: ExchangeProgress;
  socket: WatchedSocket | null;
}

/** A server may end a connection at any time, and need not have seen the request that followed (RFC 9112 §9.3.1). */
function hasMetClosing({ progress: { isReused, firstByteAt, error } }: Conversation): boolean {
  return isReused && firstByteAt === null && error !== null && CLOSINGS.has(failureCode(error));
}

const CLOSINGS: ReadonlySet<string> = new Set(['CLOSED', 'ECONNRESET', 'EPIPE']);

function converse(connection: Connection, call: Call, options: ExchangeOptions, stop: Stop): Promise<Conversation> {
  return new Promise((resolve) => {
    const progress = begin(call, options.keptBytes ?? KEPT_BYTES);
    let isSettled = false;
    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      stop.onStop = null;
      progress.error = error;
      const { socket } = connection;
      if (isReusable(progress, call)) connection.release();
      else connection.discard();
      resolve({ progress, socket });
    };
    stop.onStop = () => settle(stop.reason);
    if (stop.reason !== null) {
      settle(stop.reason);
      return;
    }
    const user = makeUser(progress, settle);
    connection.use(user, (socket) => {
      progress.isReused = socket.requests > 0;
      socket.requests += 1;
      progress.requestAt = stopwatchMs();
      const done = (): void => {
        progress.isWritten = true;
        settleIfWhole(progress, settle);
      };
      const writing = { done, rescued: (bytes: Buffer) => user.received(bytes), isStopped: () => isSettled };
      if (call.headers.expectsContinue) writeWhenAsked(socket.raw, call, progress, writing);
      else writeInSlices(socket.raw, writeRequest(call), writing);
    });
  });
}

/** Sends the head, and the body once it is asked for or patience ends. */
function writeWhenAsked(socket: Socket, call: Call, progress: ExchangeProgress, writing: SlicedWriting): void {
  const sendBody = (): void => {
    clearTimeout(patience);
    progress.onContinue = null;
    if (!writing.isStopped?.()) writeInSlices(socket, Buffer.from(writeBody(call)), writing);
  };
  const patience = setTimeout(sendBody, PATIENCE_MS);
  patience.unref();
  progress.onContinue = sendBody;
  socket.write(writeHead(call));
}

function begin({ method }: Call, mostBytes: number): ExchangeProgress {
  const progress: ExchangeProgress = {
    reader: new AnswerReader(method, {
      onBody: (bytes) => keep(progress, bytes),
      onInterim: (status) => {
        if (status === 100) progress.onContinue?.();
      },
    }),
    requestAt: null,
    firstByteAt: null,
    isReused: false,
    isWritten: false,
    hasSurplus: false,
    chunks: [],
    readBytes: 0,
    mostBytes,
    error: null,
    onContinue: null,
  };
  return progress;
}

function makeUser(progress: ExchangeProgress, settle: (error: Error | null) => void): ConnectionUser {
  const { reader } = progress;
  return {
    received(bytes) {
      progress.firstByteAt ??= stopwatchMs();
      try {
        progress.hasSurplus = reader.read(bytes) > 0;
        settleIfWhole(progress, settle);
      } catch (error) {
        settle(error as Error);
      }
    },
    ended(error) {
      settle(reader.isComplete ? null : (error ?? reader.end()));
    },
  };
}

/**
 * A refusal that comes before all was sent ends the sending, as curl does it; a success does not: the rest may still be
 * read.
 */
function settleIfWhole(progress: ExchangeProgress, settle: (error: null) => void): void {
  const { reader, isWritten } = progress;
  const isWhole = reader.isComplete || isTruncated(progress);
  if (isWhole && (isWritten || (reader.head?.status ?? 0) >= 400)) settle(null);
}

const isTruncated = ({ readBytes, mostBytes }: ExchangeProgress): boolean => readBytes > mostBytes;

function isReusable(progress: ExchangeProgress, { headers }: Call): boolean {
  const { error, reader, isWritten, hasSurplus } = progress;
  const isWhole = error === null && isWritten && reader.isComplete && !isTruncated(progress) && !hasSurplus;
  return isWhole && reader.head?.keepsOpen === true && !headers.closes;
}

function keep(progress: ExchangeProgress, bytes: Buffer): void {
  const room = progress.mostBytes - progress.readBytes;
  progress.readBytes += bytes.length;
  // Copied: a slice would hold the whole network buffer it is cut from.
  if (room > 0) progress.chunks.push(Buffer.from(bytes.subarray(0, room)));
}

/** At once, unless the body is coded. */
function resultOf(call: Call, { progress, socket }: Conversation, startedAt: number): WireResult | Promise<WireResult> {
  const { error, reader, mostBytes, chunks } = progress;
  const headers = reader.head?.headers ?? [];
  const body = chunks.length === 0 ? NOTHING : Buffer.concat(chunks);
  const timings = timingsOf(progress, socket, startedAt);
  const codings = body.length === 0 ? [] : codingsOf(headers);
  const conclude = (decoded: DecodedBody | null): WireResult => ({
    requestHeaders: call.headers.shown,
    status: reader.head?.status ?? null,
    responseHeaders: headers,
    responseBody: decoded?.bytes.subarray(0, mostBytes) ?? body,
    responseBytes: progress.readBytes,
    responseTruncated: isTruncated(progress) || (decoded?.bytes.length ?? 0) > mostBytes,
    isDecoded: codings.length === 0 || decoded?.isWhole === true,
    timings,
    remoteAddress: socket?.remoteAddress ?? null,
    tls: socket?.tls ?? null,
    failure:
      error === null
        ? null
        : { code: failureCode(error), detail: error.message, stage: stageOf(progress, socket), cause: error },
  });
  // One more than is kept shows that there is more.
  return codings.length === 0 ? conclude(null) : decodeBody(body, codings, mostBytes + 1).then(conclude);
}

const NOTHING = Buffer.alloc(0);

function stageOf({ reader, firstByteAt }: ExchangeProgress, socket: WatchedSocket | null): WireStage {
  if (reader.head !== null) return 'body';
  if (socket !== null && socket.stage !== 'open') return socket.stage;
  return firstByteAt === null ? 'answer' : 'headers';
}

function timingsOf(progress: ExchangeProgress, socket: WatchedSocket | null, startedAt: number): Timings {
  const { requestAt, firstByteAt } = progress;
  const opened = progress.isReused ? null : socket;
  return {
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: firstByteAt !== null && requestAt !== null ? firstByteAt - requestAt : null,
    totalMs: stopwatchMs() - startedAt,
  };
}
