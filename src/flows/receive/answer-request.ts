import { randomUUID } from 'node:crypto';
import type { Transport } from '../../deliver/transport.ts';
import type { Recorder } from '../../history/store/recorder.ts';
import { stopwatchMs, type Clock, type Ids } from '../../model/clock.ts';
import { makeEchoHider, type EchoHider } from '../../model/echo.ts';
import type { Vendor } from '../../model/vendor.ts';
import { webhookUuidFor } from '../../plan/ids.ts';
import type { Answer, ReceivedOver, ReceivedRequest, Reply } from '../../receive/received-request.ts';
import type { StepAnswer } from '../../receive/receiver-behaviour.ts';
import { makeSeenEvents, type SeenEvents } from '../../receive/seen-events.ts';
import { withoutStaticSecret } from '../session/static-secret.ts';
import { answerFetch, isFetch, type AttachmentFetch, type ServedAttachments } from './answer-fetch.ts';
import { callBack, fetchKey, type CalledBack } from './call-address.ts';
import { forwardRequest, type Forwarded } from './forward-request.ts';
import { judgeReceived, type Expected, type Judged } from './judge-received.ts';
import { isAccepted, toRecord, type ReceivedEvent } from './received-event.ts';
import {
  makeScriptedStatus,
  scriptedAnswer,
  withAcknowledgement,
  type AnswerScript,
  type Responder,
} from './responder.ts';

export interface AnsweringOptions {
  expected: Expected;
  script: AnswerScript;
  responder: Responder;
  forward: { target: URL; transport: Transport } | null;
  /** What signed links lead to; null treats a link like any other request. */
  attachments: ServedAttachments | null;
  /** Null: made from the vendor and the URL. */
  webhookUuid: string | null;
}

export interface AnsweringEnvironment {
  recorder: Recorder | null;
  /** Reports and answers a request only once its record is stored. */
  answersStored?: boolean;
  clock: Clock;
  ids: Ids;
  /** A promise makes the sender wait, because the reader of the output is slow. */
  onReceived(event: ReceivedEvent): Promise<void> | undefined;
  /** The same, for a fetched attachment: it does not count as a request and is not recorded. */
  onFetched(fetch: AttachmentFetch): Promise<void> | undefined;
}

/** A request that is being answered. */
interface PendingRequest {
  id: string;
  receivedAtMs: number;
  beganAt: number;
  request: ReceivedRequest;
  over: ReceivedOver;
  judged: Judged;
  isDuplicate: boolean;
  called: CalledBack | null;
}

type NoAnswer = NonNullable<ReceivedEvent['noAnswer']>;

const LEFT: NoAnswer = { code: 'CLOSED', reason: 'the sender closed the connection before the answer' };
const STOPPED: NoAnswer = { code: 'ABORTED', reason: 'listening stopped before the answer' };
/** The error itself is the recorder's to report. */
const UNRECORDED: Answer = {
  status: 503,
  headers: [['connection', 'close']],
  body: 'the request could not be recorded\n',
};
const DROPPED: NoAnswer = { code: 'DROPPED', reason: 'closed without an answer, because of --drop' };

/** Answers received requests: judges each, forwards it or responds to it, reports it, and records it. */
export class RequestAnswering {
  /** Known once the server listens. */
  origin = '';
  readonly #options: AnsweringOptions;
  readonly #environment: AnsweringEnvironment;
  readonly #ending: AbortSignal;
  readonly #onAnswered: (event: ReceivedEvent) => void;
  readonly #nextStatus: () => number | null;
  readonly #seenOf = makeSeenByVendor();
  readonly #uuidOf: ReturnType<typeof makeUuids>;
  /** Those that requests are verified with, whoever sends them. */
  readonly #secrets: readonly string[];

  constructor(
    options: AnsweringOptions,
    environment: AnsweringEnvironment,
    ending: AbortSignal,
    onAnswered: (event: ReceivedEvent) => void,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#ending = ending;
    this.#onAnswered = onAnswered;
    this.#nextStatus = makeScriptedStatus(options.script);
    this.#uuidOf = makeUuids(options.webhookUuid);
    const { vendors, secretsOf } = options.expected;
    this.#secrets = [...new Set(vendors.flatMap((vendor) => secretsOf(vendor)))];
  }

