import { randomUUID } from 'node:crypto';
import { stopwatchMs, type Clock, type Ids } from '../../model/clock.ts';
import { makeEchoHider, type EchoHider } from '../../model/echo.ts';
import { hideSecretHeader, type HideHeader } from '../../model/header.ts';
import type { Transport } from '../../deliver/transport.ts';
import type { Recorder } from '../../history/recorder.ts';
import type { Vendor } from '../../model/vendor.ts';
import { webhookUuidFor } from '../../plan/ids.ts';
import type { ReceivedTls, Answer, ReceivedOver, ReceivedRequest, Reply } from '../../receive/received-request.ts';
import { openReceiver, type ReceiverOptions } from '../../receive/receiver.ts';
import type { StepAnswer } from '../../receive/receiver-behaviour.ts';
import { makeSeenEvents, type SeenEvents } from '../../receive/seen-events.ts';
import { answerFetch, isFetch, type AttachmentFetch, type AttachmentShelf } from './answer-fetch.ts';
import {
  makeScriptedStatus,
  scriptedAnswer,
  withAcknowledgement,
  type AnswerScript,
  type Conduct,
} from './answer-received.ts';
import { forwardRequest, type Forwarded } from './forward-request.ts';
import { isSuspicious, judgeReceived, type Expected, type Judged } from './judge-received.ts';
import { isAccepted, toRecord } from './record-received.ts';

/** A request that came, what is thought of it, and what was answered. */
export interface ReceivedEvent {
  /** Of the delivery that history keeps: UUID version 7. */
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
  /** From the last byte of the request to the answer. */
  durationMs: number;
}

export interface ListenOptions {
  receiver: Omit<ReceiverOptions, 'onError'>;
  expected: Expected;
  script: AnswerScript;
  conduct: Conduct;
  forward: { target: URL; transport: Transport } | null;
  /** What is given out by signed links; null: a link is a request as any other. */
  attachments: AttachmentShelf | null;
  /** What of a header may be kept. */
  hide?: HideHeader;
  /** Null: made from the vendor and the URL. */
  webhookUuid: string | null;
  /** End after so many requests, or after so long; null never. */
  exitAfter: number | null;
  forMs: number | null;
}

export interface ListenWorld {
  recorder: Recorder | null;
  clock: Clock;
  ids: Ids;
  /** Aborts to end. */
  signal: AbortSignal;
  onReady(origin: string): void;
  /** A promise makes the sender wait: whoever reads is slow. */
  onReceived(event: ReceivedEvent): Promise<void> | undefined;
  /** The same, of an attachment that was asked for: it counts as no request and is not recorded. */
  onFetched(fetch: AttachmentFetch): Promise<void> | undefined;
  onError(error: unknown): void;
}

export interface ListenEnd {
  endedBy: 'count' | 'time' | 'signal';
  requests: number;
  /** Whose signature was not in order. */
  suspicious: number;
}

/** Answers under way when listening ends may take so long. */
const GRACE_MS = 2000;
const LEFT = { code: 'CLOSED', reason: 'the sender closed the connection before the answer' };
const STOPPED = { code: 'ABORTED', reason: 'listening ended before the answer' };

/**
 * Listens until it is told to end; then every request that came is recorded. Throws AppError `usage` when it cannot
 * listen, `history` when it cannot record.
 */
export async function listen(options: ListenOptions, world: ListenWorld): Promise<ListenEnd> {
  const { clock, signal } = world;
  const ending = new AbortController();
  const end: ListenEnd = { endedBy: 'signal', requests: 0, suspicious: 0 };
  const stop = (endedBy: ListenEnd['endedBy']): void => {
    if (ending.signal.aborted) return;
    end.endedBy = endedBy;
    ending.abort();
  };
  const onSignal = (): void => stop('signal');
  signal.addEventListener('abort', onSignal, { once: true });
  const ended = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (signal.aborted) onSignal();

  let origin = '';
  const answer = makeAnswerer(
    options,
    world,
    ending.signal,
    (received) => {
      end.requests += 1;
      if (isSuspicious(received.judged)) end.suspicious += 1;
      if (options.exitAfter !== null && end.requests >= options.exitAfter) stop('count');
    },
    () => origin,
  );
  const receiver = await openReceiver({ ...options.receiver, onError: world.onError }, answer);
  origin = receiver.origin;
  try {
    world.onReady(origin);
    if (options.forMs !== null)
      void clock.sleep(options.forMs, ending.signal).then(
        () => stop('time'),
        () => undefined,
      );
    await ended;
  } finally {
    signal.removeEventListener('abort', onSignal);
    await receiver.close(GRACE_MS);
    await world.recorder?.flush();
  }
  return end;
}

/** What the parts of one answer are decided from. */
interface Case {
  id: string;
  receivedAtMs: number;
  beganAt: number;
  request: ReceivedRequest;
  over: ReceivedOver;
  judged: Judged;
  isDuplicate: boolean;
}

type Answerer = (request: ReceivedRequest, over: ReceivedOver) => Reply | Promise<Reply>;

