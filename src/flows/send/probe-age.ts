import { isAged, isTooYoung, type AgedRun, type AgeProbe } from '../../deliver/retry-age.ts';
import type { TimetableStep } from '../../deliver/retry-ladder.ts';
import type { SentCall } from '../../deliver/retry-run.ts';
import type { Plan } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import { readLatestDate } from '../../vendors/event-time.ts';
import { readPayload } from '../../vendors/read-body.ts';
import { sendEvent, type SendEnvironment } from './send-event.ts';

/** A ladder that was walked, with what each attempt was. */
export interface WalkedRun extends AgedRun {
  calls: readonly SentCall[];
}

interface AgeProbeOptions {
  planEvent: (agoMs: number) => Promise<Plan>;
  ackMode?: AckMode;
}

/**
 * How long before the run the event happens, so that it is as old as at the vendor when it comes to the attempt that
 * is to be taken. All attempts carry the same bytes, so that it can be right for one of them alone.
 */
export function ageAtBirth(
  steps: readonly TimetableStep[],
  { failFirst, loseNext, timeScale }: { failFirst: number; loseNext: number; timeScale: number },
): number {
  const dueMs = steps[failFirst + loseNext]?.sinceStartMs ?? 0;
  // Whole: a date in milliseconds has no fraction.
  return Math.round(dueMs - dueMs / timeScale);
}

/** The age at each attempt, by the dates that the event carries. */
export function agesOf(calls: readonly SentCall[], plan: Plan): number[] | null {
  const dateMs = readLatestDate(plan.vendor, plan.event, plan.headers, readPayload(plan.vendor, plan));
  return dateMs === null ? null : calls.map(({ sentAtMs }) => sentAtMs - dateMs);
}

/**
 * Sends one more event, fresh or old, where only that tells what the age decides: the event was taken younger than it
 * is at the vendor, or an old one was refused.
 */
export async function probeAge(
  run: WalkedRun,
  secret: string | null,
  { planEvent, ackMode }: AgeProbeOptions,
  environment: SendEnvironment,
): Promise<AgeProbe | null> {
  const ageMs = probedAge(run);
  if (ageMs === null || environment.signal?.aborted) return null;
  const { attempts } = await sendEvent(await planEvent(ageMs), { secret, ackMode }, environment);
  const [attempt] = attempts;
  return attempt === undefined
    ? null
    : { ageMs, outcome: attempt.outcome, answer: `${attempt.status ?? attempt.errorCode}` };
}

function probedAge(run: WalkedRun): number | null {
  const { ended, calls, agesMs, sinceStartMs } = run;
  const last = calls.length - 1;
  if (agesMs === null || ended === 'aborted') return null;
  if (ended === 'delivered') return isTooYoung(run, last) ? (sinceStartMs[last] ?? null) : null;
  const reached = calls.flatMap(({ fate, isAccepted }, index) => (fate === 'withheld' ? [] : [{ isAccepted, index }]));
  const isRefusedOld = reached.some(({ index }) => isAged(run, index)) && !reached.some(({ isAccepted }) => isAccepted);
  return isRefusedOld ? 0 : null;
}
