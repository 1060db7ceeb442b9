import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Header } from '../model/plan.ts';
import { tlsOf, type ReceivedTls } from './client-identity.ts';
import { listenOn, originOf } from './listen-on.ts';
import { readBody, type BodyBudget } from './read-body.ts';
import { rejectHandshake, rejectRequest, remoteOf, type Rejection } from './rejection.ts';

/** A request as it came from the wire: header names keep their letter case, the body its bytes. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: readonly Header[];
  body: Uint8Array;
  remoteAddress: string;
}

/** The connection a request came over. */
export interface ReceivedOver {
  /** Null for plain HTTP. */
  tls: ReceivedTls | null;
  /** 1 for the first request of the connection. */
  nthOnConnection: number;
  /** The sender closed it: nobody waits for an answer. */
  hasLeft(): boolean;
}

export interface Answer {
  status: number;
  headers?: readonly Header[];
  body?: string | Uint8Array;
}

/** `drop` closes the connection without an answer. */
export type Reply = Answer | 'drop';

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  origin: string;
  /** Takes no further requests and cuts what is under way after `graceMs` (default: at once). */
  close(graceMs?: number): Promise<void>;
}

/** The certificate a server shows and, with `clientCa`, whom it lets in: all PEM. */
export interface ReceiverTls {
  cert: string | Uint8Array;
  key: string | Uint8Array;
  passphrase?: string | undefined;
  /** Only callers with a client certificate of these CAs get through the handshake. */
  clientCa?: string | Uint8Array | undefined;
}

export interface ReceiverOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** A larger body is answered 413 and not kept. */
  maxBodyBytes: number;
  tls?: ReceiverTls | undefined;
  /** How long a caller may take for the headers, and for the whole request. */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** Told of every caller who was turned away before there was a request. */
  onRejected?: (rejection: Rejection) => void;
  /** Told when making an answer failed; the sender gets 500. */
  onError?: (error: unknown) => void;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 1024;
/** Bodies of all requests at once; one of the largest size always fits. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** How long the rest of a body that nobody wants is read, so that its sender gets to see the answer. */
const DRAIN_MS = 2000;

export type AnswerOf = (request: ReceivedRequest, over: ReceivedOver) => Reply | Promise<Reply>;

/** Listens for webhooks and answers each as `answer` says; one that throws is answered 500. Throws AppError `usage` when it cannot listen. */
export async function openReceiver(options: ReceiverOptions, answer: AnswerOf): Promise<Receiver> {
  const budget: BodyBudget = { heldBytes: 0, maxHeldBytes: Math.max(MAX_HELD_BYTES, options.maxBodyBytes + 1) };
  const server = await createListener(options);
  const take = (incoming: IncomingMessage, response: ServerResponse): void => takeRequest(incoming, response, { options, budget, answer });
  server.on('request', take);
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    // Who asks first need not send what would be refused.
    if (!isTooLarge(incoming, options)) response.writeContinue();
    take(incoming, response);
  });
  watchRejections(server, options);
  await listenOn(server, options.host, options.port);
  let closing: Promise<void> | undefined;
  return {
    origin: originOf(server, options.tls === undefined ? 'http' : 'https', options.host),
    close: (graceMs = 0) => (closing ??= closeServer(server, graceMs)),
  };
}

async function createListener({ tls, headersTimeoutMs = HEADERS_TIMEOUT_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS }: ReceiverOptions): Promise<Server> {
  const limits: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // Node looks for slow senders only so often: every 30 seconds unless told.
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 1000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = tls === undefined ? createServer(limits) : (await import('node:https')).createServer({ ...limits, ...tlsSettings(tls) });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function tlsSettings({ cert, key, passphrase, clientCa }: ReceiverTls): Record<string, unknown> {
  return {
    cert: toBuffer(cert),
    key: toBuffer(key),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(clientCa === undefined ? {} : { ca: toBuffer(clientCa), requestCert: true, rejectUnauthorized: true }),
  };
}

const toBuffer = (pem: string | Uint8Array): Buffer => (typeof pem === 'string' ? Buffer.from(pem) : Buffer.from(pem));

interface Taking {
  options: ReceiverOptions;
  budget: BodyBudget;
  answer: AnswerOf;
}

/** It says so itself, before it is read. Not by `headers`: Node would first make an object of all of them. */
function isTooLarge({ rawHeaders }: IncomingMessage, { maxBodyBytes }: ReceiverOptions): boolean {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === CONTENT_LENGTH.length && name.toLowerCase() === CONTENT_LENGTH) return Number(rawHeaders[at + 1]) > maxBodyBytes;
  }
  return false;
}

