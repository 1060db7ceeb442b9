import { request as requestHttp, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { AppError } from '../model/error.ts';
import { makeSecureContext } from './client-certificate.ts';
import { openSocket, type ConnectStage, type WatchedSocket } from './socket.ts';
import { explainError } from './explain-error.ts';
import { failureCode, withCode } from './failure-code.ts';
import { basicAuthorization, displayUrl, parseHttpUrl } from '../model/http-url.ts';
import type { TransportOptions } from './transport.ts';

export interface TextLimits {
  maxBytes: number;
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * The text that a URL of the user's own gives, such as a list for a test. Redirects are followed. Throws AppError
 * `unreachable`, or `refused` for any answer but a 2xx, or `input` when it is larger than `maxBytes`.
 */
export type FetchText = (target: string, limits: TextLimits) => Promise<string>;

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Reads texts the way an endpoint is reached. As with curl, `--resolve`, `--connect-to`, the trusted CA and `-k` hold
 * for every host; the client certificate, and the credentials in the endpoint's URL, go to its own origin alone.
 */
export function openTextReader(home: URL, options: Omit<TransportOptions, 'timeoutMs'> = {}): FetchText {
  const { cert, key, pfx, passphrase: _passphrase, ...bare } = options.tls ?? {};
  const hasIdentity = (cert ?? key ?? pfx) !== undefined;
  const contexts = new Map<boolean, Promise<SecureContext>>();
  const contextFor = async (isHome: boolean): Promise<SecureContext> => {
    const context = contexts.get(isHome) ?? makeSecureContext(isHome ? (options.tls ?? {}) : bare);
    contexts.set(isHome, context);
    return context;
  };
  const ask = async (url: URL, authorization: string | null, limits: TextLimits): Promise<FetchedAnswer> => {
    const isHome = url.origin === home.origin;
    const tls =
      url.protocol === 'https:' ? { module: await import('node:tls'), context: await contextFor(isHome) } : null;
    const connecting = {
      resolve: options.resolve ?? [],
      connectTo: options.connectTo ?? [],
      insecure: bare.insecure ?? false,
      timeoutMs: limits.timeoutMs,
      tls,
    };
    return getOnce(url, authorization, limits, {
      open: (done) => openSocket(url, connecting, done),
      clientCertificate: isHome && hasIdentity,
    });
  };
  return async (target, limits) => {
    const first = parseHttpUrl(target);
    const basic = basicAuthorization(first) ?? (first.origin === home.origin ? basicAuthorization(home) : null);
    const timeout = AbortSignal.timeout(Math.ceil(limits.timeoutMs));
    const stop = limits.signal === undefined ? timeout : AbortSignal.any([timeout, limits.signal]);
    for (let url = first, hops = 0; ; hops += 1) {
      const answer = await ask(url, url.origin === first.origin ? basic : null, { ...limits, signal: stop });
      if (typeof answer === 'string') return answer;
      if (hops === MAX_REDIRECTS)
        throw new AppError('refused', `${displayUrl(first)} redirects more than ${MAX_REDIRECTS} times`);
      url = redirected(url, answer.location);
    }
  };
}

type FetchedAnswer = string | { location: string };

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to === null || !/^https?:$/.test(to.protocol))
    throw new AppError('refused', `${displayUrl(from)} redirects to what is no http address`);
  return to;
}

/** How a socket is opened, and whether that shows a client certificate. */
interface Approach {
  open: (done: (error: Error | null, socket: Socket | null) => void) => WatchedSocket;
  clientCertificate: boolean;
}

async function getOnce(
  url: URL,
  authorization: string | null,
  limits: TextLimits,
  { open, clientCertificate }: Approach,
): Promise<FetchedAnswer> {
  const watched: { socket: WatchedSocket | null } = { socket: null };
  const stopped = whenStopped(limits.signal);
  try {
    const opened = new Promise<Socket>((resolve, reject) => {
      watched.socket = open((error, socket) => {
        if (socket === null) reject(error ?? withCode('CLOSED'));
        else resolve(socket);
      });
    });
    opened.catch(() => undefined);
    const socket = await Promise.race([opened, stopped]);
    const answer = get(url, authorization, socket).then((response) => readAnswer(response, limits.maxBytes, url));
    return await Promise.race([answer, stopped]);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw explainUnreachable(cause as Error, url, {
      stage: watched.socket?.stage ?? 'connect',
      timeoutMs: limits.timeoutMs,
      clientCertificate,
    });
  } finally {
    watched.socket?.raw.destroy();
  }
}

function explainUnreachable(
  cause: Error,
  url: URL,
  { stage, ...known }: { stage: ConnectStage; timeoutMs: number; clientCertificate: boolean },
): AppError {
  const code = failureCode(cause);
  const { error, hint } = explainError(code, {
    ...known,
    host: url.host,
    secure: url.protocol === 'https:',
    stage: stage === 'open' ? 'answer' : stage,
    status: null,
    detail: cause.message,
  });
  return new AppError('unreachable', `${displayUrl(url)} cannot be read: ${error}`, {
    cause,
    // The hint for a time-out is for endpoints: no vendor waits here, and --max-time gives no more time.
    hint: hint === null || code === 'TIMEOUT' ? undefined : hint,
  });
}

function whenStopped(signal: AbortSignal | undefined): Promise<never> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void =>
      reject(withCode((signal?.reason as Error | undefined)?.name === 'TimeoutError' ? 'TIMEOUT' : 'ABORTED'));
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
  });
  // The answer may come first.
  stopped.catch(() => undefined);
  return stopped;
}

/** On a connection of its own: a server that handles one at a time would else wait for ours to end. */
function get(url: URL, authorization: string | null, socket: Socket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: url.host,
      Accept: 'application/json, text/plain, */*',
      Connection: 'close',
      ...(authorization !== null && { Authorization: authorization }),
    };
    const outgoing = requestHttp({
      method: 'GET',
      path: url.pathname + url.search,
      createConnection: () => socket,
      headers,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end();
  });
}

async function readAnswer(response: IncomingMessage, maxBytes: number, url: URL): Promise<FetchedAnswer> {
  const { statusCode: status = 0, headers } = response;
  if (REDIRECTS.has(status) && headers.location !== undefined) return { location: headers.location };
  if (status < 200 || status > 299) throw new AppError('refused', `${displayUrl(url)} answered ${status}`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new AppError('input', `${displayUrl(url)} gives more than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
