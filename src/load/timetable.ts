import type { Random } from '../model/clock.ts';

/** How many events a second are due. A ramp goes on at its last rate. */
export type RateProfile =
  | { kind: 'constant' | 'poisson'; perSecond: number }
  | { kind: 'ramp'; fromPerSecond: number; toPerSecond: number; overMs: number };

/** Each call gives the time at which one more event is due, in milliseconds from the start; infinite: never. */
export type NextDue = () => number;

/**
 * The timetable of an open loop. It knows of no answer, so that an endpoint that stalls gets no fewer events for it:
 * that omission would hide the stall (https://www.youtube.com/watch?v=lJ8ydIuPFeU, "coordinated omission").
 * @param random for `poisson`: with a seed the same times in every run
 */
export function makeTimetable(profile: RateProfile, random: Random): NextDue {
  let n = 0;
  switch (profile.kind) {
    case 'constant':
      return () => (n++ * 1000) / profile.perSecond;
    case 'poisson':
      // As of many independent callers: https://en.wikipedia.org/wiki/Poisson_point_process
      return () => ((n += exponential(random)) * 1000) / profile.perSecond;
    case 'ramp':
      return () => rampDueMs(n++, profile);
  }
}

/** Of mean 1. */
function exponential(random: Random): number {
  const bytes = random.bytes(6);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  // Above 0, which has no logarithm.
  return -Math.log((number + 1) / 2 ** 48);
}

/** When `n` events are due: where the area under the rate, a trapezium, is n. */
function rampDueMs(n: number, ramp: RateProfile & { kind: 'ramp' }): number {
  const { fromPerSecond: from, toPerSecond: to } = ramp;
  const overSeconds = ramp.overMs / 1000;
  const withinRamp = (overSeconds * (from + to)) / 2;
  if (n === withinRamp) return ramp.overMs;
  if (n > withinRamp) return ramp.overMs + ((n - withinRamp) / to) * 1000;
  const slope = (to - from) / overSeconds;
  // from × t + slope × t² / 2 = n, solved in the form that does not divide by a slope of 0.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * n));
  return n === 0 ? 0 : ((2 * n) / (from + root)) * 1000;
}
