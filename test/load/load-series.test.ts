import { expect, test } from 'vitest';
import { LoadSeries } from '../../src/load/load-series.ts';

test('each second has what ended in it, a second without anything too', () => {
  const series = new LoadSeries();
  series.end(10, 'delivered', 5);
  series.end(999, 'refused', 7);
  series.drop(2000);
  series.end(2500, 'unreachable', null);
  const none = { delivered: 0, refused: 0, unreachable: 0, dropped: 0, p50Ms: null, p99Ms: null, maxMs: null };
  expect(series.list()).toEqual([
    {
      ...none,
      atMs: 0,
      widthMs: 1000,
      delivered: 1,
      refused: 1,
      p50Ms: expect.closeTo(5, 1),
      p99Ms: expect.closeTo(7, 1),
      maxMs: expect.closeTo(7, 1),
    },
    { ...none, atMs: 1000, widthMs: 1000 },
    { ...none, atMs: 2000, widthMs: 1000, unreachable: 1, dropped: 1 },
  ]);
});

test('a long run has at most 600 parts, that lose nothing and whose times are the longest of what they hold', () => {
  const series = new LoadSeries();
  for (let second = 0; second < 5000; second++) series.end(second * 1000, 'delivered', second === 3000 ? 900 : 10);
  const parts = series.list();
  expect(parts.length).toBeLessThanOrEqual(600);
  expect(parts.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(5000);
  expect(new Set(parts.map(({ widthMs }) => widthMs))).toEqual(new Set([16_000]));
  expect(parts.map(({ atMs }) => atMs)).toEqual(parts.map((_, index) => index * 16_000));
  const slow = parts.filter(({ maxMs }) => (maxMs ?? 0) > 100);
  expect(slow.map(({ atMs }) => atMs)).toEqual([Math.floor(3_000_000 / 16_000) * 16_000]);
});

test('asked for while the run goes on, and asked again', () => {
  const series = new LoadSeries();
  series.end(0, 'delivered', 10);
  expect(series.list()[0]).toMatchObject({ delivered: 1, p50Ms: expect.closeTo(10, 1) });
  series.end(1, 'delivered', 20);
  expect(series.list()[0]).toMatchObject({ delivered: 2, maxMs: expect.closeTo(20, 1) });
});
