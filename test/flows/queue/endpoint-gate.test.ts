import { expect, test } from 'vitest';
import { EndpointGate, type EndpointLimits } from '../../../src/flows/queue/endpoint-gate.ts';

const LIMITS: EndpointLimits = { connections: 3, perSecond: null, failures: 2, pauseMs: 1000 };

function fail(gate: EndpointGate, ...times: number[]): unknown[] {
  return times.map((nowMs) => {
    gate.start(nowMs);
    return gate.end(false, nowMs);
  });
}

test('so many connections are open at once, and one that ends or is given up makes room', () => {
  const gate = new EndpointGate(LIMITS);
  for (let index = 0; index < 3; index++) gate.start(0);
  expect([gate.free(0), gate.freeAt(0)]).toEqual([0, Infinity]);
  gate.end(true, 0);
  gate.abandon();
  expect([gate.free(0), gate.freeAt(7)]).toEqual([2, 7]);
});

test('a rate lets a tenth of a second through at once, and then one after the other', () => {
  const gate = new EndpointGate({ ...LIMITS, connections: 100, perSecond: 20 });
  expect(gate.free(10_000)).toBe(3);
  for (let index = 0; index < 3; index++) gate.start(10_000);
  expect([gate.free(10_000), gate.freeAt(10_000)]).toEqual([0, 10_050]);
  expect([gate.free(10_049), gate.free(10_050), gate.free(10_101)]).toEqual([0, 1, 2]);
  // A quiet minute is not saved up.
  expect(gate.free(70_000)).toBe(3);
});

test('failures in a row pause it; then one goes out at a time, until one is delivered', () => {
  const gate = new EndpointGate(LIMITS);
  expect(fail(gate, 0, 1)).toEqual([null, { pausedForMs: 1000, failures: 2 }]);
  expect([gate.isPaused(1000), gate.free(1000), gate.freeAt(5)]).toEqual([true, 0, 1001]);
  expect([gate.isPaused(1001), gate.free(1001)]).toEqual([false, 1]);
  gate.start(1001);
  expect(gate.end(true, 1001)).toBe('resumed');
  expect([gate.free(1001), ...fail(gate, 1002)]).toEqual([3, null]);
});

test('each further failure doubles the pause, up to twenty times as long', () => {
  const gate = new EndpointGate(LIMITS);
  fail(gate, 0, 1);
  const pauses = [1e4, 2e4, 4e4, 8e4, 16e4].flatMap((nowMs) => fail(gate, nowMs));
  expect(pauses).toMatchObject([2, 4, 8, 16, 20].map((times) => ({ pausedForMs: times * 1000 })));
  // The same again is nothing new.
  expect([...fail(gate, 32e4), gate.freeAt(32e4)]).toEqual([null, 34e4]);
});

test('what was under way when the pause began lengthens it no further', () => {
  const gate = new EndpointGate(LIMITS);
  for (let index = 0; index < 3; index++) gate.start(0);
  expect([gate.end(false, 1), gate.end(false, 2), gate.end(false, 3)]).toEqual([
    null,
    { pausedForMs: 1000, failures: 2 },
    null,
  ]);
  expect(gate.freeAt(3)).toBe(1002);
});

test('with 0 nothing pauses it', () => {
  const gate = new EndpointGate({ ...LIMITS, failures: 0 });
  expect(fail(gate, 0, 1, 2, 3)).toEqual([null, null, null, null]);
});
