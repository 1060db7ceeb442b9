import { expect, test } from 'vitest';
import { judgeGenerator, LoadTally } from '../../src/load/load-tally.ts';
import type { Attempt } from '../../src/model/attempt.ts';

const WAITS = { timeoutMs: 1000, waitedMs: 1000 };
const delivered = { outcome: 'delivered', status: 200, errorCode: null } as const;
const refused = { outcome: 'refused', status: 503, errorCode: 'HTTP_503' } as const;
const silent = { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT' } as const;

test('an event counts once, by its last attempt; answers and times count for each attempt', () => {
  const tally = new LoadTally(WAITS);
  tally.start(0, 1);
  tally.end(refused, { dueMs: 0, endMs: 11, serviceMs: 10 }, null);
  tally.startRetry(false, 0);
  tally.end(silent, { dueMs: 100, endMs: 1101, serviceMs: 1001 }, 'refused');
  tally.startRetry(true, 0);
  tally.end(delivered, { dueMs: 2000, endMs: 2040, serviceMs: 20 }, 'unreachable');
  const report = tally.report();
  expect(report.counts).toMatchObject({ started: 1, delivered: 1, refused: 0, unreachable: 0, retries: 2 });
  expect(report.statuses).toEqual({ 200: 1, 503: 1 });
  expect(report.errorCodes).toEqual({ TIMEOUT: 1 });
  expect(report.throttled).toMatchObject({ kept: 1, broken: 1 });
  expect(report.response.maxMs).toBeCloseTo(40, 0);
  expect(report.service.maxMs).toBeCloseTo(20, 0);
  expect(report.slow).toMatchObject({ timeoutMs: 1000, aboveTimeoutShare: 1 / 3 });
  expect(report.durationMs).toBe(2039);
  expect(report.series.map(({ refused: no, unreachable, delivered: yes }) => [no, unreachable, yes])).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
});

test.each([
  [300, 0, 0],
  [999, 0, 0],
  [1000, 1, 0],
  [2000, 1, 1],
])('an attempt that was given up after %i ms took as long as that', (waitedMs, aboveTimeoutShare, above2sShare) => {
  const tally = new LoadTally({ timeoutMs: 1000, waitedMs });
  tally.start(0, 0);
  tally.end(silent, { dueMs: 0, endMs: waitedMs, serviceMs: waitedMs }, null);
  expect(tally.report().slow).toEqual({ timeoutMs: 1000, waitedMs, aboveTimeoutShare, above2sShare });
});

test('a run in which nothing happened has no figures, and none that is no number', () => {
  const report = new LoadTally(WAITS).report();
  expect(report).toMatchObject({
    durationMs: 0,
    perSecond: 0,
    response: { p99Ms: null },
    late: { share: 0, maxMs: 0 },
  });
  expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity/);
});

test('codes that are made up fill no memory', () => {
  const tally = new LoadTally(WAITS);
  for (let n = 0; n < 5000; n++) {
    tally.start(0, 0);
    const attempt = { outcome: 'unreachable', status: null, errorCode: `E${n}` } as Pick<
      Attempt,
      'outcome' | 'status' | 'errorCode'
    >;
    tally.end(attempt, { dueMs: 0, endMs: 1, serviceMs: 1 }, null);
  }
  const codes = tally.report().errorCodes;
  expect(Object.keys(codes).length).toBeLessThan(300);
  expect(Object.values(codes).reduce((sum, count) => sum + count, 0)).toBe(5000);
});

test.each<[late: number, of: number, isValid: boolean]>([
  [1, 100, true],
  [2, 100, false],
  [0, 0, true],
])('%i late starts of %i: valid is %s', (late, of, isValid) => {
  const tally = new LoadTally(WAITS);
  for (let n = 0; n < of; n++) tally.start(0, n < late ? 10.1 : 10);
  const judged = judgeGenerator(tally.report(), { eventLoopDelayP99Ms: 3, cpuShare: 0.5 });
  expect(judged).toMatchObject({ isValid, eventLoopDelayP99Ms: 3, cpuShare: 0.5 });
  expect(judged.reason).toBe(isValid ? null : '2.0% of the attempts started more than 10 ms late');
});

test('a retry that starts late counts', () => {
  const tally = new LoadTally(WAITS);
  for (let n = 0; n < 10; n++) tally.start(0, 0);
  for (const lateMs of [-3, 0, 0, 10, 400]) tally.startRetry(null, lateMs);
  const { late } = tally.report();
  expect(late).toMatchObject({ count: 1, share: 1 / 15, maxMs: expect.closeTo(400, 0) });
});

test('a machine that has no sockets left is no endpoint that does not answer', () => {
  const tally = new LoadTally(WAITS);
  tally.start(0, 0);
  tally.end({ outcome: 'unreachable', status: null, errorCode: 'EMFILE' }, { dueMs: 0, endMs: 1, serviceMs: 1 }, null);
  const judged = judgeGenerator(tally.report(), { eventLoopDelayP99Ms: 3, cpuShare: 0.5 });
  expect(judged).toMatchObject({ isValid: false, reason: '1 attempt failed on this machine (EMFILE)' });
});
