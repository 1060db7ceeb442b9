import { subjectOf } from '../../sign/scheme/message.ts';
import { judgeAnswer } from '../../deliver/judge-answer.ts';
import { ageResultOf, describeAge } from '../../deliver/retry-age.ts';
import { listTimetable } from '../../deliver/retry-ladder.ts';
import { injectFaults, judgeRetryRun, type Faults, type RetryRun, type SentCall } from '../../deliver/retry-run.ts';
import { openTransport } from '../../deliver/transport.ts';
import type { WireResult } from '../../deliver/wire.ts';
import type { Attempt } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Plan } from '../../model/plan.ts';
import type { Report } from '../../model/report.ts';
import type { AckMode, Vendor } from '../../model/vendor.ts';
import { openReceiver } from '../../receive/receiver.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { readEventId } from '../../vendors/event-key.ts';
import { readPayload } from '../../vendors/read-body.ts';
import { defaultAckMode } from '../../vendors/facts.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { ageAtBirth, agesOf, probeAge, type WalkedRun } from './probe-age.ts';
import { openEffectsCounter, type EffectsOptions } from './count-effects.ts';
import { sendEvent, type SendEnvironment, type SentDelivery } from './send-event.ts';

export interface RetryRunOptions extends EffectsOptions {
  /** How many attempts, from the first, are answered `failStatus` for the endpoint and never reach it. */
  failFirst: number;
  /** How many after those reach it, while the answer is thrown away. */
  loseNext: number;
  failStatus: number;
  /** How many times faster the ladder is followed; null: so that all of it takes some seconds. */
  timeScale: number | null;
  ackMode?: AckMode;
  /** Plans the event as if it had happened so long ago, in milliseconds; a new one at each call. */
  planEvent: (agoMs: number) => Promise<Plan>;
  onAttempt?: (attempt: Attempt) => void;
  onWait?: (waitMs: number, nextNumber: number) => void;
  describe: (ms: number) => string;
}

export interface RetryRunResult {
  report: Report;
  sent: SentDelivery;
  /** The source of effects could be read before the run and no longer after it. */
  isEffectsLost: boolean;
}

/** About as long as the whole ladder takes when nobody says how fast to follow it. */
const RUN_MS = 3000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Follows the vendor's retry ladder with one event, recorded as `send --retry` does, and judges what came of it. */
export async function runRetries(
  target: OpenTarget,
  options: RetryRunOptions,
  environment: SendEnvironment,
): Promise<RetryRunResult> {
  const { vendor, signingSecret } = target;
  const { steps } = await listTimetable(vendor);
  refuseImpossible(vendor, options, steps.length);
  const timeScale = options.timeScale ?? Math.max(1, Math.ceil((steps.at(-1)?.sinceStartMs ?? 0) / RUN_MS));
  const plan = await options.planEvent(ageAtBirth(steps, { ...options, timeScale }));
  const [startedAt, beganAt] = [environment.recordClock.now(), performance.now()];
  const countEffects = await openEffectsCounter(plan, target, options, environment.signal);
  const walked = await sendWithFaults(plan, signingSecret, { ...options, timeScale }, environment);
  const { sent, calls } = walked;
  const aged: WalkedRun = {
    vendor,
    attempts: sent.attempts,
    ended: sent.ended,
    calls,
    sinceStartMs: sent.attempts.map((_, index) => walked.waits.slice(0, index).reduce((sum, ms) => sum + ms, 0)),
    agesMs: agesOf(calls, plan),
    ageProbe: null,
    describe: options.describe,
  };
  const effects = await countEffects(calls);
  const run: RetryRun = {
    ...aged,
    attempts: sent.attempts,
    // Afterwards: it has effects of its own.
    ageProbe: await probeAge(aged, signingSecret, options, environment),
    eventIds: calls.map((call) => readEventId(vendor, call.headers, readPayload(vendor, call))),
    verdicts: verdictsOf(calls, plan, signingSecret),
    effects,
  };
  const times = { timeScale, startedAt, durationMs: performance.now() - beganAt };
  return { sent, isEffectsLost: isLost(run), report: reportOf(run, plan, target, times) };
}

interface FaultyDelivery {
  sent: SentDelivery;
  calls: readonly SentCall[];
  /** What the vendor waits before each attempt but the first, in milliseconds. */
  waits: readonly number[];
}

async function sendWithFaults(
  plan: Plan,
  secret: string | null,
  options: RetryRunOptions & { timeScale: number },
  environment: SendEnvironment,
): Promise<FaultyDelivery> {
  const calls: SentCall[] = [];
  const waits: number[] = [];
  const { failFirst, loseNext, timeScale, ackMode, onAttempt } = options;
  const refusing = await openRefusingServer(options.failStatus);
  try {
    const isSuccess = (result: WireResult): boolean => isAccepted(result, plan, options);
    const faults = { failFirst, loseNext, refusing, isSuccess };
    const transport = injectFaults(environment.transport, faults, environment.clock, (call) => calls.push(call));
    const onWait = (waitMs: number, nextNumber: number): void => {
      waits.push(waitMs);
      options.onWait?.(waitMs, nextNumber);
    };
    const retrying = { secret, ackMode, retry: true, timeScale, onAttempt, onWait };
    return { sent: await sendEvent(plan, retrying, { ...environment, transport }), calls, waits };
  } finally {
    await refusing.close();
  }
}