  /** Returns no promise unless something has to be waited for: most requests are answered within their own turn. */
  answer(request: ReceivedRequest, over: ReceivedOver): Reply | Promise<Reply> {
    if (this.#ending.aborted) return { status: 503, headers: [['connection', 'close']] };
    const { attachments, forward } = this.#options;
    const receivedAtMs = this.#environment.clock.now();
    if (attachments !== null && request.method !== 'POST' && isFetch(request))
      return this.#answerFetch(request, attachments, receivedAtMs);
    const pending = this.#judge(request, over, receivedAtMs);
    const status = this.#nextStatus();
    return forward === null ? this.#respond(pending, status) : this.#forward(pending, status, forward);
  }

  #answerFetch(request: ReceivedRequest, attachments: ServedAttachments, nowMs: number): Reply | Promise<Reply> {
    const fetch = answerFetch(request, attachments, nowMs);
    return this.#environment.onFetched(fetch)?.then(() => fetch.reply) ?? fetch.reply;
  }

  #judge(request: ReceivedRequest, over: ReceivedOver, receivedAtMs: number): PendingRequest {
    const beganAt = stopwatchMs();
    const judged = judgeReceived(request, this.#options.expected, receivedAtMs, over.tls !== null);
    const isDuplicate = this.#hasSeen(judged);
    const id = this.#environment.ids.uuidV7(receivedAtMs);
    return { id, receivedAtMs, beganAt, request, over, judged, isDuplicate, called: null };
  }

  #respond(pending: PendingRequest, status: number | null): Reply | Promise<Reply> {
    const { script, responder } = this.#options;
    const answer =
      status === null
        ? withAcknowledgement(responder(pending.request, pending.over, pending.judged, pending.receivedAtMs), script)
        : scriptedAnswer(status, script);
    return answer.fetchesKey === undefined
      ? this.#respondWith(pending, answer)
      : this.#fetchKey(pending, answer.fetchesKey);
  }

  async #fetchKey(pending: PendingRequest, address: string): Promise<Reply> {
    const { script, responder } = this.#options;
    const key = await fetchKey(address, this.#ending);
    const answer = responder(pending.request, pending.over, pending.judged, pending.receivedAtMs, key);
    return this.#respondWith(pending, withAcknowledgement(answer, script));
  }

  #respondWith(pending: PendingRequest, answer: StepAnswer): Reply | Promise<Reply> {
    const delayMs = this.#options.script.delayMs + (answer.delayMs ?? 0);
    if (answer.calls !== undefined) return this.#call(pending, answer, answer.calls, delayMs);
    return delayMs === 0 ? this.#settleNow(pending, answer, null) : this.#settleLate(pending, answer, null, delayMs);
  }

  async #call(pending: PendingRequest, answer: StepAnswer, address: string, delayMs: number): Promise<Reply> {
    const called = await callBack(address, this.#ending);
    return this.#settleLate({ ...pending, called }, answer, null, delayMs);
  }

  async #forward(
    pending: PendingRequest,
    status: number | null,
    { target, transport }: NonNullable<AnsweringOptions['forward']>,
  ): Promise<Reply> {
    const { script } = this.#options;
    pending.judged.letGo();
    const forwarded = await forwardRequest(pending.request, target, transport, this.#ending);
    const answer = status === null ? forwarded.answer : scriptedAnswer(status, script);
    return this.#settleLate(pending, answer, forwarded, script.delayMs);
  }

  async #settleLate(
    pending: PendingRequest,
    answer: StepAnswer,
    forwarded: Forwarded | null,
    delayMs: number,
  ): Promise<Reply> {
    if (delayMs > 0) pending.judged.letGo();
    const isInTime = delayMs === 0 || (await this.#sleep(delayMs));
    if (pending.over.hasLeft()) return this.#settle(pending, null, LEFT, forwarded);
    return isInTime ? this.#settleNow(pending, answer, forwarded) : this.#settle(pending, null, STOPPED, forwarded);
  }

  /** False when listening ended first. */
  #sleep(delayMs: number): Promise<boolean> {
    return this.#environment.clock.sleep(delayMs, this.#ending).then(
      () => true,
      () => false,
    );
  }

  #settleNow(pending: PendingRequest, answer: StepAnswer, forwarded: Forwarded | null): Reply | Promise<Reply> {
    return this.#options.script.drops
      ? this.#settle(pending, null, DROPPED, forwarded)
      : this.#settle(pending, answer, null, forwarded);
  }

  /** The end of every request: remembers, reports and records it. */
  #settle(
    { id, receivedAtMs, beganAt, request, over: { tls }, judged, isDuplicate, called }: PendingRequest,
    reply: Answer | null,
    noAnswer: NoAnswer | null,
    forwarded: Forwarded | null,
  ): Reply | Promise<Reply> {
    const durationMs = stopwatchMs() - beganAt;
    const received: ReceivedEvent = {
      id,
      receivedAtMs,
      request: withoutSecret(request, judged.vendor),
      tls,
      judged,
      isDuplicate,
      reply,
      noAnswer,
      forwarded,
      called,
      durationMs,
    };
    this.#remember(received);
    const { recorder, answersStored, onReceived } = this.#environment;
    const answer = reply ?? 'drop';
    if (answersStored === true && recorder !== null) {
      void this.#record(received);
      this.#onAnswered(received);
      return answerStored(recorder, () => onReceived(received), answer);
    }
    const reported = onReceived(received);
    const recorded = this.#record(received);
    this.#onAnswered(received);
    return reported === undefined && recorded === undefined
      ? answer
      : Promise.all([reported, recorded]).then(() => answer);
  }

  #remember(received: ReceivedEvent): void {
    const { eventMark, batch, verdict, vendor } = received.judged;
    if ((eventMark === null && batch === null) || verdict === 'forged' || verdict === 'missing') return;
    if (!isAccepted(received)) return;
    const seen = this.#seenOf(vendor);
    if (eventMark !== null) seen?.add(eventMark);
    for (const one of batch ?? []) if (one.eventMark !== null) seen?.add(one.eventMark);
  }

  /** Of a batch all of them. */
  #hasSeen({ vendor, eventMark, batch }: Judged): boolean {
    const seen = this.#seenOf(vendor);
    if (batch === null) return eventMark !== null && seen?.has(eventMark) === true;
    return batch.every((one) => one.eventMark !== null && seen?.has(one.eventMark) === true);
  }

  #record(received: ReceivedEvent): Promise<void> | undefined {
    const { recorder, ids } = this.#environment;
    if (recorder === null) return undefined;
    const echo = this.#echoOf(received);
    const webhookUuid = this.#uuidOf(this.origin, received.request.path, received.judged);
    return recorder.record(...toRecord(received, webhookUuid, this.origin, ids.uuidV7(received.receivedAtMs), echo));
  }

  /** An application that was asked may answer with the request; our own answers do not. */
  #echoOf({ request, forwarded }: ReceivedEvent): EchoHider | null {
    const { forward } = this.#options;
    if (forwarded === null || forward === null) return null;
    const carriers = [
      { url: request.path, headers: request.headers },
      { url: forward.target, headers: [] },
    ];
    return makeEchoHider(carriers, this.#secrets);
  }
}

