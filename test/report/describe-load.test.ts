import { expect, test } from 'vitest';
import type { LoadReport } from '../../src/model/load-report.ts';
import { describeArrival, describeFigures, describeMeasured, describeVerdict } from '../../src/report/describe-load.ts';
import { loadReport } from '../load/load-reports.ts';

test.each([
  [{ kind: 'closed', connections: 1 }, '1 connection, each sends its next event when the last is answered'],
  [{ kind: 'constant', perSecond: 50, maxInFlight: 9 }, '50 events a second, evenly, at most 9 in flight'],
  [
    { kind: 'poisson', perSecond: 0.5, maxInFlight: 9 },
    '0.5 events a second, at random (Poisson), at most 9 in flight',
  ],
  [
    { kind: 'ramp', fromPerSecond: 1, toPerSecond: 5, overMs: 60_000, maxInFlight: 9 },
    'from 1 to 5 events a second over 1 min, at most 9 in flight',
  ],
] as const)('%j', (arrival, text) => {
  expect(describeArrival(arrival)).toBe(text);
});

const labels = (report: LoadReport): string[] => describeFigures(report).map(({ label }) => label);

test('what did not occur is left out', () => {
  expect(labels(loadReport({ arrival: { kind: 'closed', connections: 1 } }))).toEqual([
    'slow',
    'statuses',
    'generator',
  ]);
  const counts = { retries: 1, resent: 1, forgotten: 1, unrecorded: 1 };
  const throttled = { answers: 1, withRetryAfter: 0, kept: 0, broken: 1 };
  expect(labels(loadReport({ counts, throttled, errorCodes: { TIMEOUT: 1 } }))).toEqual([
    'slow',
    'statuses',
    'no answer',
    '429',
    'retries',
    'sent twice',
    'forgotten',
    'unrecorded',
    'late',
    'generator',
  ]);
});

test('of many statuses the most frequent are told', () => {
  const statuses = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [String(400 + index), index + 1]));
  const told = describeFigures(loadReport({ statuses })).find(({ label }) => label === 'statuses')?.text;
  expect(told).toMatch(/^419: 20, 418: 19, .*, 408: 9, and 8 more$/);
});

test('of attempts that were given up sooner, the time is told', () => {
  const slow = { timeoutMs: 10_000, waitedMs: 300, aboveTimeoutShare: 0, above2sShare: 0 };
  expect(describeFigures(loadReport({ slow }))[0]?.text).toBe(
    "0% above the vendor's time-out of 10 s, 0% above 2 s; --max-time 300 ms",
  );
});

test.each([
  [612.35149, 'ms', '612.351 ms'],
  [99.900001, '%', '99.9%'],
  [12.345, '/s', '12.35/s'],
  [3, '', '3'],
  [null, 'ms', 'no answer'],
  [null, '%', 'nothing to measure'],
] as const)('%s in %j', (measured, unit, text) => {
  expect(describeMeasured({ expectation: '', measured, unit, isMet: false, allowsNoDelivery: false })).toBe(text);
});

test.each([
  [['a', 'b'], 0, 'a; b'],
  [[], 0, '100 events, all delivered'],
  [[], 1, 'the expectation is met'],
  [[], 2, 'all 2 expectations are met'],
])('the reasons %j and %i expectations', (reasons, count, text) => {
  const met = { expectation: 'p99<1s', measured: 1, unit: 'ms', isMet: true, allowsNoDelivery: false } as const;
  const expectations = Array.from({ length: count }, () => met);
  expect(describeVerdict({ report: loadReport(), expectations, verdict: { outcome: 'yes', reasons } })).toBe(text);
});
