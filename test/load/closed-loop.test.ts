import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runClosedLoop, type NextItem } from '../../src/load/closed-loop.ts';

const upTo = (count: number): NextItem<number> => {
  let n = 0;
  return () => (n < count ? n++ : null);
};

test('as many at once as there are connections, every item once, in their order', async () => {
  const seen: number[] = [];
  let [now, most] = [0, 0];
  const end = await runClosedLoop(upTo(20), 3, async (item) => {
    seen.push(item);
    most = Math.max(most, ++now);
    await setImmediate();
    now--;
  });
  expect(end).toEqual({ started: 20, failures: [] });
  expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(most).toBe(3);
});

test.each<[what: string, next: NextItem<number>, sendOne: (item: number) => Promise<void>, started: number]>([
  ['an item', upTo(100), async (item) => (item === 4 ? Promise.reject(new Error('failed')) : setImmediate()), 6],
  ['the next one', () => Promise.reject(new Error('failed')), async () => undefined, 0],
])('where %s fails, no other is started, and those under way end first', async (_, next, sendOne, started) => {
  let ended = 0;
  const count = (item: number): Promise<void> => sendOne(item).finally(() => ended++);
  const end = await runClosedLoop(next, 2, count);
  expect(end.started).toBeLessThanOrEqual(started);
  expect(ended).toBe(end.started);
  expect(end.failures).toContainEqual(new Error('failed'));
});

test('an aborted signal: those under way end, no other starts', async () => {
  const interrupt = new AbortController();
  const end = await runClosedLoop(
    upTo(100),
    4,
    async (item) => {
      if (item === 5) interrupt.abort();
      await setImmediate();
    },
    interrupt.signal,
  );
  expect(end).toEqual({ started: 6, failures: [] });
});
