import type { Socket } from 'node:net';
import type { Timings } from '../model/attempt.ts';
import { stopwatchMs } from '../model/clock.ts';
import { writeInSlices, type SlicedWriting } from '../model/sliced-writing.ts';
import { AnswerReader, type ReaderEvents } from './answer-reader.ts';
import type { Connection, ConnectionUser } from './connection.ts';
import { codingsOf, decodeBody } from './decode-body.ts';
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
  keptBytes?: number | undefined;
  /** The request may go out a second time when a reused connection ends before one byte of answer. */
  mayResend?: boolean | undefined;
}

/** Sends one request over a connection and reads the answer. Never rejects: what goes wrong is in the result. */
export async function exchange(connection: Connection, call: Call, options: ExchangeOptions): Promise<WireResult> {
  const startedAt = stopwatchMs();
  const stop = new Stop(options);
  try {
    const first = await new Exchange(connection, call, options).run(stop);
    if (options.mayResend === false || !hasMetClosing(first)) return resultOf(first, startedAt);
    const resentAt = stopwatchMs();
    const second = await new Exchange(connection, call, options).run(stop);
    const result = await resultOf(second, startedAt);
    return { ...result, timings: { ...result.timings, resentAfterMs: resentAt - startedAt } };
  } finally {
    stop.end();
  }
}

/** A server may end a connection at any time, and need not have seen the request that followed (RFC 9112 §9.3.1). */
function hasMetClosing({ isReused, firstByteAt, error }: Exchange): boolean {
  return isReused && firstByteAt === null && error !== null && CLOSINGS.has(failureCode(error));
}

const CLOSINGS: ReadonlySet<string> = new Set(['CLOSED', 'ECONNRESET', 'EPIPE']);

/** The one timer and the one signal of an attempt. */
class Stop {
  /** Why the attempt is to end; null: it goes on. */
  reason: Error | null = null;
  onStop: (() => void) | null = null;
  readonly #peers: Set<Stop> | null;
  readonly #timer: NodeJS.Timeout;

  constructor({ signal, timeoutMs }: Pick<ExchangeOptions, 'signal' | 'timeoutMs'>) {
    this.#timer = setTimeout(() => this.stop('TIMEOUT'), timeoutMs);
    this.#peers = signal === undefined ? null : stopsOf(signal).add(this);
    if (signal?.aborted) this.stop('ABORTED');
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#peers?.delete(this);
  }

  stop(code: string): void {
    this.reason ??= failure(code);
    this.onStop?.();
  }
}

const stopsBySignal = new WeakMap<AbortSignal, Set<Stop>>();

/**
 * Those that end with the signal. It has one listener for all of them, for one that is added and removed for each
 * attempt took 2 µs.
 */
function stopsOf(signal: AbortSignal): Set<Stop> {
  const known = stopsBySignal.get(signal);
  if (known !== undefined) return known;
  const stops = new Set<Stop>();
  stopsBySignal.set(signal, stops);
  signal.addEventListener('abort', () => stops.forEach((stop) => stop.stop('ABORTED')), { once: true });
  return stops;
}

/** One request and its answer over a connection: hears of all that happens to them. */
class Exchange implements ConnectionUser, ReaderEvents, SlicedWriting {
  readonly call: Call;
  readonly reader: AnswerReader;
  /** How much of the body is kept at most. */
  readonly mostBytes: number;
  socket: WatchedSocket | null = null;
  requestAt: number | null = null;
  firstByteAt: number | null = null;
  /** The connection was open before this request. */
  isReused = false;
  /** Of the body, what is kept. */
  chunks: Buffer[] = [];
  readBytes = 0;
  error: Error | null = null;
  readonly #connection: Connection;
  #isWritten = false;
  /** More has come than the answer. */
  #hasSurplus = false;
  #isSettled = false;
  #settled: () => void = () => undefined;
  /** The endpoint asks for the body. */
  #onContinue: (() => void) | null = null;

  constructor(connection: Connection, call: Call, { keptBytes = KEPT_BYTES }: ExchangeOptions) {
    this.#connection = connection;
    this.call = call;
    this.mostBytes = keptBytes;
    this.reader = new AnswerReader(call.method, this);
  }

