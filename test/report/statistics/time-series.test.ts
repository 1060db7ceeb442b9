import { expect, test } from 'vitest';
import { MOST_BUCKETS, tallyTimeSeries, type TimeSeries } from '../../../src/report/statistics/time-series.ts';
import { attemptAt, START } from './attempts.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

function seriesOf(...afterMs: number[]): TimeSeries {
  const tally = tallyTimeSeries();
  for (const ms of afterMs) tally.add(attemptAt(ms, ms === 0 ? { outcome: 'refused', durationMs: 40 } : {}));
  return tally.series();
}

test.each([
  ['one moment', [0], MINUTE, 1],
  ['an hour and a half', [0, 89 * MINUTE], MINUTE, 90],
  ['a minute more', [0, 90 * MINUTE], 5 * MINUTE, 19],
  ['three weeks', [0, 21 * DAY], 6 * HOUR, 85],
  ['half a year', [0, 180 * DAY], 7 * DAY, 26],
  ['sixty years', [0, 60 * 365 * DAY], 448 * DAY, 50],
])('%s', (_, times, stepMs, count) => {
  // In whatever order they come.
  for (const order of [times, times.toReversed()]) {
    const { stepMs: step, buckets } = seriesOf(...order);
    expect([step, buckets.length]).toEqual([stepMs, count]);
    expect(buckets.length).toBeLessThanOrEqual(MOST_BUCKETS);
    expect(buckets.reduce((sum, { sent }) => sum + sent, 0)).toBe(times.length);
    expect(buckets.every(({ startMs }, index) => startMs === (buckets[0]?.startMs ?? 0) + index * step)).toBe(true);
  }
});

test('joined neighbours keep their counts and their response times', () => {
  const { stepMs, buckets } = seriesOf(0, MINUTE, 2 * MINUTE, 400 * MINUTE);
  expect(stepMs).toBe(5 * MINUTE);
  expect(buckets[0]).toEqual({
    startMs: START,
    sent: 3,
    delivered: 2,
    refused: 1,
    unreachable: 0,
    retries: 0,
    p50Ms: 20,
    p95Ms: 40,
  });
  expect(buckets[1]).toMatchObject({ sent: 0, p50Ms: null });
});

test('weeks begin on Mondays', () => {
  const [first] = seriesOf(3 * DAY, 200 * DAY).buckets;
  expect(new Date(first?.startMs ?? 0).toISOString()).toBe('2026-11-02T00:00:00.000Z');
  expect(new Date(START).getUTCDay()).toBe(1);
});
