import { request as requestHttp, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Header, SignedRequest } from '../model/plan.ts';
import { makeSecureContext } from './client-certificate.ts';
import { openSocket, type WatchedSocket, type ConnectOptions } from './socket.ts';
import { failureCode, withCode } from './failure-code.ts';
import { stopwatchMs } from '../model/clock.ts';
import { basicAuthorization } from '../model/http-url.ts';
import type { Transport, TransportOptions } from './transport.ts';
import { makeWireHeaders, type WireResult } from './wire.ts';

/** curl sends the body after a second, whether it was asked for or not. */
const PATIENCE_MS = 1000;
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Sends the head of each request with `Expect: 100-continue` (RFC 9110, section 10.1.1) and the body once it is asked
 * for, or a second has passed, on a connection of its own. undici, which sends everything else, cannot do that.
 */
export function openExpectTransport(options: TransportOptions): Transport {
  const { cert, key, pfx } = options.tls ?? {};
  return {
    timeoutMs: options.timeoutMs,
    hasClientCertificate: (cert ?? key ?? pfx) !== undefined,
    send: (request, signal) => sendExpecting(request, options, signal),
    close: async () => undefined,
  };
}

type Answered = Pick<
  WireResult,
  'status' | 'responseHeaders' | 'responseBody' | 'responseBytes' | 'responseTruncated' | 'failure'
> & { firstByteAt: number | null };

/** Never rejects for what the endpoint does. */
async function sendExpecting(
  request: SignedRequest,
  options: TransportOptions,
  signal: AbortSignal | undefined,
): Promise<WireResult> {
  const { url } = request;
  const close: Header = ['Connection', 'close'];
  const { shown } = makeWireHeaders({ ...request, headers: [...request.headers, close] });
  const connecting = await connectionOptions(url, options);
  const beganAt = stopwatchMs();
  const opened: { connection: WatchedSocket | null } = { connection: null };
  const { firstByteAt, ...answer } = await exchange(url, request, connecting, options.timeoutMs, signal, opened).catch(
    (error: NodeJS.ErrnoException) => failed(error, opened.connection),
  );
  const { dnsMs = null, connectMs = null, tlsMs = null } = opened.connection ?? {};
  return {
    requestHeaders: [...shown, ['expect', '100-continue']],
    ...answer,
    timings: {
      dnsMs,
      connectMs,
      tlsMs,
      firstByteMs: firstByteAt === null ? null : firstByteAt - beganAt,
      totalMs: stopwatchMs() - beganAt,
    },
    remoteAddress: opened.connection?.remoteAddress ?? null,
    tls: opened.connection?.tls ?? null,
  };
}

function failed(error: NodeJS.ErrnoException, connection: WatchedSocket | null): Answered {
  const stage = connection === null || connection.stage === 'open' ? 'answer' : connection.stage;
  return {
    status: null,
    responseHeaders: [],
    responseBody: new Uint8Array(),
    responseBytes: 0,
    responseTruncated: false,
    failure: { code: failureCode(error), detail: error.message, stage, cause: error },
    firstByteAt: null,
  };
}

async function connectionOptions(
  url: URL,
  { tls = {}, resolve = [], connectTo = [], timeoutMs }: TransportOptions,
): Promise<ConnectOptions> {
  const needed =
    url.protocol === 'https:' ? { module: await import('node:tls'), context: await makeSecureContext(tls) } : null;
  return {
    resolve,
    connectTo,
    insecure: tls.insecure ?? false,
    timeoutMs,
    tls: needed,
  };
}

async function exchange(
  url: URL,
  request: SignedRequest,
  connecting: ConnectOptions,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  watched: { connection: WatchedSocket | null },
): Promise<Answered> {
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
  const stop = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(withCode(limit.aborted ? 'TIMEOUT' : 'ABORTED')), { once: true });
    if (stop.aborted) reject(withCode('ABORTED'));
  });
  // Both may still fail after the other one has won.
  stopped.catch(() => undefined);
  const opened = new Promise<Socket>((resolve, reject) => {
    watched.connection = openSocket(url, connecting, (error, ready) => {
      if (ready === null) reject(error ?? withCode('CLOSED'));
      else resolve(ready);
    });
  });
  opened.catch(() => undefined);
  try {
    const ready = await Promise.race([opened, stopped]);
    return await Promise.race([converse(url, request, ready), stopped]);
  } finally {
    watched.connection?.raw.destroy();
  }
}

function converse(url: URL, { method, headers, body }: SignedRequest, socket: Socket): Promise<Answered> {
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

async function collect(response: IncomingMessage): Promise<Answered> {
  const firstByteAt = stopwatchMs();
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
    responseHeaders: headers,
    responseBody: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES),
    responseBytes: length,
    responseTruncated: length > MAX_BODY_BYTES,
    failure: null,
    firstByteAt,
  };
}