  /** Resolves with this exchange when it is over. */
  run(stop: Stop): Promise<this> {
    return new Promise((resolve) => {
      this.#settled = () => {
        stop.onStop = null;
        resolve(this);
      };
      stop.onStop = () => this.#settle(stop.reason);
      if (stop.reason === null) this.#connection.use(this);
      else this.#settle(stop.reason);
    });
  }

  get isTruncated(): boolean {
    return this.readBytes > this.mostBytes;
  }

  received(bytes: Buffer): void {
    this.firstByteAt ??= stopwatchMs();
    try {
      this.#hasSurplus = this.reader.read(bytes) > 0;
      this.#settleIfWhole();
    } catch (error) {
      this.#settle(error as Error);
    }
  }

  ended(error: Error | null): void {
    this.#settle(this.reader.isComplete ? null : (error ?? this.reader.end()));
  }

  onBody(bytes: Buffer): void {
    const room = this.mostBytes - this.readBytes;
    this.readBytes += bytes.length;
    // Copied: a slice would hold the whole network buffer it is cut from.
    if (room > 0) this.chunks.push(Buffer.from(bytes.subarray(0, room)));
  }

  onInterim(status: number): void {
    if (status === 100) this.#onContinue?.();
  }

  done(): void {
    this.#isWritten = true;
    this.#settleIfWhole();
  }

  rescued(bytes: Buffer): void {
    this.received(bytes);
  }

  isStopped(): boolean {
    return this.#isSettled;
  }

  ready(socket: WatchedSocket): void {
    this.isReused = socket.requests > 0;
    socket.requests += 1;
    this.requestAt = stopwatchMs();
    if (this.call.headers.expectsContinue) this.#sendWhenAsked(socket.raw);
    else writeInSlices(socket.raw, writeRequest(this.call), this);
  }

  /** Sends the head, and the body once it is asked for or patience ends. */
  #sendWhenAsked(socket: Socket): void {
    const sendBody = (): void => {
      clearTimeout(patience);
      this.#onContinue = null;
      if (!this.#isSettled) writeInSlices(socket, Buffer.from(writeBody(this.call)), this);
    };
    const patience = setTimeout(sendBody, PATIENCE_MS);
    patience.unref();
    this.#onContinue = sendBody;
    socket.write(writeHead(this.call));
  }

  /**
   * A refusal that comes before all was sent ends the sending, as curl does it; a success does not: the rest may still
   * be read.
   */
  #settleIfWhole(): void {
    const isWhole = this.reader.isComplete || this.isTruncated;
    if (isWhole && (this.#isWritten || (this.reader.head?.status ?? 0) >= 400)) this.#settle(null);
  }

  #settle(error: Error | null): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.error = error;
    this.socket = this.#connection.socket;
    if (this.#isReusable()) this.#connection.release();
    else this.#connection.discard();
    this.#settled();
  }

  #isReusable(): boolean {
    const { reader } = this;
    const isWhole = this.error === null && this.#isWritten && reader.isComplete;
    const isClean = isWhole && !this.isTruncated && !this.#hasSurplus;
    return isClean && reader.head?.keepsOpen === true && !this.call.headers.closes;
  }
}

/** Only a body that is coded is waited for: a promise more for each answer takes longer than all of this. */
function resultOf(ended: Exchange, startedAt: number): WireResult | Promise<WireResult> {
  const { call, error, reader, mostBytes, chunks, socket } = ended;
  const responseHeaders = reader.head?.headers ?? [];
  const responseBody = chunks.length === 0 ? NOTHING : Buffer.concat(chunks);
  const result = {
    requestHeaders: call.headers.shown,
    status: reader.head?.status ?? null,
    responseHeaders,
    responseBody,
    responseBytes: ended.readBytes,
    responseTruncated: ended.isTruncated,
    isDecoded: true,
    isOpened: false,
    timings: timingsOf(ended, startedAt),
    remoteAddress: socket?.remoteAddress ?? null,
    tls: socket?.tls ?? null,
    failure:
      error === null ? null : { code: failureCode(error), detail: error.message, stage: stageOf(ended), cause: error },
  };
  const codings = responseBody.length === 0 ? [] : codingsOf(responseHeaders);
  return codings.length === 0 ? result : withDecodedBody(result, codings, mostBytes);
}

async function withDecodedBody(
  result: WireResult & { responseBody: Buffer },
  codings: readonly string[],
  mostBytes: number,
): Promise<WireResult> {
  // One more than is kept shows that there is more.
  const decoded = await decodeBody(result.responseBody, codings, mostBytes + 1);
  if (decoded === null) return { ...result, isDecoded: false };
  return {
    ...result,
    responseBody: decoded.bytes.subarray(0, mostBytes),
    responseTruncated: result.responseTruncated || decoded.bytes.length > mostBytes,
    isDecoded: decoded.isWhole,
    isOpened: true,
  };
}

const NOTHING = Buffer.alloc(0);

function stageOf({ reader, firstByteAt, socket }: Exchange): WireStage {
  if (reader.head !== null) return 'body';
  if (socket !== null && socket.stage !== 'open') return socket.stage;
  return firstByteAt === null ? 'answer' : 'headers';
}

function timingsOf({ requestAt, firstByteAt, isReused, socket }: Exchange, startedAt: number): Timings {
  const opened = isReused ? null : socket;
  return {
    dnsMs: opened?.dnsMs ?? null,
    connectMs: opened?.connectMs ?? null,
    tlsMs: opened?.tlsMs ?? null,
    firstByteMs: firstByteAt !== null && requestAt !== null ? firstByteAt - requestAt : null,
    totalMs: stopwatchMs() - startedAt,
  };
}
