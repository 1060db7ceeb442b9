import { explainError } from '../../deliver/explain-error.ts';
import { HEADER_NAME, isHeaderValue } from '../../model/header.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Transport } from '../../deliver/transport.ts';
import type { WireResult } from '../../deliver/wire.ts';
import { AppError } from '../../model/error.ts';
import type { Header } from '../../model/plan.ts';
import type { Answer, ReceivedRequest } from '../../receive/received-request.ts';

/** What became of a request that was passed on. */
export interface Forwarded {
  /** Without credentials. */
  url: string;
  /** Null when no answer came. */
  status: number | null;
  errorCode: string | null;
  /** In plain words; null when an answer came. */
  error: string | null;
  durationMs: number;
  /** The answer was longer than what is returned of it. */
  isCut: boolean;
  /** What to answer in turn: the endpoint's answer, or 502. */
  answer: Answer;
}

/** Headers of one connection (RFC 9110 §7.6.1), and those that are made anew for the next one. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
]);

/**
 * Where a request goes: a target without a path gets the request's own path, another one is used as it is; the
 * request's query is added.
 */
export function forwardUrl(target: URL, path: string): URL {
  const [own = '/', ...query] = path.split('?');
  const url = new URL(target);
  url.hash = '';
  // `*` and whole URLs are no path of an endpoint.
  const kept = url.pathname === '/' && own.startsWith('/') ? own : url.pathname;
  const asked = [url.search.slice(1), query.join('?')].filter((part) => part !== '').join('&');
  const credentials = url.username === '' && url.password === '' ? '' : `${url.username}:${url.password}@`;
  return new URL(`${url.protocol}//${credentials}${url.host}${kept}${asked === '' ? '' : `?${asked}`}`);
}

/**
 * Passes a request on: the same method, headers in their letter case, and body bytes. Never rejects: a failure is in
 * the result.
 */
export async function forwardRequest(
  request: ReceivedRequest,
  target: URL,
  transport: Transport,
  signal: AbortSignal,
): Promise<Forwarded> {
  const url = forwardUrl(target, request.path);
  const shown = displayUrl(url);
  try {
    const result = await transport.send(
      { url, method: request.method, headers: withoutHops(request.headers), body: request.body, signedAt: 0 },
      signal,
    );
    if (result.failure !== null || result.status === null)
      return failed(shown, ...explain(result, url, transport), result.timings.totalMs);
    const answer = { status: result.status, headers: headersToPassOn(result), body: result.responseBody };
    return {
      url: shown,
      status: result.status,
      errorCode: null,
      error: null,
      durationMs: result.timings.totalMs,
      isCut: result.responseTruncated,
      answer,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failed(shown, 'UNSENDABLE', error.message, 0);
  }
}

function withoutHops(headers: readonly Header[]): Header[] {
  const named = new Set(
    headers
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(',').map((one) => one.trim().toLowerCase())),
  );
  return headers.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
}

/**
 * Those of the answer that fit its body and that HTTP allows: they are read more leniently than they may be written,
 * and one with a control character would leave the caller without any answer.
 */
function headersToPassOn({ responseHeaders, isOpened }: WireResult): Header[] {
  return withoutHops(responseHeaders).filter(
    ([name, value]) =>
      HEADER_NAME.test(name) && isHeaderValue(value) && !(isOpened && name.toLowerCase() === 'content-encoding'),
  );
}

function explain({ failure, status }: WireResult, url: URL, transport: Transport): [code: string, error: string] {
  const { host, protocol } = url;
  const code = failure?.code ?? 'UNKNOWN';
  const { error } = explainError(code, {
    host,
    secure: protocol === 'https:',
    stage: failure?.stage ?? 'answer',
    timeoutMs: transport.timeoutMs,
    clientCertificate: transport.hasClientCertificate,
    status,
    detail: failure?.detail ?? '',
  });
  return [code, error];
}

function failed(url: string, errorCode: string, error: string, durationMs: number): Forwarded {
  const body = 'the request could not be forwarded\n';
  return {
    url,
    status: null,
    errorCode,
    error,
    durationMs,
    isCut: false,
    answer: { status: 502, headers: [['content-type', 'text/plain; charset=utf-8']], body },
  };
}
