import { expect, test } from 'vitest';
import { listTimetable } from '../../src/deliver/retry-ladder.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';

const HOUR = 3_600_000;

test.each([
  ['mailkit', 10, 24 * HOUR, 'deactivated'],
  ['mailkite', 8, 27 * HOUR + 35 * 60_000 + 5000, 'exhausted'],
  ['mailkite-selfhost', 5, HOUR + 6 * 60_000, 'exhausted'],
  ['mail2many', 6, 14 * HOUR + 36 * 60_000, 'exhausted'],
  ['mail-plus', 6, 14 * HOUR + 36 * 60_000, 'exhausted'],
])('%s tries %i times within %i ms, then: %s', async (id, attempts, lastMs, ends) => {
  const table = await listTimetable(findVendor(id));
  expect([table.steps.length, table.steps.at(-1)?.sinceStartMs, table.ends]).toEqual([attempts, lastMs, ends]);
  expect(table.steps[0]).toEqual({ attempt: 1, delayMs: 0, sinceStartMs: 0 });
  expect(table.steps.slice(1).map(({ delayMs }) => delayMs)).toEqual(findVendor(id).retries.delaysMs.value);
});

test('every vendor has a timetable, and these are not known to try again', async () => {
  const tables = await Promise.all(VENDORS.map(listTimetable));
  expect(tables.filter(({ steps }) => steps.length < 2).map(({ vendor, steps }) => [vendor.id, steps.length])).toEqual([
    ['bird', 1],
    ['github', 1],
    ['messagebird', 1],
    ['twilio', 1],
  ]);
});
