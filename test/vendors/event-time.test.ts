import { expect, test } from 'vitest';
import type { Generated } from '../../src/model/vendor.ts';
import { makeGenerate } from '../../src/plan/payload.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { readEventTime, readHeaderTime, readTime } from '../../src/vendors/event-time.ts';
import { mail2many } from '../../src/vendors/mail2many.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';

const NOON = Date.UTC(2025, 10, 27, 12);

test.each<[Generated, string, number | null]>([
  ['time-utc', '2025-11-27 12:00:00', NOON],
  ['time-iso', '2025-11-27T12:00:00Z', NOON],
  ['time-iso-ms', '2025-11-27T12:00:00.250Z', NOON + 250],
  ['time-ms', String(NOON), NOON],
  ['time-prague', '2025-11-27 13:00:00', NOON],
  ['time-prague', '2025-07-01 14:00:00', Date.UTC(2025, 6, 1, 12)],
  // On both sides of the changes of clocks.
  ['time-prague', '2025-03-30 01:59:59', Date.UTC(2025, 2, 30, 0, 59, 59)],
  ['time-prague', '2025-03-30 03:00:00', Date.UTC(2025, 2, 30, 1)],
  ['time-prague', '2025-10-26 01:59:59', Date.UTC(2025, 9, 25, 23, 59, 59)],
  ['time-prague', '2025-10-26 03:00:00', Date.UTC(2025, 9, 26, 2)],
  ['time-rfc5322', 'Thu, 27 Nov 2025 12:00:00 +0000', NOON],
  ['time-utc', '', null],
  ['time-prague', 'yesterday', null],
  ['time-ms', '12 o’clock', null],
  ['uuid', '2025-11-27T12:00:00Z', null],
])('%s %j', (form, text, expected) => {
  expect(readTime(form, text)).toBe(expected);
});

test('nothing is no time', () => expect(readTime('time-utc', null)).toBeNull());

test.each<[Generated]>([['time-utc'], ['time-iso'], ['time-iso-ms'], ['time-ms'], ['time-prague']])(
  'what is made as %s is read back',
  (form) => {
    for (const at of [NOON, Date.UTC(2025, 6, 1), Date.UTC(2025, 2, 30, 1), Date.UTC(2025, 9, 26, 1)])
      expect(readTime(form, String(makeGenerate('x', at, makeIds(systemRandom()))(form)))).toBe(at);
  },
);

test("an event's time is read from the body and from the header that repeats it", () => {
  expect(readEventTime(mail2many, { date: '2025-11-27 12:00:00' })).toBe(NOON);
  expect(readEventTime(mailkite, { receivedAt: NOON })).toBe(NOON);
  expect(readEventTime(mail2many, null)).toBeNull();
  expect(readHeaderTime(mail2many, [['x-mail2many-event-date', '2025-11-27 12:00:00']])).toBe(NOON);
  expect(readHeaderTime(mailkite, [])).toBeNull();
});
