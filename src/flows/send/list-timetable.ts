import { retryLadder } from '../../deliver/retry-ladder.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Vendor } from '../../model/vendor.ts';

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

/** What the vendor does while an endpoint is down: the ladder itself, walked on a clock that jumps. */
export async function listTimetable(vendor: Vendor): Promise<Timetable> {
  let nowMs = 0;
  const jumping: Clock = { now: () => nowMs, sleep: async (ms) => void (nowMs += ms) };
  const steps: TimetableStep[] = [];
  const fail = async (attempt: number): Promise<Attempt> => {
    steps.push({ attempt, delayMs: nowMs - (steps.at(-1)?.sinceStartMs ?? 0), sinceStartMs: nowMs });
    return { outcome: 'refused' } as Attempt;
  };
  const { ended } = await retryLadder(vendor.retries, fail, jumping);
  return { vendor, steps, ends: ended === 'deactivated' ? 'deactivated' : 'exhausted' };
}
