import hdr from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { decodeHistogram, encodeHistogram } from '../../src/load/histogram-codec.ts';
import { LatencyHistogram } from '../../src/load/latency.ts';
import { listPercentiles, summariseLatency, writeHgrm } from '../../src/load/latency-summary.ts';

const recorded = (times: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const ms of times) histogram.record(ms);
  return histogram;
};
const spread = Array.from({ length: 3000 }, (_, index) => 1 + index ** 3 / 1e6);

test('a summary has the percentiles, the longest and the mean, and carries its histogram', () => {
  const { histogram, ...summary } = summariseLatency(recorded(Array.from({ length: 1000 }, (_, index) => index + 1)));
  expect(summary).toEqual({
    p50Ms: 500.223,
    p90Ms: 900.095,
    p99Ms: 990.207,
    p999Ms: 999.423,
    maxMs: 1000.447,
    meanMs: expect.closeTo(500.5, 0),
  });
  expect(decodeHistogram(histogram).total).toBe(1000);
});

test('a summary of nothing has no times', () => {
  const { histogram, ...summary } = summariseLatency(recorded([]));
  expect(new Set(Object.values(summary))).toEqual(new Set([null]));
  expect(decodeHistogram(histogram).total).toBe(0);
});

test.each([
  ['no time', []],
  ['one time', [12.5]],
  ['equal times', [3, 3, 3, 3]],
  ['three thousand', spread],
])('the distribution of %s is the text of HdrHistogram', (_, times) => {
  const histogram = recorded(times);
  const theirs = hdr.decodeFromCompressedBase64(encodeHistogram(histogram));
  expect(writeHgrm(histogram)).toBe(theirs.outputPercentileDistribution(5, 1000));
});

test('percentiles rise to 100 % of the times', () => {
  const steps = listPercentiles(recorded(spread), 2);
  expect(steps.at(-1)).toMatchObject({ percent: 100, count: spread.length });
  expect(steps.map(({ percent }) => percent)).toEqual(steps.map(({ percent }) => percent).toSorted((a, b) => a - b));
  expect(steps.length).toBeLessThan(40);
});
