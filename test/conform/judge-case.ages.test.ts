import { expect, test } from 'vitest';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import { findVendor } from '../helpers/vendors.ts';
import { bugsOf } from '../../src/receive/bugs/list-bugs.ts';
import { settingOf, tryCase } from '../helpers/try-case.ts';

// Up to which age a receiver takes events, and how long the vendor goes on retrying.

test.each([
  ['mail2many', null, 'pass', 'answered 200, processed once, at every age up to 14.6 h'],
  [
    'mail2many',
    'fresh-events-only',
    'fail',
    'accepted up to an age of 30 min; at 5 h: answered 400; the vendor retries for 14.6 h',
  ],
  [
    'mailkite-selfhost',
    'fresh-events-only',
    'fail',
    'accepted up to an age of 30 min; at 1.1 h: answered 400; the vendor retries for 1.1 h',
  ],
  ['mailkite-selfhost', 'tight-window', 'pass', 'answered 200, processed once, at every age up to 1.1 h'],
])('%s, %s', async (id, bugId, status, detail) => {
  const vendor = findVendor(id);
  const one = listCases(settingOf(vendor)).find((each) => each.id === 'late-retry');
  if (one === undefined) throw new Error('no such case');
  const bug = bugsOf(vendor).find((each) => each.id === bugId) ?? null;
  const found = await tryCase(one, vendor, bug);
  expect([found.status, found.detail]).toEqual([status, detail]);
});
