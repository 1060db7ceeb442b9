import type { AttemptOutcome } from '../../model/attempt.ts';
import { tallyOutcomes, type OutcomeTally, type OutcomeTotals } from './daily-statistics.ts';

export interface TimeBucket extends OutcomeTotals {
  /** Milliseconds since the epoch. */
  startMs: number;
}

export interface TimeSeries {
  /** How long each bucket is. */
  stepMs: number;
  /** In the order of time, without gaps; at most `MOST_BUCKETS`. */
  buckets: TimeBucket[];
}

/** As many as can be told apart in a picture. */
export const MOST_BUCKETS = 90;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Each is a multiple of the one before, so that buckets can be joined. The last ones grow without end. */
const STEPS_MS = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 7 * 1440].map((minutes) => minutes * MINUTE_MS);

const MONDAY_MS = 4 * DAY_MS;

export interface TimeSeriesTally {
  add(attempt: AttemptOutcome): void;
  series(): TimeSeries;
}

/**
 * Counts attempts along time, however long that is and in whatever order they come: when there are too many buckets,
 * neighbours are joined.
 */
export function tallyTimeSeries(): TimeSeriesTally {
  let step = STEPS_MS[0] as number;
  let buckets = new Map<number, OutcomeTally>();
  let [first, last] = [Infinity, -Infinity];
  const coarsen = (): void => {
    step = nextStep(step);
    const joined = new Map<number, OutcomeTally>();
    for (const [startMs, tally] of buckets) {
      const start = startOf(startMs, step);
      const there = joined.get(start);
      if (there === undefined) joined.set(start, tally);
      else there.join(tally);
    }
    buckets = joined;
  };
  return {
    add: (attempt) => {
      const ms = Date.parse(attempt.startedAt);
      [first, last] = [Math.min(first, ms), Math.max(last, ms)];
      while (startOf(last, step) - startOf(first, step) >= MOST_BUCKETS * step) coarsen();
      const start = startOf(ms, step);
      let tally = buckets.get(start);
      if (tally === undefined) buckets.set(start, (tally = tallyOutcomes()));
      tally.add(attempt);
    },
    series: () => ({ stepMs: step, buckets: wholeSeries(buckets, step, first, last) }),
  };
}

function wholeSeries(buckets: Map<number, OutcomeTally>, step: number, first: number, last: number): TimeBucket[] {
  const series: TimeBucket[] = [];
  for (let startMs = startOf(first, step); startMs <= last; startMs += step)
    series.push({ startMs, ...(buckets.get(startMs) ?? tallyOutcomes()).totals() });
  return series;
}

function nextStep(step: number): number {
  return STEPS_MS.find((longer) => longer > step) ?? step * 2;
}

/** Buckets of days and weeks begin at midnight of a Monday. */
function startOf(ms: number, step: number): number {
  return Math.floor((ms - MONDAY_MS) / step) * step + MONDAY_MS;
}
