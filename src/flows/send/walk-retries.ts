import { injectFaults, type SentCall, judgeRetryRun, type RetryRun } from '../../deliver/retry-run.ts';
import { judgeAnswer } from '../../deliver/judge-answer.ts';
import { openTransport, type Transport } from '../../deliver/transport.ts';
import type { WireResult } from '../../deliver/wire.ts';
import { AppError } from '../../model/error.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Plan } from '../../model/plan.ts';
import type { Report } from '../../model/report.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { AckMode } from '../../model/vendor.ts';
import { readEventId, readEventKey, readObject } from '../../vendors/event-key.ts';
import { defaultAckMode } from '../../vendors/facts.ts';
import { openReceiver } from '../../receive/receiver.ts';
import { verifyRequest } from '../../sign/verify.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { listTimetable } from '../../deliver/retry-ladder.ts';
import { setTimeout } from 'node:timers/promises';
import {
  joinEffects,
  LOST,
  reachEffects,
  readEffects,
  readEffectsAgain,
  readSettledEffects,
  type EffectsSource,
} from '../session/read-effects.ts';
import { sendEvent, type SendEnvironment, type SentDelivery } from './send-event.ts';

export interface WalkOptions {
  /** So many attempts, the first, are answered `failStatus` for the endpoint and never reach it. */
  failFirst: number;
  /** So many after those reach it, and the answer is thrown away. */
  loseNext: number;
  failStatus: number;
  /** How many times faster the ladder is walked; null: so that all of it takes some seconds. */
  timeScale: number | null;
  ackMode?: AckMode;
  /** Who tells what the endpoint processed; null: nobody. */
  effects: EffectsSource | null;
  /**
   * How long after its answer an event may still be processed, in milliseconds; default: once three seconds, again one.
   */
  effectsWait?: number;
  onAttempt?: (attempt: Attempt) => void;
  onWait?: (waitMs: number, nextNumber: number) => void;
  describe: (ms: number) => string;
}

export interface WalkedRetries {
  report: Report;
  sent: SentDelivery;
  /** Who told what was processed did not any more after the walk. */
  isEffectsLost: boolean;
}

/** The whole ladder takes about so long when nobody says how fast to walk it. */
const WALK_MS = 3000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Walks the vendor's retry ladder with one event, recorded as `send --retry` does, and judges what came of it. */
export async function walkRetries(
  plan: Plan,
  target: OpenTarget,
  options: WalkOptions,
  environment: SendEnvironment,
): Promise<WalkedRetries> {
  const { steps } = await listTimetable(plan.vendor);
  refuseImpossible(plan, options, steps.length);
  const timeScale = options.timeScale ?? Math.max(1, Math.ceil((steps.at(-1)?.sinceStartMs ?? 0) / WALK_MS));
  const [startedAt, beganAt] = [environment.recordClock.now(), performance.now()];
  const calls: SentCall[] = [];
  const waits: number[] = [];
  const counter = await openCounter(plan, target, options, environment);
  const desk = await openRefusing(options.failStatus);
  try {
    const front = {
      failFirst: options.failFirst,
      loseNext: options.loseNext,
      refusing: desk,
      isSuccess: (result: WireResult) => isSuccess(result, plan, options),
    };
    const transport = injectFaults(environment.transport, front, environment.clock, (call) => calls.push(call));
    const onWait = (waitMs: number, nextNumber: number): void => {
      waits.push(waitMs);
      options.onWait?.(waitMs, nextNumber);
    };
    const sent = await sendEvent(
      plan,
      {
        secret: target.signingSecret,
        retry: true,
        timeScale,
        onWait,
        ...(options.onAttempt === undefined ? {} : { onAttempt: options.onAttempt }),
        ...(options.ackMode === undefined ? {} : { ackMode: options.ackMode }),
      },
      { ...environment, transport },
    );
    const walk: RetryRun = {
      vendor: plan.vendor,
      attempts: sent.attempts,
      ended: sent.ended,
      calls,
      sinceStartMs: sent.attempts.map((_, index) => waits.slice(0, index).reduce((sum, ms) => sum + ms, 0)),
      eventIds: calls.map(({ headers, body }) => readEventId(plan.vendor, headers, readObject(body))),
      verdicts: verdictsOf(calls, plan, target.signingSecret),
      effects: await counter(
        calls.some(({ fate, isAccepted }) => fate !== 'withheld' && isAccepted),
        calls.filter(({ fate }) => fate !== 'withheld').length > 1,
      ),
      describe: options.describe,
    };
    return {
      sent,
      isEffectsLost: isLost(walk),
      report: reportOf(walk, plan, target, { timeScale, startedAt, durationMs: performance.now() - beganAt }),
    };
  } finally {
    await desk.close();
  }
}

/** Throws AppError `usage` for failures that are none, or that leave no attempt to the endpoint. */
function refuseImpossible({ vendor }: Plan, { failFirst, loseNext, failStatus }: WalkOptions, attempts: number): void {
  const answer = { status: failStatus, headers: [], body: new Uint8Array() };
  if (judgeAnswer(answer, vendor.success.value).outcome === 'delivered') {
    throw new AppError(
      'usage',
      `${vendor.title} counts ${failStatus} as success, so --fail-status ${failStatus} is no failure`,
      { hint: 'such as --fail-status 503' },
    );
  }
  if (failFirst + loseNext < attempts) return;
  throw new AppError(
    'usage',
    `${vendor.title} tries ${attempts} times, and --fail-first ${failFirst} with --lose-next ${loseNext} leaves none of them to the endpoint`,
    { hint: `${attempts - 1} together at most` },
  );
}

