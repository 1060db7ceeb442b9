import type { SecureContext } from 'node:tls';
import { AppError } from '../model/error.ts';
import { makeSecureContext } from './client-certificate.ts';
import { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { explainError } from './explain-error.ts';
import { stopwatchMs } from '../model/clock.ts';
import { basicAuthorization, displayUrl, parseHttpUrl } from '../model/http-url.ts';
import type { Header } from '../model/plan.ts';
import type { TransportOptions } from './transport.ts';
import { makeWireHeaders, type WireFailure, type WireResult } from './wire.ts';

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
  const ask = async (
    url: URL,
    authorization: string | null,
    limits: TextLimits,
    endsAt: number,
  ): Promise<FetchedAnswer> => {
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
    return getOnce(url, authorization, { ...limits, endsAt }, new Connection(url, connecting), isHome && hasIdentity);
  };
  return async (target, limits) => {
    const first = parseHttpUrl(target);
    const basic = basicAuthorization(first) ?? (first.origin === home.origin ? basicAuthorization(home) : null);
    const endsAt = stopwatchMs() + limits.timeoutMs;
    for (let url = first, hops = 0; ; hops += 1) {
      const answer = await ask(url, url.origin === first.origin ? basic : null, limits, endsAt);
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
    throw new AppError('refused', `${displayUrl(from)} redirects to something that is not an http URL`);
  return to;
}

/** On a connection of its own: a server that handles one at a time would else wait for ours to end. */
async function getOnce(
  url: URL,
  authorization: string | null,
  { maxBytes, timeoutMs, signal, endsAt }: TextLimits & { endsAt: number },
  connection: Connection,
  clientCertificate: boolean,
): Promise<FetchedAnswer> {
  const headers: Header[] = [
    ['Accept', 'application/json, text/plain, */*'],
    ['Connection', 'close'],
    ...(authorization === null ? [] : [['Authorization', authorization] as const]),
  ];
  const request = { url, method: 'GET', headers, body: new Uint8Array() };
  const wire = await exchange(
    connection,
    { ...request, headers: makeWireHeaders(request) },
    { timeoutMs: endsAt - stopwatchMs(), signal, keptBytes: maxBytes },
  );
  // Another status is the answer, whatever becomes of its body.
  if (wire.failure !== null && isTextWanted(wire))
    throw explainUnreachable(wire.failure, url, { timeoutMs, clientCertificate });
  return textIn(wire, maxBytes, url);
}

function explainUnreachable(
  { code, detail, stage, cause }: WireFailure,
  url: URL,
  known: { timeoutMs: number; clientCertificate: boolean },
): AppError {
  const { error, hint } = explainError(code, {
    ...known,
    host: url.host,
    secure: url.protocol === 'https:',
    stage,
    status: null,
    detail,
  });
  return new AppError('unreachable', `${displayUrl(url)} cannot be read: ${error}`, {
    cause,
    // The hint for a time-out is for endpoints: no vendor waits here, and --max-time gives no more time.
    hint: hint === null || code === 'TIMEOUT' ? undefined : hint,
  });
}

const isTextWanted = ({ status }: WireResult): boolean => status === null || (status >= 200 && status <= 299);

function textIn(wire: WireResult, maxBytes: number, url: URL): FetchedAnswer {
  const status = wire.status ?? 0;
  const location = wire.responseHeaders.find(([name]) => name.toLowerCase() === 'location')?.[1];
  if (REDIRECTS.has(status) && location !== undefined) return { location };
  if (!isTextWanted(wire)) throw new AppError('refused', `${displayUrl(url)} answered ${status}`);
  if (wire.responseTruncated) throw new AppError('input', `${displayUrl(url)} sends more than ${maxBytes} bytes`);
  // Of a list that is cut off, what is missing would be taken for what is not there.
  if (!wire.isDecoded)
    throw new AppError('input', `${displayUrl(url)} sends a body that cannot be fully decoded`, {
      hint: 'make it answer without Content-Encoding, which was not requested',
    });
  return Buffer.from(wire.responseBody).toString('utf8');
}
