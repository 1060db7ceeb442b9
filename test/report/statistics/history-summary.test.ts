import { expect, test } from 'vitest';
import { summariseHistory } from '../../../src/report/statistics/history-summary.ts';
import { attemptAt, chunksOf } from './attempts.ts';

test('what was sent and what was received are told apart', async () => {
  const summaries = await summariseHistory(
    chunksOf(
      [attemptAt(1000), attemptAt(0, { direction: 'in' })],
      [attemptAt(2000, { number: 2, outcome: 'unreachable', status: null, errorCode: 'TIMEOUT', error: 'no answer' })],
      [attemptAt(3000, { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT', error: 'another text' })],
    ),
  );
  expect(summaries.map(({ direction, total }) => [direction, total.sent, total.retries])).toEqual([
    ['out', 3, 1],
    ['in', 1, null],
  ]);
  expect(summaries[0]).toMatchObject({
    firstAt: '2026-11-02T00:00:01.000Z',
    lastAt: '2026-11-02T00:00:03.000Z',
    events: [{ event: 'optin', sent: 3, delivered: 1, unreachable: 2 }],
    otherEvents: null,
    failures: [{ errorCode: 'TIMEOUT', error: 'no answer', count: 2, lastAt: '2026-11-02T00:00:03.000Z' }],
    otherFailures: 0,
  });
  expect(summaries[0]?.responseTimes.map(({ percent, ms }) => [percent, ms]).at(-1)).toEqual([100, 20]);
});

test('of names from outside no more are kept than a bound, and none is lost', async () => {
  const attempts = Array.from({ length: 2000 }, (_, index) =>
    attemptAt(index, { event: `event ${index}`, outcome: 'refused', status: 500, errorCode: `CODE_${index}` }),
  );
  const [summary] = await summariseHistory(chunksOf(attempts));
  expect([summary?.events.length, summary?.otherEvents?.sent]).toEqual([500, 1500]);
  expect([summary?.failures.length, summary?.otherFailures]).toEqual([500, 1500]);
  expect(await summariseHistory(chunksOf())).toEqual([]);
});
