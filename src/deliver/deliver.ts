import type { Attempt, Outcome } from '../model/attempt.ts';
import type { Clock, Ids } from '../model/clock.ts';
import type { Header, SignedRequest } from '../model/plan.ts';
import type { AckMode, Vendor } from '../model/vendor.ts';
import { makeEchoHider } from '../model/echo.ts';
import { hideQuerySecrets, displayUrl } from '../model/http-url.ts';
import { explainError } from './explain-error.ts';
import { sendFollowing } from './follow-redirects.ts';
import { judgeAnswer } from './judge-answer.ts';
import { defaultAckMode } from '../vendors/facts.ts';
import type { Transport } from './transport.ts';
import type { WireFailure, WireResult } from './wire.ts';

export interface DeliverOptions {
  transport: Transport;
  clock: Clock;
  ids: Ids;
  deliveryId: string;
  /** 1 for the first try. */
  number: number;
  /** Who sends: its success rule decides, its traits say what a refusal can be for. */
  vendor: Vendor;
  /** The vendor's own default when left out. */
  ackMode?: AckMode | undefined;
  /** The signing secret: an endpoint that answers with it must not bring it into the history. */
  secret: string | null;
  moreSecrets?: readonly string[];
  /** Ends the attempt; it is then recorded as `ABORTED`. */
  signal?: AbortSignal | undefined;
}

type JudgedAnswer = Pick<Attempt, 'outcome' | 'errorCode' | 'error' | 'hint' | 'control'>;

/**
 * Sends a request once and says what came of it. An endpoint that fails, however it does, is a record and not an
 * exception; throws AppError `usage` only for a header that cannot be sent.
 */
export async function deliver(request: SignedRequest, options: DeliverOptions): Promise<Attempt> {
  const startedAt = options.clock.now();
  const { transport, signal } = options;
  const { redirects } = options.vendor.success.value;
  const sent =
    redirects === undefined
      ? transport.send(request, signal)
      : sendFollowing(transport, request, redirects.follow, signal);
  const wire = await sent;
  const judged = judge(wire, request, options);
  // Judged by what came; what is kept and shown of it repeats no secret.
  const echo = makeEchoHider([request], [options.secret, ...(options.moreSecrets ?? [])]);
  return {
    id: options.ids.uuidV7(startedAt),
    deliveryId: options.deliveryId,
    number: options.number,
    startedAt,
    requestHeaders: wire.requestHeaders,
    outcome: judged.outcome,
    status: wire.status,
    errorCode: judged.errorCode,
    error: judged.error === null ? null : (echo?.text(judged.error) ?? judged.error),
    hint: judged.hint,
    responseHeaders: hideRedirect(echo?.headers(wire.responseHeaders) ?? wire.responseHeaders),
    responseBody: echo?.body(wire.responseBody, wire.responseTruncated) ?? wire.responseBody,
    responseBytes: wire.responseBytes,
    responseTruncated: wire.responseTruncated,
    timings: wire.timings,
    remoteAddress: wire.remoteAddress,
    tls: wire.tls,
    control: judged.control,
  };
}

/**
 * No connection came about, or nobody listened on it: the request never reached the endpoint.
 * @param url that was called
 */
export function isUnreached({ outcome, errorCode, remoteAddress, tls }: Attempt, url: URL): boolean {
  const hasConnection = remoteAddress !== null && (url.protocol === 'http:' || tls !== null);
  return outcome === 'unreachable' && (!hasConnection || errorCode === 'ECONNREFUSED');
}

const isRedirect = ([name]: Header): boolean => name.toLowerCase() === 'location';

/** Who redirects to https repeats the query, its secrets too. */
function hideRedirect(headers: readonly Header[]): readonly Header[] {
  return headers.some(isRedirect)
    ? headers.map((header) =>
        isRedirect(header)
          ? [header[0], URL.canParse(header[1]) ? displayUrl(header[1]) : hideQuerySecrets(header[1])]
          : header,
      )
    : headers;
}

/**
 * A status that is no success is an answer, even if its body broke off. One that would be success counts only
 * when the answer is whole: nobody knows what a vendor's client makes of half an answer, so the strict reading.
 */
function judge(wire: WireResult, request: SignedRequest, options: DeliverOptions): JudgedAnswer {
  const { failure, status } = wire;
  const interrupted = failure?.code === 'ABORTED';
  if (status !== null && !interrupted) {
    const answer = { status, headers: wire.responseHeaders, body: wire.responseBody };
    const success = options.vendor.success.value;
    const verdict = judgeAnswer(answer, success, options.ackMode ?? defaultAckMode(success), {
      vendor: options.vendor,
      hasClientCertificate: options.transport.hasClientCertificate,
    });
    const refusedByStatus = verdict.errorCode === `HTTP_${status}`;
    if (failure === null || refusedByStatus) return verdict;
  }
  if (failure === null) throw new Error('an exchange ended without an answer and without a failure');
  return unreachable(failure, wire, request, options.transport);
}

function unreachable(
  failure: WireFailure,
  { status }: WireResult,
  request: SignedRequest,
  transport: Transport,
): JudgedAnswer {
  const { url } = request;
  const outcome: Outcome = 'unreachable';
  const { error, hint } = explainError(failure.code, {
    host: url.host,
    secure: url.protocol === 'https:',
    stage: failure.stage,
    timeoutMs: transport.timeoutMs,
    clientCertificate: transport.hasClientCertificate,
    status,
    detail: failure.detail,
    ignoredProxy: transport.ignoredProxy ?? null,
  });
  return { outcome, errorCode: failure.code, error, hint, control: [] };
}