/** Refuses faults that are none, or that leave no attempt to the endpoint. Throws AppError `usage`. */
function refuseImpossible(
  vendor: Vendor,
  { failFirst, loseNext, failStatus }: RetryRunOptions,
  attempts: number,
): void {
  const answer = { status: failStatus, headers: [], body: new Uint8Array() };
  if (judgeAnswer(answer, vendor.success.value).outcome === 'delivered') {
    throw new AppError(
      'usage',
      `${vendor.title} counts ${failStatus} as success, so --fail-status ${failStatus} is not a failure`,
      { hint: 'use another, such as --fail-status 503' },
    );
  }
  if (failFirst + loseNext < attempts) return;
  throw new AppError(
    'usage',
    `${vendor.title} tries ${attempts} times, and --fail-first ${failFirst} with --lose-next ${loseNext} ` +
      'leaves none of them for the endpoint',
    { hint: `use at most ${attempts - 1} together` },
  );
}

function isAccepted(
  { status, responseHeaders, responseBody }: WireResult,
  { vendor }: Plan,
  { ackMode }: RetryRunOptions,
): boolean {
  if (status === null) return false;
  return (
    judgeAnswer(
      { status, headers: responseHeaders, body: responseBody },
      vendor.success.value,
      ackMode ?? defaultAckMode(vendor.success.value),
    ).outcome === 'delivered'
  );
}

type RefusingServer = Faults['refusing'] & { close(): Promise<void> };

/** A server of our own that answers for an endpoint that is down. */
async function openRefusingServer(status: number): Promise<RefusingServer> {
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
  { vendor, method, hasOwnSignature }: Plan,
  secret: string | null,
): string[] | null {
  const spec = vendor.signature.value;
  if (spec === null || secret === null || hasOwnSignature) return null;
  const toleranceMs = spec.timestamp === undefined ? 0 : SAME_TIME_MS;
  return calls.map(
    (call) => verifyRequest(spec, secret, subjectOf(vendor, { ...call, method }), call.sentAtMs, toleranceMs).verdict,
  );
}

/** A signature in seconds is up to one old when it is made. */
const SAME_TIME_MS = 2000;

const isLost = ({ effects }: RetryRun): boolean => 'isLost' in effects && effects.isLost === true;

/** Whatever the verdict may rest on: an event that is refused at its age was not proved to be taken. */
const isTaken = (run: RetryRun): boolean => run.ended === 'delivered' && ageResultOf(run) !== 'refused';

function reportOf(
  run: RetryRun,
  plan: Plan,
  target: OpenTarget,
  { timeScale, startedAt, durationMs }: { timeScale: number; startedAt: number; durationMs: number },
): Report {
  const findings = judgeRetryRun(run);
  return {
    command: 'retries',
    target: target.shownUrl,
    facts: {
      vendor: plan.vendor.id,
      event: plan.event.name,
      eventId: plan.eventId,
      webhookUuid: plan.webhookUuid,
      deliveryId: plan.deliveryId,
      ended: run.ended,
      timeScale,
      attempts: attemptFacts(run),
    },
    conclusion: conclusionOf(run),
    isGood: !isLost(run) && isTaken(run) && findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt,
    durationMs,
  };
}

function attemptFacts({ attempts, calls, sinceStartMs, agesMs }: RetryRun): JsonValue[] {
  return attempts.map(({ number, outcome, status, errorCode }, index) => ({
    attempt: number,
    sinceStartMs: sinceStartMs[index] ?? null,
    eventAgeMs: agesMs?.[index] ?? null,
    outcome,
    status,
    errorCode,
    reached: calls[index]?.fate !== 'withheld',
    answerLost: calls[index]?.fate === 'lost',
  }));
}

function conclusionOf(run: RetryRun): string {
  const { attempts, ended, sinceStartMs, describe, effects } = run;
  const after = describe(sinceStartMs.at(-1) ?? 0);
  const conclusion = {
    delivered: `accepted at attempt ${attempts.length}, ${after} after the first`,
    exhausted: `given up after ${attempts.length} attempts in ${after}`,
    deactivated: `webhook deactivated after ${attempts.length} attempts in ${after}`,
    dropped: `discarded for good after ${attempts.length === 1 ? 'one attempt' : `${attempts.length} attempts`}`,
    aborted: `stopped after ${attempts.length} attempts`,
  }[ended];
  const age = ageResultOf(run);
  const isWorthSaying = age !== 'not-due' && (ended === 'delivered' || age === 'refused');
  return [
    conclusion,
    ...(isWorthSaying ? [describeAge(run)] : []),
    ...('isLost' in effects && effects.isLost ? [effects.unknown] : []),
  ].join('; ');
}
