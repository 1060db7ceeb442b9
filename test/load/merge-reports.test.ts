import { expect, test } from 'vitest';
import { decodeHistogram } from '../../src/load/histogram-codec.ts';
import { mergeReports } from '../../src/load/merge-reports.ts';
import type { LoadReport } from '../../src/model/load-report.ts';
import { histogramOf, loadReport } from './load-reports.ts';

const named = (reports: readonly LoadReport[]) => reports.map((report, index) => ({ name: `${index}.json`, report }));
const merge = (...reports: LoadReport[]): LoadReport => mergeReports(named(reports)).report;
const notesOf = (...reports: LoadReport[]): readonly string[] => mergeReports(named(reports)).notes;

const QUICK = Array.from({ length: 90 }, (_, index) => 1 + index / 100);
const SLOW = Array.from({ length: 10 }, (_, index) => 6000 + index);

/** Begins 2.5 s after the other, and ends later. */
const ONE = loadReport({ times: QUICK, waitedMs: 0 });
const TWO = loadReport({
  times: SLOW,
  waitedMs: 0,
  startedAt: '2026-11-30T14:05:02.500Z',
  counts: { started: 13, unreachable: 3, dropped: 2 },
  errorCodes: { TIMEOUT: 2, ECONNREFUSED: 1 },
  late: { count: 1, share: 1 / 13, p99Ms: 30, maxMs: 40 },
});

test('the percentiles are those of all times, not the mean of two percentiles', () => {
  const { service, slow } = merge(ONE, TWO);
  const whole = histogramOf([...QUICK, ...SLOW]);
  expect(service).toMatchObject({
    p50Ms: whole.percentileMs(50),
    p99Ms: whole.percentileMs(99),
    maxMs: whole.percentileMs(100),
  });
  expect(decodeHistogram(service.histogram).total).toBe(100);
  expect(slow.aboveTimeoutShare).toBeCloseTo(12 / 103, 10);
});

test('counts add, and the time is that from the first start to the last end', () => {
  const merged = merge(TWO, ONE);
  expect(merged).toMatchObject({
    startedAt: ONE.startedAt,
    durationMs: 12_500,
    perSecond: 8,
    arrival: { kind: 'constant', perSecond: 20, maxInFlight: 2000 },
    counts: { started: 103, delivered: 100, unreachable: 3, dropped: 2 },
    statuses: { 200: 100 },
    errorCodes: { TIMEOUT: 2, ECONNREFUSED: 1 },
    late: { count: 1, p99Ms: 30, maxMs: 40 },
    events: { optin: 3, optout: 1 },
  });
  expect(merged.late.share).toBeCloseTo(1 / 103, 10);
});

test('seconds are joined on one scale of time, with the larger percentiles', () => {
  const { series } = merge(ONE, TWO);
  expect(series.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 12 }, (_, index) => index * 1000));
  expect(series.map(({ delivered }) => delivered)).toEqual([10, 10, 20, 20, 20, 20, 20, 20, 20, 20, 10, 10]);
  expect(series[2]).toMatchObject({ widthMs: 1000, p50Ms: 52, p99Ms: 101, maxMs: 102 });
});

