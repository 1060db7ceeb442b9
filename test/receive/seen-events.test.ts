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

test('the oldest go one by one, however many come and come again', () => {
  const seen = makeSeenEvents(3);
  for (let n = 0; n < 10_000; n++) {
    seen.add(`${n}`);
    if (n % 5 === 0) seen.add(`${n - 1}`);
  }
  expect(['9995', '9996', '9997', '9998', '9999'].map((key) => seen.has(key))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});

test('an id of megabytes is known again, and is another than one that differs at its end', () => {
  const seen = makeSeenEvents();
  seen.add(`${'x'.repeat(2_000_000)}1`);
  expect([`${'x'.repeat(2_000_000)}1`, `${'x'.repeat(2_000_000)}2`].map((key) => seen.has(key))).toEqual([true, false]);
});
