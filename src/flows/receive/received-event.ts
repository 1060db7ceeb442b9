import { judgeAnswer } from '../../deliver/judge-answer.ts';
import { UNKNOWN, type Attempt, type Delivery } from '../../model/attempt.ts';
import type { EchoHider } from '../../model/echo.ts';
import type { Header } from '../../model/plan.ts';
import type { SuccessRule } from '../../model/vendor.ts';
import type { Answer, ReceivedRequest, ReceivedTls } from '../../receive/received-request.ts';
import type { CalledBack } from './call-address.ts';
import type { Forwarded } from './forward-request.ts';
import { splitEventQuery } from '../../vendors/event-query.ts';
import { isSuspicious, type Judged } from './judge-received.ts';

/** A received request, its verdict, and what was answered. */
export interface ReceivedEvent {
  /** Of the delivery in history: UUID version 7. */
  id: string;
  receivedAtMs: number;
  request: ReceivedRequest;
  tls: ReceivedTls | null;
  judged: Judged;
  /** The same event was accepted before. */
  isDuplicate: boolean;
  /** Null when the connection was closed instead. */
  reply: Answer | null;
  /** Why there was no answer. */
  noAnswer: { code: string; reason: string } | null;
  forwarded: Forwarded | null;
  /** Null where it asked for no call, or for one that was not to be made. */
  called: CalledBack | null;
  /** From the last byte of the request to the answer. */
  durationMs: number;
}

const ANY_SUCCESS: SuccessRule = { statuses: '2xx' };
/** How much of an answer a record holds. */
const KEPT_BYTES = 64 * 1024;
/** A path may be as long as all headers; a record of it is for people. */
const MAX_URL_LENGTH = 2048;

/**
 * A received request as history keeps it: direction `in`, the outcome as the vendor counts our answer. `echo`: of a
 * request that was forwarded, for an application may answer with the request.
 */
export function toRecord(
  received: ReceivedEvent,
  webhookUuid: string,
  origin: string,
  attemptId: string,
  echo: EchoHider | null,
): [Delivery, Attempt] {
  return [toDelivery(received, webhookUuid, origin), toAttempt(received, attemptId, echo)];
}

// Both are written out without spreading objects: they run for every request, and spreads took longer than everything
// else here.
function toDelivery(
  { id, receivedAtMs, request, judged }: ReceivedEvent,
  webhookUuid: string,
  origin: string,
): Delivery {
  const { path, query } = splitEventQuery(judged.vendor, request.path);
  const url = origin + path;
  return {
    id,
    webhookUuid,
    vendor: judged.vendor?.id ?? UNKNOWN,
    event: judged.event ?? UNKNOWN,
    eventId: judged.eventId,
    direction: 'in',
    purpose: 'event',
    url: url.length > MAX_URL_LENGTH ? url.slice(0, MAX_URL_LENGTH) : url,
    method: request.method,
    createdAt: receivedAtMs,
    body: query === null ? request.body : Buffer.from(query, 'utf8'),
  };
}

function toAttempt(received: ReceivedEvent, attemptId: string, echo: EchoHider | null): Attempt {
  const { id, receivedAtMs, request, reply, tls } = received;
  const verdict = judgeReply(received);
  const body = bytesOf(reply);
  const isCut = body.length > KEPT_BYTES;
  const kept = isCut ? body.subarray(0, KEPT_BYTES) : body;
  const headers = reply?.headers ?? NO_HEADERS;
  return {
    id: attemptId,
    deliveryId: id,
    number: 1,
    startedAt: receivedAtMs,
    // History hides what is a secret: asked twice for every request, that would cost twice.
    requestHeaders: request.headers,
    outcome: verdict.outcome,
    status: reply?.status ?? null,
    errorCode: verdict.errorCode,
    error: verdict.error,
    hint: null,
    responseHeaders: echo === null ? headers : echo.headers(headers),
    responseBody: echo === null ? kept : echo.body(kept, isCut),
    responseBytes: body.length,
    responseTruncated: isCut,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: received.durationMs },
    remoteAddress: request.remoteAddress,
    tls: tls === null ? null : { protocol: tls.protocol, peerFingerprint: tls.client?.fingerprint ?? null },
    control: NO_CONTROL,
  };
}

const NOTHING = new Uint8Array();
const NO_HEADERS: readonly Header[] = [];
const NO_CONTROL: readonly string[] = [];

/** By the vendor's own success rule; any 2xx for a request of no known vendor. */
export function isAccepted({ reply, judged }: Pick<ReceivedEvent, 'judged' | 'reply'>): boolean {
  if (reply === null) return false;
  return (
    judgeAnswer(
      { status: reply.status, headers: NO_HEADERS, body: NOTHING },
      judged.vendor?.success.value ?? ANY_SUCCESS,
    ).outcome === 'delivered'
  );
}

function judgeReply(received: ReceivedEvent): Pick<Attempt, 'outcome' | 'errorCode' | 'error'> {
  const { reply, judged, noAnswer } = received;
  if (reply === null)
    return { outcome: 'unreachable', errorCode: noAnswer?.code ?? null, error: noAnswer?.reason ?? null };
  if (isAccepted(received)) return DELIVERED;
  return {
    outcome: 'refused',
    errorCode: `HTTP_${reply.status}`,
    error: isSuspicious(judged)
      ? `${judged.verdict}: ${judged.explanation}`
      : (disagreementOf(received) ?? `we answered ${reply.status}`),
  };
}

const DELIVERED = { outcome: 'delivered', errorCode: null, error: null } as const;

/** Why we refused it, as our answer says; null where it was accepted, or the answer says nothing. */
export function refusalOf(reply: Answer | null): string | null {
  return reply !== null && reply.status >= 400 && typeof reply.body === 'string' ? reply.body : null;
}

/**
 * Where the application that it was forwarded to decided otherwise than the signature does: who looks for a fault looks
 * there. Null where the two agree, or nothing was answered.
 */
export function disagreementOf({ forwarded, judged }: Pick<ReceivedEvent, 'forwarded' | 'judged'>): string | null {
  if (forwarded === null || forwarded.status === null) return null;
  const isTaken = isAccepted({ reply: forwarded.answer, judged });
  if (isSuspicious(judged))
    return isTaken ? `your application accepted it anyway: it answered ${forwarded.status}` : null;
  if (isTaken) return null;
  const genuine = judged.verdict === 'valid' ? 'genuine, but your' : 'your';
  return forwarded.status < 300
    ? `${genuine} application answered ${forwarded.status}, which ${judged.vendor?.title} does not count as ` +
        'success'
    : `${genuine} application refused it: it answered ${forwarded.status}`;
}

function bytesOf(reply: Answer | null): Uint8Array {
  const body = reply?.body ?? '';
  if (typeof body !== 'string') return body;
  return body === '' ? NOTHING : Buffer.from(body);
}
