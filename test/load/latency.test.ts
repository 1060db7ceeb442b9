import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram, rankOf } from '../../src/load/latency.ts';

const recorded = (times: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const ms of times) histogram.record(ms);
  return histogram;
};

/** Whole microseconds up to two minutes, as many short ones as long ones. */
const TIMES = fc.array(
  fc.double({ min: 0, max: 8, noNaN: true }).map((power) => Math.round(10 ** power) / 1000),
  { minLength: 1, maxLength: 300 },
);

test('a percentile is the exact one, or at most 0.1 % above it', () => {
  fc.assert(
    fc.property(TIMES, fc.constantFrom(0.1, 1, 50, 90, 99, 99.9, 100), (times, percent) => {
      const exact = times.toSorted((one, other) => one - other)[rankOf(percent, times.length) - 1] as number;
      const measured = recorded(times).percentileMs(percent) as number;
      expect(measured).toBeGreaterThanOrEqual(exact);
      expect(measured).toBeLessThanOrEqual(exact * 1.001);
    }),
  );
});

test('two histograms added are the histogram of all their times', () => {
  fc.assert(
    fc.property(TIMES, TIMES, (some, others) => {
      const sum = recorded(some);
      sum.add(recorded(others));
      const whole = recorded([...some, ...others]);
      expect(Buffer.from(sum.counts.buffer).equals(Buffer.from(whole.counts.buffer))).toBe(true);
      expect(sum.total).toBe(some.length + others.length);
    }),
  );
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 50, 5.003],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 51, 6.003],
  [[0.001], 99, 0.001],
  [[0], 50, 0],
  [[-3, Number.MIN_VALUE], 100, 0],
  [[2.047], 100, 2.047],
  [[2.048], 100, 2.049],
  [[90_000_000], 100, 86_436_216.831],
] as const)('of %j ms the %f-th percentile is %f', (times, percent, expected) => {
  expect(recorded(times).percentileMs(percent)).toBe(expected);
});

test('without a time there is no percentile and no mean', () => {
  const histogram = recorded([5]);
  histogram.clear();
  expect([histogram.percentileMs(50), histogram.meanMs(), histogram.countAbove(0), histogram.total]).toEqual([
    null,
    null,
    0,
    0,
  ]);
});

test('counts what is longer than a limit, not what is as long', () => {
  const histogram = recorded([1, 1.999, 2, 2.001, 30, 90_000_000]);
  expect([0, 1.999, 2, 2.001, 29, 1e9].map((ms) => histogram.countAbove(ms))).toEqual([6, 4, 3, 2, 2, 0]);
});

test('the mean is within 0.1 %', () => {
  expect(recorded([10, 20, 60]).meanMs()).toBeCloseTo(30, 1);
});

test.each([
  [99.9, 1000, 999],
  [50, 5, 3],
  [90, 10, 9],
  [99, 1, 1],
  [0.1, 10, 1],
])('%f %% of %d is the one at rank %d', (percent, total, rank) => {
  expect(rankOf(percent, total)).toBe(rank);
});
