import { expect, test } from 'vitest';
import {
  beginNext,
  chooseThreads,
  shareArrival,
  shareFor,
  splitLoad,
  type LoadPart,
} from '../../src/load/load-part.ts';
import type { Arrival } from '../../src/model/load-report.ts';

test.each([
  [7, 3, [3, 2, 2]],
  [50, 4, [13, 13, 12, 12]],
  [2, 2, [1, 1]],
  [1000, 1, [1000]],
])('%i shared by %i', (total, of, shares) =>
  expect(splitLoad(of).map((part) => shareFor(part, total))).toEqual(shares),
);

test('parts of a closed loop begin each event once', () => {
  const [one, other] = splitLoad(2) as [LoadPart, LoadPart];
  expect([beginNext(one), beginNext(other), beginNext(other), beginNext(one)]).toEqual([0, 1, 2, 3]);
});

test('the timetable stays whole, what goes on at once is shared', () => {
  const arrival: Arrival = { kind: 'constant', perSecond: 100, maxInFlight: 11, connections: 5 };
  expect(splitLoad(2).map((part) => shareArrival(arrival, part))).toEqual([
    { ...arrival, maxInFlight: 6, connections: 3 },
    { ...arrival, maxInFlight: 5, connections: 2 },
  ]);
});

const closed = (connections: number): Arrival => ({ kind: 'closed', connections });
const open = (perSecond: number, maxInFlight = 1000): Arrival => ({ kind: 'constant', perSecond, maxInFlight });

test.each<[arrival: Arrival, count: number, durationMs: number, processors: number, threads: number]>([
  [closed(10), 10_000, 10_000, 8, 1],
  [closed(50), 40_000, Infinity, 8, 4],
  [closed(50), 40_000, Infinity, 2, 2],
  [closed(1), 40_000, Infinity, 8, 1],
  [closed(50), 1_000_000, Infinity, 64, 4],
  [closed(50), Infinity, 1000, 8, 1],
  [open(100), Infinity, 3_600_000, 8, 1],
  [open(20_000), Infinity, 10_000, 8, 4],
  [open(20_000, 1), Infinity, 10_000, 8, 1],
  [open(20_000), 5000, 10_000, 8, 1],
  [{ kind: 'ramp', fromPerSecond: 10, toPerSecond: 9000, overMs: 1, maxInFlight: 1000 }, Infinity, 60_000, 8, 2],
])('%j, %d events, %d ms, %i processors: %i threads', (arrival, count, durationMs, processors, threads) =>
  expect(chooseThreads({ arrival, count, durationMs }, processors, false)).toBe(threads),
);

test('a recorded run leaves a processor to the thread that writes', () => {
  const plan = { arrival: closed(50), count: 1_000_000, durationMs: Infinity };
  expect([1, 2, 3, 8].map((processors) => chooseThreads(plan, processors, true))).toEqual([1, 1, 2, 4]);
});