function makeAnswerer(
  options: ListenOptions,
  world: ListenWorld,
  ending: AbortSignal,
  onAnswered: (event: ReceivedEvent) => void,
  originOf: () => string,
): Answerer {
  const { clock, ids, recorder } = world;
  const { script, forward, conduct, attachments, hide = hideSecretHeader } = options;
  const nextStatus = makeScriptedStatus(script);
  const seenOf = makeSeenByVendor();
  const uuidOf = makeUuids(options.webhookUuid, originOf);

  const echoOf = ({ request }: Case, forwarded: Forwarded | null): EchoHider | null =>
    forwarded === null || forward === null
      ? null
      : makeEchoHider(
          [
            { url: request.path, headers: request.headers },
            { url: forward.target, headers: [] },
          ],
          hide,
        );

  const settle = (
    one: Case,
    reply: Answer | null,
    noAnswer: ReceivedEvent['noAnswer'],
    forwarded: Forwarded | null,
  ): Reply | Promise<Reply> => {
    const {
      id,
      receivedAtMs,
      request,
      judged,
      isDuplicate,
      over: { tls },
    } = one;
    const received: ReceivedEvent = {
      id,
      receivedAtMs,
      request,
      tls,
      judged,
      isDuplicate,
      reply,
      noAnswer,
      forwarded,
      durationMs: stopwatchMs() - one.beganAt,
    };
    if (judged.eventId !== null && judged.verdict !== 'forged' && judged.verdict !== 'missing' && isAccepted(received))
      seenOf(judged.vendor)?.add(judged.eventId);
    const told = world.onReceived(received);
    const kept = recorder?.record(
      ...toRecord(
        received,
        uuidOf(request.path, judged),
        originOf(),
        ids.uuidV7(receivedAtMs),
        hide,
        echoOf(one, forwarded),
      ),
    );
    onAnswered(received);
    const said = reply ?? 'drop';
    return told === undefined && kept === undefined ? said : Promise.all([told, kept]).then(() => said);
  };

  const settleNow = (one: Case, answer: StepAnswer, forwarded: Forwarded | null): Reply | Promise<Reply> =>
    script.drops
      ? settle(one, null, { code: 'DROPPED', reason: 'closed without an answer, as --drop says' }, forwarded)
      : settle(one, answer, null, forwarded);

  const settleLate = async (
    one: Case,
    answer: StepAnswer,
    forwarded: Forwarded | null,
    delayMs: number,
  ): Promise<Reply> => {
    const isInTime =
      delayMs === 0 ||
      (await clock.sleep(delayMs, ending).then(
        () => true,
        () => false,
      ));
    if (one.over.hasLeft()) return settle(one, null, LEFT, forwarded);
    return isInTime ? settleNow(one, answer, forwarded) : settle(one, null, STOPPED, forwarded);
  };

  const answerOf = (one: Case, status: number | null, forwarded: Forwarded | null): StepAnswer => {
    if (status !== null) return scriptedAnswer(status, script);
    if (forwarded !== null) return forwarded.answer;
    return withAcknowledgement(conduct(one.request, one.over, one.judged, one.receivedAtMs), script);
  };

  return (request, over) => {
    if (ending.aborted) return { status: 503, headers: [['connection', 'close']] };
    const receivedAtMs = clock.now();
    if (attachments !== null && request.method !== 'POST' && isFetch(request)) {
      const fetch = answerFetch(request, attachments, receivedAtMs);
      return world.onFetched(fetch)?.then(() => fetch.reply) ?? fetch.reply;
    }
    const beganAt = stopwatchMs();
    const judged = judgeReceived(request, options.expected, receivedAtMs);
    const isDuplicate = judged.eventId !== null && seenOf(judged.vendor)?.has(judged.eventId) === true;
    const one: Case = { id: ids.uuidV7(receivedAtMs), receivedAtMs, beganAt, request, over, judged, isDuplicate };
    const status = nextStatus();
    if (forward !== null) {
      return forwardRequest(request, forward.target, forward.transport, ending).then((forwarded) =>
        settleLate(one, answerOf(one, status, forwarded), forwarded, script.delayMs),
      );
    }
    const answer = answerOf(one, status, null);
    const delayMs = script.delayMs + (answer.delayMs ?? 0);
    return delayMs === 0 ? settleNow(one, answer, null) : settleLate(one, answer, null, delayMs);
  };
}

/**
 * Ids are remembered as they came, for each vendor: a key put together for each request is a string more that outlives
 * it.
 */
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

/** The webhook that a request belongs to: one for each vendor and path, the same that `send --url` makes. */
function makeUuids(fixed: string | null, originOf: () => string): (path: string, judged: Judged) => string {
  const known = new Map<string, string>();
  return (path, { vendor }) => {
    if (fixed !== null) return fixed;
    const url = `${originOf()}${path.split('?', 1)[0]}`;
    const key = `${vendor?.id} ${url}`;
    let uuid = known.get(key);
    if (uuid === undefined) {
      // Whoever tries many paths must not fill memory with them.
      if (known.size >= MAX_KNOWN_PATHS) known.clear();
      uuid = URL.canParse(url) ? webhookUuidFor(vendor?.id ?? 'unknown', url) : randomUUID();
      known.set(key, uuid);
    }
    return uuid;
  };
}