/** Reports and answers what was recorded last, once it is stored. */
async function answerStored(
  recorder: Recorder,
  report: () => Promise<void> | undefined,
  answer: Reply,
): Promise<Reply> {
  try {
    await recorder.stored();
  } catch {
    return UNRECORDED;
  }
  await report();
  return answer;
}

/** As it is reported and kept. */
function withoutSecret(request: ReceivedRequest, vendor: Vendor | null): ReceivedRequest {
  const body = withoutStaticSecret(vendor, request.body);
  return body === request.body ? request : { ...request, body };
}

/** Keeps ids as they came, per vendor: a key put together for each request is one more string that outlives it. */
function makeSeenByVendor(): (vendor: Vendor | null) => SeenEvents | null {
  const known = new Map<Vendor, SeenEvents>();
  return (vendor) => {
    if (vendor === null) return null;
    let seen = known.get(vendor);
    if (seen === undefined) known.set(vendor, (seen = makeSeenEvents()));
    return seen;
  };
}

const MAX_KNOWN_PATHS = 1000;

/** The webhook that a request belongs to: one per vendor and path, the same that `send --url` makes. */
function makeUuids(fixed: string | null): (origin: string, path: string, judged: Judged) => string {
  const known = new Map<string, string>();
  return (origin, path, { vendor }) => {
    if (fixed !== null) return fixed;
    const url = `${origin}${path.split('?', 1)[0]}`;
    const key = `${vendor?.id} ${url}`;
    let uuid = known.get(key);
    if (uuid === undefined) {
      // A caller who tries many paths must not fill memory with them.
      if (known.size >= MAX_KNOWN_PATHS) known.clear();
      uuid = URL.canParse(url) ? webhookUuidFor(vendor?.id ?? 'unknown', url) : randomUUID();
      known.set(key, uuid);
    }
    return uuid;
  };
}
