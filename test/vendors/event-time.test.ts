import { expect, test } from 'vitest';
import { readEventTime, readHeaderTime } from '../../src/vendors/event-time.ts';
import { mail2many } from '../../src/vendors/mail2many.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';

const NOON = Date.UTC(2025, 10, 27, 12);

test("an event's time is read from the body and from the header that repeats it", () => {
  expect(readEventTime(mail2many, { date: '2025-11-27 12:00:00' })).toBe(NOON);
  expect(readEventTime(mailkite, { receivedAt: NOON })).toBe(NOON);
  expect(readEventTime(mail2many, null)).toBeNull();
  expect(readHeaderTime(mail2many, [['x-mail2many-event-date', '2025-11-27 12:00:00']])).toBe(NOON);
  expect(readHeaderTime(mailkite, [])).toBeNull();
});
