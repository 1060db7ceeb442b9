import type { Attempt } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import { HEADER_NAME, hideSecretHeaders, isHeaderValue } from '../model/header.ts';
import type { Header, SignedRequest } from '../model/plan.ts';
import type { ConnectStage } from './socket.ts';
import { basicAuthorization } from '../model/http-url.ts';

/** What was going on when an exchange failed. */
export type WireStage = Exclude<ConnectStage, 'open'> | 'answer' | 'headers' | 'body';

export interface WireFailure {
  /** Short and stable, see `failure-code.ts`. */
  code: string;
  /** As the library or system put it. */
  detail: string;
  stage: WireStage;
  cause: unknown;
}

/** What of an attempt is known before anybody judges it. `status` is null when no answer began. */
export interface WireResult extends Pick<
  Attempt,
  | 'requestHeaders'
  | 'status'
  | 'responseHeaders'
  | 'responseBody'
  | 'responseBytes'
  | 'responseTruncated'
  | 'timings'
  | 'remoteAddress'
  | 'tls'
> {
  /** False: a content coding of the body is not known here, or its bytes are cut off or damaged. */
  isDecoded: boolean;
  /** The body is what its content codings hold, or as much of that as could be read: no longer the bytes that came. */
  isOpened: boolean;
  /** Null when a whole answer came, or as much of it as is kept. */
  failure: WireFailure | null;
}

/** The headers of a request. */
export interface WireHeaders {
  /** In the order in which they go out. */
  sent: readonly Header[];
  /** The same, secrets as `***`: what a record keeps. */
  shown: readonly Header[];
  /** `Transfer-Encoding: chunked` was asked for: no Content-Length. */
  chunked: boolean;
  /** The connection ends with the answer. */
  closes: boolean;
  /** The body goes out when it is asked for, or a second has passed. */
  expectsContinue: boolean;
}

/** Those that HTTP itself has a say in, in small letters; `own`: they go out as they are all the same. */
const SPECIAL: ReadonlyMap<string, 'impossible' | 'handled' | 'own'> = new Map([
  ...(['expect', 'keep-alive', 'upgrade'] as const).map((name) => [name, 'impossible'] as const),
  ...(['host', 'connection', 'content-length', 'transfer-encoding'] as const).map((name) => [name, 'handled'] as const),
  ['authorization', 'own'],
]);
/** Methods whose empty body is announced with `Content-Length: 0` (RFC 9110 §8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The headers of a request as they go on the wire: those given, in their letter case and order, and what HTTP
 * adds: Host, Connection, Content-Length, and Authorization from credentials in the URL.
 * Throws AppError `usage` for a header that cannot be sent.
 */
export function makeWireHeaders(request: Omit<SignedRequest, 'signedAt'>, expectsContinue = false): WireHeaders {
  const { url, method, headers, body } = request;
  const own: Header[] = [];
  const special = new Map<string, string>();
  for (const header of headers) {
    checkHeader(header);
    const lower = header[0].toLowerCase();
    const kind = SPECIAL.get(lower);
    if (kind !== undefined) checkSpecial(header, lower, body.byteLength);
    if (kind !== undefined && !special.has(lower)) special.set(lower, header[1]);
    if (kind !== 'handled') own.push(header);
  }
  const chunked = special.has('transfer-encoding');
  const closes = method === 'HEAD' || /\bclose\b/i.test(special.get('connection') ?? '');
  const basic = special.has('authorization') ? null : basicAuthorization(url);
  const sent: Header[] = [
    ['host', special.get('host') ?? url.host],
    ['connection', closes ? 'close' : 'keep-alive'],
  ];
  for (const header of own) sent.push(header);
  if (basic !== null) sent.push(['Authorization', basic]);
  const framing = bodyHeader(request, chunked);
  if (framing !== null) sent.push(framing);
  if (expectsContinue) sent.push(['expect', '100-continue']);
  return { sent, shown: hideSecretHeaders(sent), chunked, closes, expectsContinue };
}

function bodyHeader({ method, body }: Pick<SignedRequest, 'method' | 'body'>, chunked: boolean): Header | null {
  if (body.byteLength === 0 && !WITH_BODY.has(method)) return null;
  return chunked && body.byteLength > 0
    ? ['transfer-encoding', 'chunked']
    : ['content-length', String(body.byteLength)];
}

function checkHeader([name, value]: Header): void {
  // A plan was checked when it was made; `replay --exact` takes its headers from history.
  if (!HEADER_NAME.test(name)) {
    throw new AppError('usage', `"${name}" is not a valid header name`, {
      hint: 'use letters, digits and hyphens: -H "X-Name: value"',
    });
  }
  if (!isHeaderValue(value)) {
    throw new AppError('usage', `the header ${name} contains a line break or control character, which HTTP forbids`);
  }
}

function checkSpecial([name, value]: Header, lower: string, bodyBytes: number): void {
  if (SPECIAL.get(lower) === 'impossible') {
    throw new AppError('usage', `the header ${name} cannot be sent: it starts an exchange that no vendor starts`);
  }
  if (lower === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked') {
    throw new AppError('usage', `the header ${name} can only be "chunked"`);
  }
  if (lower === 'content-length' && value.trim() !== String(bodyBytes)) {
    throw new AppError('usage', `the header ${name} says ${value}, but the body has ${bodyBytes} bytes`, {
      hint: 'leave it out: it is added automatically',
    });
  }
}
