import type { Clock } from '../../model/clock.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // Few commands wait, and loading this takes 1 ms.
    const { setTimeout: wait } = await import('node:timers/promises');
    await wait(ms, undefined, { signal });
  },
};

/**
 * A clock that stands at `startMs` (`--now`) and moves only by the time slept on it: two runs with the same
 * seed then make the same bytes, however fast the machine is.
 */
export function standingClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms, signal);
      nowMs += ms;
    },
  };
}
