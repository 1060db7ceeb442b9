/** Response times, counted. */
export interface ResponseTimes {
  add(ms: number): void;
  join(other: ResponseTimes): void;
  /** Milliseconds; null without any. */
  percentile(percent: number): number | null;
  /** How often each time came, in whole microseconds. */
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Counts response times by their first three digits: however many there are, only some thousand different ones are
 * kept. A percentile is the nearest rank (https://en.wikipedia.org/wiki/Percentile#The_nearest-rank_method): of n times
 * in their order the one at n × percent / 100, rounded up. Rounding to three digits keeps the order, so what comes out
 * is the exact percentile, rounded to three digits.
 */
export function countResponseTimes(): ResponseTimes {
  const counts = new Map<number, number>();
  let total = 0;
  const addTimes = (us: number, times: number): void => {
    counts.set(us, (counts.get(us) ?? 0) + times);
    total += times;
  };
  return {
    counts,
    add: (ms) => addTimes(toThreeDigits(Math.max(0, Math.round(ms * 1000))), 1),
    join: (other) => {
      for (const [us, times] of other.counts) addTimes(us, times);
    },
    percentile: (percent) => {
      let left = Math.ceil((total * percent) / 100);
      for (const us of [...counts.keys()].toSorted((one, other) => one - other)) {
        left -= counts.get(us) ?? 0;
        if (left <= 0) return us / 1000;
      }
      return null;
    },
  };
}

/** Of whole microseconds: 12 345 becomes 12 300, and 12 350 becomes 12 400. */
function toThreeDigits(us: number): number {
  let step = 1;
  while (us >= step * 1000) step *= 10;
  return Math.floor((us + step / 2) / step) * step;
}
