import type { Clock } from '../model/clock.ts';

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
