import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { handleRequest, makeAnswerWriter, type BodyBudget, type HandlingOptions } from './handle-request.ts';
import { listenOn, originOf } from './listen-on.ts';
import type { AnswerOf } from './received-request.ts';
import {
  isTooLarge,
  noteReported,
  refuseRequest,
  rejectHandshake,
  rejectRequest,
  TUNNEL,
  UNKNOWN_EXPECTATION,
} from './rejection.ts';

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  origin: string;
  /** Accepts no further requests and cuts those under way after `graceMs` (default: at once). */
  close(graceMs?: number): Promise<void>;
}

/** The certificate a server shows and, with `clientCa`, whom it admits: all PEM. */
export interface ReceiverTls {
  cert: string | Uint8Array;
  key: string | Uint8Array;
  passphrase?: string;
  /** Only callers with a client certificate of these CAs get through the handshake. */
  clientCa?: string | Uint8Array;
}

export interface ReceiverOptions extends HandlingOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  tls?: ReceiverTls;
  /** How long a caller may take for the headers, and for the whole request. */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 1024;
/** Bodies of all requests at once; one of the largest allowed size always fits. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/**
 * Listens for webhooks and answers each as `answer` says; one that throws is answered 500. Throws AppError `usage` when
 * it cannot listen.
 */
export async function openReceiver(options: ReceiverOptions, answer: AnswerOf): Promise<Receiver> {
  const budget: BodyBudget = { heldBytes: 0, maxHeldBytes: Math.max(MAX_HELD_BYTES, options.maxBodyBytes + 1) };
  const server = await createListener(options);
  const answers = makeAnswerWriter((error) => options.onError?.(error));
  const handling = { options, budget, answer, answers };
  const handle = (incoming: IncomingMessage, response: ServerResponse): void =>
    handleRequest(incoming, response, handling);
  server.on('request', handle);
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    // A sender that asks first need not send what would be refused.
    if (!isTooLarge(incoming, options.maxBodyBytes)) response.writeContinue();
    handle(incoming, response);
  });
  server.on('checkExpectation', (incoming: IncomingMessage, response: ServerResponse) =>
    refuseRequest(UNKNOWN_EXPECTATION, incoming, response, options),
  );
  watchRejections(server, options);
  await listenOn(server, options.host, options.port);
  let closing: Promise<void> | undefined;
  return {
    origin: originOf(server, options.tls === undefined ? 'http' : 'https', options.host),
    close: (graceMs = 0) => {
      answers.writeNow();
      return (closing ??= closeServer(server, graceMs));
    },
  };
}

async function createListener({
  tls,
  headersTimeoutMs = HEADERS_TIMEOUT_MS,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
}: ReceiverOptions): Promise<Server> {
  const limits: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // Node would answer itself, and nobody would be told.
    requireHostHeader: false,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // By default Node looks for slow senders only every 30 seconds.
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 1000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server =
    tls === undefined
      ? createServer(limits)
      : (await import('node:https')).createServer({ ...limits, ...tlsSettings(tls) });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function tlsSettings({ cert, key, passphrase, clientCa }: ReceiverTls): Record<string, unknown> {
  return {
    cert: toBuffer(cert),
    key: toBuffer(key),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    passphrase,
    ...(clientCa === undefined ? {} : { ca: toBuffer(clientCa), requestCert: true, rejectUnauthorized: true }),
  };
}

const toBuffer = (pem: string | Uint8Array): Buffer => (typeof pem === 'string' ? Buffer.from(pem) : Buffer.from(pem));

function watchRejections(server: Server, { onRejected }: ReceiverOptions): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const rejection = rejectRequest(error, socket);
    if (rejection === null) {
      socket.destroy();
      return;
    }
    noteReported(socket);
    onRejected?.(rejection);
    endWith(socket, rejection);
  });
  server.on('connect', ({ socket }: IncomingMessage) => {
    onRejected?.({ remoteAddress: socket.remoteAddress ?? null, ...TUNNEL });
    socket.on('error', () => undefined);
    endWith(socket, TUNNEL);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const rejection = rejectHandshake(error, socket);
    if (rejection !== null) onRejected?.(rejection);
  });
  server.on('drop', (data?: { remoteAddress?: string }) => {
    onRejected?.({
      remoteAddress: data?.remoteAddress ?? null,
      status: null,
      cause: 'busy',
      reason: `more than ${MAX_CONNECTIONS} connections at once`,
    });
  });
}

/** An answer written by hand: there is no request that Node could answer. */
function endWith(socket: Socket, { status, reason }: { status: number; reason: string }): void {
  if (!socket.writable) return;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
  const allow = status === 405 ? 'allow: POST\r\n' : '';
  const type = 'content-type: text/plain; charset=utf-8';
  const body = `${reason}\n`;
  socket.end(
    `${head}\r\nconnection: close\r\n${allow}${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
