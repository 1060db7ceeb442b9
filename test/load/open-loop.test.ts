import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeGate } from '../helpers/gate.ts';
import { runOpenLoop, type OpenLoopOptions, type Turns } from '../../src/load/open-loop.ts';

/** Turns at these times, in milliseconds. */
function turnsAt(times: readonly number[]): Turns<number> {
  let next = 0;
  return { dueMs: () => times[next] ?? Infinity, take: () => times[next++] as number };
}

function fromNow(options: Partial<OpenLoopOptions> = {}): OpenLoopOptions {
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  return { maxInFlight: 1000, signal: new AbortController().signal, elapsedMs, ...options };
}

const everyMs = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('no turn starts before its time, and none waits for the answer of another', async () => {
  const options = fromNow();
  const startedMs: number[] = [];
  let [now, most] = [0, 0];
  const end = await runOpenLoop(
    turnsAt(everyMs(50)),
    options,
    async (dueMs) => {
      startedMs[dueMs] = options.elapsedMs();
      most = Math.max(most, ++now);
      await setTimeout(60);
      now--;
    },
    () => expect.fail('nothing is dropped'),
  );
  expect(end).toEqual({ started: 50, failures: [] });
  expect(startedMs.filter((ms, dueMs) => ms < dueMs)).toEqual([]);
  expect(most).toBeGreaterThan(10);
  expect(now).toBe(0);
});

test('what is due while too many are under way is dropped, and so is all of it while none ends', async () => {
  const dropped: number[] = [];
  const held = makeGate();
  const drop = (dueMs: number): void => {
    dropped.push(dueMs);
    if (dueMs === 19) held.open();
  };
  const end = await runOpenLoop(turnsAt(everyMs(20)), fromNow({ maxInFlight: 3 }), () => held.opened, drop);
  expect(end.started).toBe(3);
  expect(dropped).toEqual(everyMs(20).slice(3));
});

test('many that are due at once leave time for answers in between', async () => {
  let answers = 0;
  const answersAtStart: number[] = [];
  await runOpenLoop(
    turnsAt(Array.from({ length: 200 }, () => 0)),
    fromNow(),
    async () => {
      answersAtStart.push(answers);
      await new Promise(setImmediate);
      answers++;
    },
    () => undefined,
  );
  expect(answersAtStart).toHaveLength(200);
  expect(answersAtStart.at(-1)).toBeGreaterThan(100);
});

test('a turn that is put in while the loop waits for a later one comes at its time', async () => {
  const order: string[] = [];
  const later: { dueMs: number; name: string }[] = [
    { dueMs: 0, name: 'first' },
    { dueMs: 400, name: 'last' },
  ];
  const turns: Turns<{ name: string }> = {
    dueMs: () => later[0]?.dueMs ?? Infinity,
    take: () => later.shift() as { name: string },
  };
  await runOpenLoop(
    turns,
    fromNow(),
    async ({ name }) => {
      order.push(name);
      if (name === 'first') later.unshift({ dueMs: 20, name: 'between' });
    },
    () => undefined,
  );
  expect(order).toEqual(['first', 'between', 'last']);
});

test.each<[what: string, sendOne: (dueMs: number, interrupt: () => void) => Promise<void>, failures: unknown[]]>([
  ['a failure', async () => Promise.reject(new Error('failed')), [new Error('failed')]],
  ['an aborted signal', async (_, interrupt) => interrupt(), []],
])('%s ends it, though more is due much later', async (_, sendOne, failures) => {
  const interrupt = new AbortController();
  const end = await runOpenLoop(
    turnsAt([0, 86_400_000]),
    fromNow({ signal: interrupt.signal }),
    (dueMs) => sendOne(dueMs, () => interrupt.abort()),
    () => undefined,
  );
  expect(end).toEqual({ started: 1, failures });
});
