import { request as requestHttp, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Header, SignedRequest } from '../model/plan.ts';
import { makeSecureContext } from './client-certificate.ts';
import { openConnection, type ConnectionOptions } from './connection.ts';
import { failureCode } from './failure-code.ts';
import { stopwatchMs } from './stopwatch.ts';
import { basicAuthorization, parseTarget } from './target.ts';
import type { TransportOptions } from './transport.ts';

/** What came of a request with `Expect: 100-continue`. */
export interface ExpectResult {
  status: number | null;
  headers: readonly Header[];
  body: Uint8Array;
  /** Short and stable, see `failure-code.ts`; null with an answer. */
  failure: { code: string; detail: string } | null;
  durationMs: number;
}

/** curl sends the body after a second, whether it was asked for or not. */
const PATIENCE_MS = 1000;
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Sends the head of a request with `Expect: 100-continue` (RFC 9110, section 10.1.1) and the body once it is asked for,
 * or a second has passed. undici, which sends everything else, cannot do that. Never rejects for what the endpoint does.
 */
export async function sendExpecting(
  request: SignedRequest,
  options: TransportOptions,
  signal?: AbortSignal,
): Promise<ExpectResult> {
  const url = parseTarget(request.url);
  const connecting = await connectionOptions(url, options);
  const beganAt = stopwatchMs();
  const answer = await exchange(url, request, connecting, options.timeoutMs, signal).catch(
    (error: NodeJS.ErrnoException) => ({
      status: null,
      headers: [],
      body: new Uint8Array(),
      failure: { code: failureCode(error), detail: error.message },
    }),
  );
  return { ...answer, durationMs: stopwatchMs() - beganAt };
}

async function connectionOptions(
  url: URL,
  { tls = {}, resolve = [], connectTo = [], timeoutMs }: TransportOptions,
): Promise<ConnectionOptions> {
  const needed =
    url.protocol === 'https:' ? { module: await import('node:tls'), context: await makeSecureContext(tls) } : null;
  return {
    resolve,
    connectTo,
    insecure: tls.insecure ?? false,
    nextAddressAfterMs: Math.max(250, Math.min(2500, timeoutMs / 4)),
    tls: needed,
  };
}

async function exchange(
  url: URL,
  request: SignedRequest,
  connecting: ConnectionOptions,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Omit<ExpectResult, 'durationMs'>> {
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
  const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(withCode(limit.aborted ? 'TIMEOUT' : 'ABORTED')), { once: true });
    if (stop.aborted) reject(withCode('ABORTED'));
  });
  // Both may still fail after the other one has won.
  stopped.catch(() => undefined);
  let socket: Socket | undefined;
  const opened = new Promise<Socket>((resolve, reject) => {
    const connection = openConnection(url, connecting, (error, ready) => {
      if (ready === null) reject(error ?? withCode('CLOSED'));
      else resolve(ready);
    });
    ({ socket } = connection);
  });
  opened.catch(() => undefined);
  try {
    const ready = await Promise.race([opened, stopped]);
    return await Promise.race([converse(url, request, ready), stopped]);
  } finally {
    socket?.destroy();
  }
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function converse(
  url: URL,
  { method, headers, body }: SignedRequest,
  socket: Socket,
): Promise<Omit<ExpectResult, 'durationMs'>> {
  return new Promise((resolve, reject) => {
    const basic = basicAuthorization(url);
    const all: Header[] = [
      ['Host', url.host],
      ...headers,
      ...(basic === null ? [] : [['Authorization', basic] as const]),
      ['Content-Length', String(body.byteLength)],
      ['Expect', '100-continue'],
      ['Connection', 'close'],
    ];
    const outgoing = requestHttp({
      method,
      path: url.pathname + url.search,
      createConnection: () => socket,
      headers: all.flat(),
    });
    const sendBody = (): void => {
      clearTimeout(patience);
      if (!outgoing.writableEnded) outgoing.end(body);
    };
    const patience = setTimeout(sendBody, PATIENCE_MS);
    outgoing.once('continue', sendBody);
    outgoing.once('response', (response) => {
      clearTimeout(patience);
      collect(response).then(resolve, reject);
    });
    outgoing.once('error', (error) => {
      clearTimeout(patience);
      reject(error);
    });
    outgoing.flushHeaders();
  });
}

async function collect(response: IncomingMessage): Promise<Omit<ExpectResult, 'durationMs'>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BODY_BYTES) break;
  }
  const { rawHeaders } = response;
  const headers = Array.from({ length: rawHeaders.length / 2 }, (_, index): Header => [
    rawHeaders[index * 2] ?? '',
    rawHeaders[index * 2 + 1] ?? '',
  ]);
  return {
    status: response.statusCode ?? null,
    headers,
    body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES),
    failure: null,
  };
}
