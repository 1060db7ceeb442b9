import type { Attempt } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import type { RetryLadder, Vendor } from '../model/vendor.ts';
import { stepAfter, type NextStep } from '../vendors/retry-rule.ts';

/** `aborted`: the run was stopped before the vendor would have ended it. */
export type LadderEnd = Extract<NextStep, { ended: string }>['ended'] | 'aborted';

export interface LadderRun {
  attempts: readonly Attempt[];
  ended: LadderEnd;
}

/** How long the vendor waits after this attempt, in milliseconds; null: it was the last one. */
export type WaitOf = (attempt: Attempt) => number | null;

/**
 * Follows a vendor's retry ladder: attempt, wait on `clock`, attempt again, until one is delivered or the ladder
 * ends. `attemptOnce` gets the number of the attempt, starting at 1, and must sign anew each time; what it records says
 * whether another one comes.
 * The waits are the ladder's; give a scaled clock here to shorten them, and the real one to whoever signs.
 */
export async function runLadder(
  ladder: RetryLadder,
  attemptOnce: (number: number, waitOf: WaitOf) => Promise<Attempt>,
  clock: Clock,
  options: {
    signal?: AbortSignal | undefined;
    /** The event's name: some have a ladder of their own. */
    event?: string | undefined;
    onWait?: ((waitMs: number, nextNumber: number) => void) | undefined;
  } = {},
): Promise<LadderRun> {
  const attempts: Attempt[] = [];
  const firstAt = clock.now();
  for (let number = 1; ; number++) {
    const stepOf = (made: Attempt): NextStep =>
      stepAfter(ladder, made, { number, sinceFirstMs: clock.now() - firstAt, event: options.event });
    const attempt = await attemptOnce(number, (made) => waitOf(stepOf(made)));
    attempts.push(attempt);
    if (attempt.outcome === 'delivered') return { attempts, ended: 'delivered' };
    if (options.signal?.aborted) return { attempts, ended: 'aborted' };
    // What was recorded holds, though the vendor's patience may have ended since.
    const recordedMs = attempt.timings?.retryInMs;
    const step = recordedMs === undefined ? stepOf(attempt) : { waitMs: recordedMs };
    if ('ended' in step) return { attempts, ended: step.ended };
    options.onWait?.(step.waitMs, number + 1);
    if (!(await sleepUnlessAborted(clock, step.waitMs, options.signal))) return { attempts, ended: 'aborted' };
  }
}

const waitOf = (step: NextStep): number | null => ('waitMs' in step ? step.waitMs : null);

async function sleepUnlessAborted(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return !signal?.aborted;
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
}

/**
 * A clock on which sleeping takes `factor` times less: with 3600, an hour of a retry ladder passes in a second.
 * What was skipped is added to `now()`; work done between the sleeps still takes as long as it takes.
 */
export function scaledClock(clock: Clock, factor: number): Clock {
  let skippedMs = 0;
  const now = (): number => clock.now() + skippedMs;
  return {
    now,
    sleep: async (ms, signal) => {
      const wakesAt = now() + ms;
      await clock.sleep(ms / factor, signal);
      // Not `+=`: of two sleeps at the same time, each would then add the same hours.
      skippedMs = Math.max(skippedMs, wakesAt - clock.now());
    },
  };
}

/** When an attempt comes if all before it failed at once. */
export interface TimetableStep {
  attempt: number;
  /** After the attempt before, in milliseconds; 0 for the first. */
  delayMs: number;
  sinceStartMs: number;
}

export interface Timetable {
  vendor: Vendor;
  steps: readonly TimetableStep[];
  /** What becomes of the event, or of the webhook, when the last attempt fails too. */
  ends: 'exhausted' | 'deactivated';
}

/** What the vendor does while an endpoint is down: the ladder itself, followed on a clock that jumps. */
export async function listTimetable(vendor: Vendor): Promise<Timetable> {
  let nowMs = 0;
  const jumping: Clock = { now: () => nowMs, sleep: async (ms) => void (nowMs += ms) };
  const steps: TimetableStep[] = [];
  const fail = async (attempt: number): Promise<Attempt> => {
    steps.push({ attempt, delayMs: nowMs - (steps.at(-1)?.sinceStartMs ?? 0), sinceStartMs: nowMs });
    return { outcome: 'refused' } as Attempt;
  };
  // What an answer decides is left out: the endpoint is down.
  const { delaysMs, deactivatesAfterMs } = vendor.retries;
  const { ended } = await runLadder({ delaysMs, deactivatesAfterMs }, fail, jumping);
  return { vendor, steps, ends: ended === 'deactivated' ? 'deactivated' : 'exhausted' };
}
