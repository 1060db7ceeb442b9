import { expect, test } from 'vitest';
import { runLadder, scaledClock } from '../../src/deliver/retry-ladder.ts';
import type { Attempt, Outcome } from '../../src/model/attempt.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { RetryLadder } from '../../src/model/vendor.ts';

const MINUTE = 60_000;
const ladderOf = (delaysMs: number[], deactivatesAfterMs?: number): RetryLadder => ({
  delaysMs: { value: delaysMs, certainty: 'us' },
  ...(deactivatesAfterMs === undefined ? {} : { deactivatesAfterMs: { value: deactivatesAfterMs, certainty: 'us' } }),
});

/** A clock that moves only when it is slept on or pushed. */
function manualClock(): Clock & { slept: number[]; push(ms: number): void } {
  let nowMs = 1_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    push: (ms) => void (nowMs += ms),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
    },
  };
}

function answering(...outcomes: Outcome[]): (number: number) => Promise<Attempt> {
  return async (number) => ({ number, outcome: outcomes[number - 1] ?? 'refused' }) as Attempt;
}

test('waits as the ladder says until one is delivered', async () => {
  const clock = manualClock();
  const walked = await runLadder(
    ladderOf([5_000, 5 * MINUTE, 30 * MINUTE]),
    answering('refused', 'unreachable', 'delivered'),
    clock,
  );
  expect(walked.ended).toBe('delivered');
  expect(walked.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(clock.slept).toEqual([5_000, 5 * MINUTE]);
});

test('says of each attempt whether another one comes, before it is recorded', async () => {
  const answer = answering('refused', 'unreachable', 'refused');
  const waits: (number | null)[] = [];
  await runLadder(
    ladderOf([5_000, 5 * MINUTE]),
    async (number, waitOf) => {
      const attempt = await answer(number);
      waits.push(waitOf(attempt), waitOf({ ...attempt, outcome: 'delivered' }));
      return attempt;
    },
    manualClock(),
  );
  expect(waits).toEqual([5_000, null, 5 * MINUTE, null, null, null]);
});

test('is exhausted after the last step, each wait told before it begins', async () => {
  const clock = manualClock();
  const seen: [number, number][] = [];
  const walked = await runLadder(ladderOf([1, 2]), answering(), clock, {
    onWait: (waitMs, number) => seen.push([waitMs, number]),
  });
  expect(walked.ended).toBe('exhausted');
  expect(seen).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

test('the last attempt falls within the time after which the webhook is deactivated', async () => {
  const clock = manualClock();
  const slow = answering();
  const walked = await runLadder(
    ladderOf([10 * MINUTE, 20 * MINUTE, 99 * MINUTE], 40 * MINUTE),
    (number) => {
      clock.push(MINUTE);
      return slow(number);
    },
    clock,
  );
  expect(walked.ended).toBe('deactivated');
  expect(clock.slept).toEqual([10 * MINUTE, 20 * MINUTE, 7 * MINUTE]);
});

test('a signal ends the waiting', async () => {
  const clock = manualClock();
  const controller = new AbortController();
  const walked = await runLadder(
    ladderOf([1, 2]),
    answering(),
    {
      ...clock,
      sleep: (ms, signal) => {
        controller.abort();
        return clock.sleep(ms, signal);
      },
    },
    { signal: controller.signal },
  );
  expect(walked).toMatchObject({ ended: 'aborted', attempts: [{ number: 1 }] });
});

test('a signal during an attempt ends the ladder', async () => {
  const controller = new AbortController();
  const walked = await runLadder(
    ladderOf([1, 2]),
    async (number) => {
      controller.abort();
      return answering()(number);
    },
    manualClock(),
    { signal: controller.signal },
  );
  expect(walked).toMatchObject({ ended: 'aborted', attempts: [{ number: 1 }] });
});

test('a scaled clock sleeps less and tells the time as if it had slept it all', async () => {
  const real = manualClock();
  const clock = scaledClock(real, 3600);
  const began = clock.now();
  await clock.sleep(60 * MINUTE);
  expect(real.slept).toEqual([1000]);
  expect(clock.now() - began).toBe(60 * MINUTE);
  real.push(500);
  expect(clock.now() - began).toBe(60 * MINUTE + 500);
});

test('two sleeps at once on a scaled clock pass the same time once', async () => {
  const clock = scaledClock({ now: () => 0, sleep: () => Promise.resolve() }, 10);
  await Promise.all([clock.sleep(1000), clock.sleep(700)]);
  expect(clock.now()).toBe(1000);
});