function isSuccess(
  { status, responseHeaders, responseBody }: WireResult,
  { vendor }: Plan,
  { ackMode }: WalkOptions,
): boolean {
  if (status === null) return false;
  return (
    judgeAnswer(
      { status, headers: responseHeaders, body: responseBody },
      vendor.success.value,
      ackMode ?? defaultAckMode(vendor),
    ).outcome === 'delivered'
  );
}

/** A server of our own that answers for an endpoint that is down. */
async function openRefusing(status: number): Promise<{ origin: string; transport: Transport; close(): Promise<void> }> {
  const receiver = await openReceiver({ host: '127.0.0.1', port: 0, maxBodyBytes: MAX_BODY_BYTES }, () => ({
    status,
    body: 'answered for the endpoint by webhook retries --fail-first',
  }));
  const transport = await openTransport({ timeoutMs: 10_000 });
  return {
    origin: receiver.origin,
    transport,
    close: async () => {
      await transport.close();
      await receiver.close();
    },
  };
}

/** Judged at the moment each was sent; null where there is nothing of ours to judge. */
function verdictsOf(
  calls: readonly SentCall[],
  { vendor, hasOwnSignature }: Plan,
  secret: string | null,
): string[] | null {
  const spec = vendor.signature.value;
  if (spec === null || secret === null || hasOwnSignature) return null;
  const toleranceMs = spec.timestampUnit === undefined ? 0 : SAME_TIME_MS;
  return calls.map(
    ({ headers, body, sentAtMs }) => verifyRequest(spec, secret, headers, body, sentAtMs, toleranceMs).verdict,
  );
}

/** A signature in seconds is up to one old when it is made. */
const SAME_TIME_MS = 2000;

/** Counts after the walk: whether the event should have been processed, and whether it went out more than once. */
type CountEffects = (isExpected: boolean, isRepeated: boolean) => Promise<RetryRun['effects']>;

/**
 * Counts what the event does from now on. Read before the walk too: an event without an id has the key of earlier ones.
 */
async function openCounter(
  { vendor, headers, body }: Plan,
  target: OpenTarget,
  { effects: source, effectsWait }: WalkOptions,
  { signal = new AbortController().signal }: SendEnvironment,
): Promise<CountEffects> {
  if (source === null)
    return async () => ({ unknown: 'nobody tells what was processed: --effects-url or --effects-cmd' });
  const key = readEventKey(vendor, headers, readObject(body));
  if (key === null) return async () => ({ unknown: 'nothing in this event tells it from another' });
  const effects = await reachEffects(
    { ...source, ...(effectsWait === undefined ? {} : { waitMs: effectsWait }) },
    target,
  );
  const before = (await readEffects(effects, signal)).get(key) ?? 0;
  return async (isExpected, isRepeated) => {
    try {
      const once = await readSettledEffects(effects, isExpected ? [key] : [], signal);
      if (isRepeated) await setTimeout(effectsWait ?? REPEATED_WAIT_MS, undefined, { signal }).catch(() => undefined);
      const all = isRepeated ? joinEffects(once, await readEffectsAgain(effects, signal)) : once;
      return { count: (all.get(key) ?? 0) - before };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { unknown: `${LOST}: ${error.message}`, isLost: true };
    }
  };
}

const isLost = ({ effects }: RetryRun): boolean => 'isLost' in effects && effects.isLost === true;

/** An event that was processed once already may wait in a queue for the second time. */
const REPEATED_WAIT_MS = 1000;

function reportOf(
  walk: RetryRun,
  plan: Plan,
  target: OpenTarget,
  run: { timeScale: number; startedAt: number; durationMs: number },
): Report {
  const { attempts, ended, sinceStartMs, describe, calls, effects } = walk;
  const findings = judgeRetryRun(walk);
  const after = describe(sinceStartMs.at(-1) ?? 0);
  const conclusions = {
    delivered: `taken at attempt ${attempts.length}, ${after} after the first`,
    exhausted: `given up after ${attempts.length} attempts in ${after}`,
    deactivated: `webhook deactivated after ${attempts.length} attempts in ${after}`,
    aborted: `stopped after ${attempts.length} attempts`,
  };
  return {
    command: 'retries',
    target: target.shownUrl,
    facts: {
      vendor: plan.vendor.id,
      event: plan.event.name,
      eventId: plan.eventId,
      webhookUuid: plan.webhookUuid,
      deliveryId: plan.deliveryId,
      ended,
      timeScale: run.timeScale,
      attempts: attempts.map((attempt, index): JsonValue => ({
        attempt: attempt.number,
        sinceStartMs: sinceStartMs[index] ?? null,
        outcome: attempt.outcome,
        status: attempt.status,
        errorCode: attempt.errorCode,
        reached: calls[index]?.fate !== 'withheld',
        answerLost: calls[index]?.fate === 'lost',
      })),
    },
    conclusion: isLost(walk) && 'unknown' in effects ? `${conclusions[ended]}; ${effects.unknown}` : conclusions[ended],
    isGood: !isLost(walk) && ended === 'delivered' && findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt: run.startedAt,
    durationMs: run.durationMs,
  };
}
