import { expect, test } from 'vitest';
import { makeTimetable, type RateProfile } from '../../src/load/timetable.ts';
import { seededRandom } from '../../src/plan/ids.ts';

/** What is due before `endMs`. */
function dueBefore(profile: RateProfile, endMs: number, seed = 'a seed'): number[] {
  const nextDue = makeTimetable(profile, seededRandom(seed));
  const due: number[] = [];
  for (let ms = nextDue(); ms < endMs && due.length < 1_000_000; ms = nextDue()) due.push(ms);
  return due;
}

const ramp = (fromPerSecond: number, toPerSecond: number, overMs: number): RateProfile => ({
  kind: 'ramp',
  fromPerSecond,
  toPerSecond,
  overMs,
});

test.each<[name: string, profile: RateProfile, endMs: number, count: number, last: number]>([
  ['one a second', { kind: 'constant', perSecond: 1 }, 5000, 5, 4000],
  ['a thousand a second', { kind: 'constant', perSecond: 1000 }, 10_000, 10_000, 9999],
  ['one in ten seconds', { kind: 'constant', perSecond: 0.1 }, 25_000, 3, 20_000],
  // The area under 10 … 500 in 60 s is 15 300; the one that is due at the very end is not before it.
  ['up', ramp(10, 500, 60_000), 60_000, 15_300, 59_998],
  ['down', ramp(500, 10, 60_000), 60_000, 15_300, 59_904],
  ['from nothing', ramp(0, 100, 2000), 2000, 100, 1990],
  ['to nothing, and then never again', ramp(100, 0, 2000), 60_000, 101, 2000],
  ['flat', ramp(50, 50, 2000), 2000, 100, 1980],
  // 100 in the ramp, then 100 a second.
  ['beyond the ramp', ramp(0, 100, 2000), 3000, 200, 2990],
])('%s', (_, profile, endMs, count, last) => {
  const due = dueBefore(profile, endMs);
  expect(due).toHaveLength(count);
  expect(due[0]).toBe(0);
  expect(Math.abs((due.at(-1) as number) - last)).toBeLessThan(1);
  expect(due).toEqual(due.toSorted((a, b) => a - b));
});

test('a ramp has its rate at every moment', () => {
  const due = dueBefore(ramp(10, 500, 60_000), 60_000);
  for (const second of [0, 10, 30, 59]) {
    const within = due.filter((ms) => Math.floor(ms / 1000) === second).length;
    expect(Math.abs(within - (10 + (490 * (second + 0.5)) / 60)), `second ${second}`).toBeLessThanOrEqual(1);
  }
});

test('Poisson arrivals: a seed gives the same times; the waits have the mean and the spread of exponential ones', () => {
  const profile = { kind: 'poisson', perSecond: 200 } as const;
  const due = dueBefore(profile, 100_000);
  expect(dueBefore(profile, 100_000)).toEqual(due);
  expect(dueBefore(profile, 100_000, 'another')).not.toEqual(due);
  const waits = due.map((ms, index) => ms - (due[index - 1] ?? 0));
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
  const deviation = Math.sqrt(waits.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / waits.length);
  // Of 20 000 waits the mean is off by 0.7 % one time in three.
  expect(Math.abs(mean - 5)).toBeLessThan(0.1);
  expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.05);
  expect(Math.min(...waits)).toBeGreaterThan(0);
});
