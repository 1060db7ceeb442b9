import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { DueQueue } from '../../src/load/due-queue.ts';

test('whatever is put in comes out in the order in which it is due', () => {
  assert(
    property(array(integer({ min: 0, max: 50 })), (times) => {
      const queue = new DueQueue<number>();
      for (const ms of times) queue.push(ms, ms);
      const first = times.length === 0 ? Infinity : Math.min(...times);
      expect([queue.size, queue.dueMs()]).toEqual([times.length, first]);
      const taken = times.map(() => queue.take());
      expect(taken).toEqual(times.toSorted((a, b) => a - b));
      expect(queue.dueMs()).toBe(Infinity);
      expect(() => queue.take()).toThrow('empty');
    }),
  );
});