const CONTENT_LENGTH = 'content-length';

function takeRequest(incoming: IncomingMessage, response: ServerResponse, { options, budget, answer }: Taking): void {
  if (isTooLarge(incoming, options)) {
    refuseBody('too-large', incoming, response, options);
    return;
  }
  readBody(incoming, options.maxBodyBytes, budget, (body) => {
    if (typeof body === 'string') {
      refuseBody(body, incoming, response, options);
      return;
    }
    const { socket } = incoming;
    const release = (): void => { budget.heldBytes -= body.length; };
    const request = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: headerPairs(incoming.rawHeaders), body, remoteAddress: socket.remoteAddress ?? '' };
    const reply = tryAnswer(answer, request, { tls: tlsOf(socket), nthOnConnection: countRequest(socket), hasLeft: () => socket.destroyed }, options);
    if (!(reply instanceof Promise)) {
      send(reply, response, socket);
      release();
      return;
    }
    void reply
      .catch((error: unknown) => failed(error, options))
      .then((one) => send(one, response, socket))
      .finally(release);
  });
}

/** Whatever a stranger sent must not end the program. */
function tryAnswer(answer: AnswerOf, request: ReceivedRequest, over: ReceivedOver, options: ReceiverOptions): Reply | Promise<Reply> {
  try {
    return answer(request, over);
  } catch (error) {
    return failed(error, options);
  }
}

function failed(error: unknown, { onError }: ReceiverOptions): Answer {
  onError?.(error);
  return { status: 500, body: 'the receiver failed\n' };
}

const requestCounts = new WeakMap<Socket, number>();

function countRequest(socket: Socket): number {
  const nth = (requestCounts.get(socket) ?? 0) + 1;
  requestCounts.set(socket, nth);
  return nth;
}

function send(reply: Reply, response: ServerResponse, socket: Socket): void {
  if (socket.destroyed) return;
  if (reply === 'drop') {
    socket.destroy();
    return;
  }
  const { status, headers = [], body = '' } = reply;
  const isEmpty = status === 204 || status === 304;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, toWire(value));
  if (!isEmpty) raw.push('content-length', String(length));
  response.writeHead(status, raw);
  response.end(isEmpty ? undefined : body);
}

function refuseBody(why: 'too-large' | 'busy' | 'left', incoming: IncomingMessage, response: ServerResponse, { maxBodyBytes, onRejected }: ReceiverOptions): void {
  const remoteAddress = remoteOf(incoming.socket);
  if (why === 'left') {
    onRejected?.({ remoteAddress, status: null, cause: 'left', reason: 'it broke off in the middle of a request' });
    return;
  }
  const status = why === 'too-large' ? 413 : 503;
  const reason = why === 'too-large' ? `its body is larger than ${maxBodyBytes} bytes` : 'too many large bodies are under way at once';
  onRejected?.({ remoteAddress, status, cause: why, reason });
  const text = `${reason}\n`;
  response.writeHead(status, { connection: 'close', 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length });
  response.write(text);
  // Closed at once, the sender would lose the answer to the reset that its unread bytes cause.
  const timer = setTimeout(() => incoming.socket.destroy(), DRAIN_MS);
  incoming.once('close', () => clearTimeout(timer));
  incoming.once('end', () => response.end());
  incoming.resume();
}

function watchRejections(server: Server, { onRejected }: ReceiverOptions): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const rejection = rejectRequest(error, socket);
    if (rejection === null) {
      socket.destroy();
      return;
    }
    onRejected?.(rejection);
    if (!socket.writable) return;
    socket.end(`HTTP/1.1 ${rejection.status} ${STATUS_CODES[rejection.status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const rejection = rejectHandshake(error, socket);
    if (rejection !== null) onRejected?.(rejection);
  });
  server.on('drop', (data?: { remoteAddress?: string }) => {
    onRejected?.({ remoteAddress: data?.remoteAddress ?? null, status: null, cause: 'busy', reason: `more than ${MAX_CONNECTIONS} connections at once` });
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function headerPairs(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] as string, fromWire(raw[at + 1] as string)]);
  return pairs;
}

const NOT_ASCII = /[\u0080-\u00ff]/;

/** Node gives header bytes as latin1; they are UTF-8 nowadays, and latin1 by tradition (RFC 9110 §5.5). */
function fromWire(value: string): string {
  if (!NOT_ASCII.test(value)) return value;
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\uFFFD') ? value : text;
}

/** The bytes of the text's UTF-8, as Node wants them. */
const toWire = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');
