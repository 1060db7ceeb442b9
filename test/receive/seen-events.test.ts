import { expect, test } from 'vitest';
import { makeSeenEvents } from '../../src/receive/seen-events.ts';

test('only the newest are remembered, and one that comes again is new again', () => {
  const seen = makeSeenEvents(2);
  seen.add('a');
  seen.add('b');
  seen.add('a');
  seen.add('c');
  expect(['a', 'b', 'c'].map((key) => seen.has(key))).toEqual([true, false, true]);
});