test('of long runs the seconds become wider, and a series of any kind stays bounded', () => {
  const second = ONE.series[0];
  if (second === undefined) throw new Error('the sample has no series');
  const odd = loadReport({
    series: [
      { ...second, atMs: 3e12 },
      { ...second, widthMs: 7000 },
    ],
  });
  const late = loadReport({ startedAt: '2036-11-30T14:05:00.000Z' });
  for (const { series } of [merge(odd, late), merge(late, odd)]) {
    expect(series.length).toBeLessThan(602);
    expect(series.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(120);
  }
});

test('what one was not is not what all were', () => {
  const invalid = { isValid: false, reason: '3% late', eventLoopDelayP99Ms: 90, cpuShare: 0.2 };
  const merged = merge(ONE, loadReport({ generator: invalid }), loadReport({ isInterrupted: true }));
  expect(merged.isInterrupted).toBe(true);
  expect(merged.generator).toEqual({
    isValid: false,
    reason: '1.json: 3% late',
    eventLoopDelayP99Ms: 90,
    cpuShare: 0.31,
  });
});

test('of different mixes the weights are about how often each event was sent', () => {
  const other = loadReport({ events: { optout: 1, ['__proto__']: 1 }, counts: { started: 40 } });
  expect(merge(loadReport(), other).events).toEqual({ optin: 75, optout: 45, ['__proto__']: 20 });
});

test('a webhook that is called otherwise elsewhere has no name', () => {
  const target = { ...ONE.target, webhook: 'shop' };
  expect(merge(ONE, loadReport({ target })).target.webhook).toBeNull();
  expect(merge(loadReport({ target }), loadReport({ target, times: SLOW })).target.webhook).toBe('shop');
});

test('one report alone stays what it is', () => {
  expect(merge(ONE)).toEqual(ONE);
});

const ramp = (parts: object) =>
  loadReport({ arrival: { kind: 'ramp', fromPerSecond: 1, toPerSecond: 9, overMs: 5000, maxInFlight: 10, ...parts } });

test('ramps and connections add', () => {
  expect(merge(ramp({}), ramp({ toPerSecond: 20 })).arrival).toEqual({
    kind: 'ramp',
    fromPerSecond: 2,
    toPerSecond: 29,
    overMs: 5000,
    maxInFlight: 20,
  });
  expect(merge(ramp({ connections: 2 }), ramp({ overMs: 5000, maxInFlight: 11 })).arrival).toMatchObject({
    maxInFlight: 21,
    connections: 13,
  });
  const [three, four] = [3, 4].map((connections) => loadReport({ arrival: { kind: 'closed', connections } }));
  expect(merge(three as LoadReport, four as LoadReport).arrival).toEqual({ kind: 'closed', connections: 7 });
});

test.each([
  [
    'another URL',
    loadReport({ target: { ...ONE.target, url: 'http://127.0.0.1:1/' } }),
    'the endpoint: http://127.0.0.1:8080/hook in 0.json',
  ],
  [
    'another vendor',
    loadReport({ target: { ...ONE.target, vendor: 'stripe' } }),
    'the vendor: mail2many in 0.json, stripe in 1.json',
  ],
  [
    'another time-out',
    loadReport({ slow: { timeoutMs: 1, waitedMs: 5000, aboveTimeoutShare: 0, above2sShare: 0 } }),
    'time-out in ms: 5000',
  ],
  [
    'another --max-time',
    loadReport({ slow: { timeoutMs: 5000, waitedMs: 300, aboveTimeoutShare: 0, above2sShare: 0 } }),
    'the time for one attempt in ms: 5000 in 0.json, 300 in 1.json',
  ],
  ['a closed loop', loadReport({ arrival: { kind: 'closed', connections: 1 } }), 'after the previous answer in 1.json'],
  [
    'a Poisson process',
    loadReport({ arrival: { kind: 'poisson', perSecond: 1, maxInFlight: 1 } }),
    'poisson in 1.json',
  ],
])('%s is no part of the same run', (_, other, hint) => {
  const attempt = (): unknown => merge(ONE, other);
  expect(attempt).toThrow('0.json and 1.json are not parts of one run');
  expect(attempt).toThrow(expect.objectContaining({ kind: 'usage', hint: expect.stringContaining(hint) }));
});

test('a ramp of another length is no part of the same run', () => {
  expect(() => merge(ramp({}), ramp({ overMs: 1 }))).toThrow('not parts of one run');
});

test('the same file twice would count its events twice', () => {
  expect(() => merge(ONE, TWO, structuredClone(ONE))).toThrow('0.json and 2.json are the same run');
});

test('a run that is in two reports is refused, also where one of them is a merged one', () => {
  const [one, two] = [
    { ...ONE, runs: ['a'] },
    { ...TWO, runs: ['b', 'c'] },
  ];
  const both = merge(one, two);
  expect(both.runs).toEqual(['a', 'b', 'c']);
  expect(() => merge(both, two)).toThrow('0.json and 1.json have a run in common: its events would count twice');
  expect(merge(both, { ...TWO, runs: ['d'] }).counts.started).toBe(116);
});

test('runs that were not at the same time are told', () => {
  const later = loadReport({ startedAt: '2026-11-30T15:00:00.000Z' });
  expect(notesOf(ONE, TWO)).toEqual([]);
  expect(notesOf(later, ONE, TWO)).toEqual([
    '0.json started after 2.json had ended: answers/s covers the whole time from the first to the last',
  ]);
});
