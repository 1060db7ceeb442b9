import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchGenerator } from '../../../src/flows/load/generator-watch.ts';

test('a loop that is held up shows, and so does what it took', async () => {
  const stop = watchGenerator();
  await setTimeout(30);
  const until = performance.now() + 300;
  while (performance.now() < until);
  await setTimeout(30);
  const { eventLoopDelayP99Ms, cpuShare } = stop();
  expect(eventLoopDelayP99Ms).toBeGreaterThan(200);
  expect(cpuShare).toBeGreaterThan(0);
});
