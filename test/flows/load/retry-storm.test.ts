import { expect, test } from 'vitest';
import { RetryStorm, retryAfterMs, type LoadEvent } from '../../../src/flows/load/retry-storm.ts';
import type { Attempt } from '../../../src/model/attempt.ts';
import type { OpenDelivery } from '../../../src/flows/send/send-event.ts';
import { makeRecord, REFUSED } from '../../helpers/record.ts';
import { findVendor } from '../../helpers/vendors.ts';

const REFUSAL = makeRecord(1, { attempt: REFUSED })[1];
const MIB = 1024 * 1024;

const makeEvent = (differing: Partial<LoadEvent> = {}): LoadEvent => ({
  name: 'optin',
  open: {} as OpenDelivery,
  bytes: 100,
  number: 1,
  dueMs: 0,
  turnMs: 0,
  sinceFirstMs: 0,
  outcome: null,
  keepsRetryAfter: null,
  ...differing,
});

/** mail2many comes again after 1 min, 5 min, 30 min, 2 h and 12 h. */
const openStorm = (timeScale = 60): RetryStorm => new RetryStorm(findVendor('mail2many'), timeScale);

test('what failed comes again in the order of its ladder, that many times faster', () => {
  const storm = openStorm();
  const [slow, quick] = [makeEvent({ number: 2 }), makeEvent()];
  expect(storm.afterAttempt(slow, REFUSAL, 1000)).toBe('waits');
  expect(storm.afterAttempt(quick, REFUSAL, 2000)).toBe('waits');
  expect([storm.size, storm.dueMs()]).toEqual([2, 2000 + 60_000 / 60]);
  expect(storm.take()).toBe(quick);
  expect(storm.dueMs()).toBe(1000 + 300_000 / 60);
  expect(storm.take()).toBe(slow);
  expect([storm.size, storm.dueMs()]).toEqual([0, Infinity]);
});

test.each<[what: string, event: Partial<LoadEvent>, attempt: Partial<Attempt>]>([
  ['was delivered', {}, { outcome: 'delivered', status: 200 }],
  ['came to the end of its ladder', { number: 6 }, {}],
])('what %s comes no more', (_, event, attempt) => {
  const storm = openStorm();
  expect(storm.afterAttempt(makeEvent(event), { ...REFUSAL, ...attempt }, 0)).toBe('ended');
  expect(storm.size).toBe(0);
});

test('of a vendor that throws an event away after some answers, those are the end of it', () => {
  const vendor = findVendor('mail2many');
  const final = { value: [410], certainty: 'us' as const };
  const storm = new RetryStorm({ ...vendor, retries: { ...vendor.retries, neverOn: final } }, 60);
  expect(storm.afterAttempt(makeEvent(), { ...REFUSAL, status: 410 }, 0)).toBe('ended');
  expect(storm.afterAttempt(makeEvent(), { ...REFUSAL, status: 500 }, 0)).toBe('waits');
});

test.each<[what: string, bytes: number, most: number]>([
  ['events', 1, 20_000],
  ['bytes', 16 * MIB, 4],
])('of too many %s the next one is forgotten, until one has come again', (_, bytes, most) => {
  const storm = openStorm();
  for (let n = 0; n < most; n++) expect(storm.afterAttempt(makeEvent({ bytes }), REFUSAL, 0)).toBe('waits');
  expect(storm.afterAttempt(makeEvent({ bytes }), REFUSAL, 0)).toBe('forgotten');
  storm.take();
  expect(storm.afterAttempt(makeEvent({ bytes }), REFUSAL, 0)).toBe('waits');
});

test('an event that finds no room is due a little later, and still counts from its time', () => {
  const storm = openStorm();
  const event = makeEvent();
  storm.afterAttempt(event, REFUSAL, 0);
  storm.postpone(storm.take(), 1500);
  expect([storm.dueMs() > 1500, event.dueMs]).toEqual([true, 1000]);
});

test('what could start is late from its time; what found no room, from when there may be some', () => {
  const storm = openStorm();
  storm.afterAttempt(makeEvent(), REFUSAL, 0);
  const event = storm.take();
  expect(event.turnMs).toBe(1000);
  storm.postpone(event, 1500);
  const roomMs = storm.dueMs();
  storm.afterAttempt(makeEvent(), REFUSAL, 1000);
  expect([storm.take().turnMs, storm.take().turnMs]).toEqual([roomMs, 2000]);
});

const AT = Date.parse('2026-11-30T12:00:00Z');

test.each<[header: string, ms: number | null]>([
  ['120', 120_000],
  [' 0 ', 0],
  ['Mon, 30 Nov 2026 12:01:00 GMT', 59_000],
  ['Mon, 30 Nov 2026 11:00:00 GMT', 0],
  ['Monday, 30-Nov-26 12:01:00 GMT', 59_000],
  ['Mon Nov 30 12:01:00 2026', 59_000],
  ['99999999999999999999', 1e23],
  ['soon', null],
  ['in 5', null],
  ['120, 60', null],
  ['-5', null],
  ['1.5', null],
  ['', null],
])('Retry-After: %s', (header, ms) => {
  const timings = { ...REFUSAL.timings, totalMs: 1000 };
  expect(retryAfterMs({ responseHeaders: [['retry-after', header]], startedAt: AT, timings })).toBe(ms);
});
