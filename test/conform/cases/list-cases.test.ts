import { describe, expect, test } from 'vitest';
import { listCases, listStray, selectCases } from '../../../src/conform/cases/list-cases.ts';
import { findVendor, SUITE_VENDORS } from '../../helpers/vendors.ts';
import { selectedEvent } from '../../../src/plan/payload.ts';
import { settingOf, tryCase } from '../../helpers/try-case.ts';

describe.each(SUITE_VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
  const cases = listCases(settingOf(vendor));

  test.each([[true], [false]])(
    'a receiver that does everything right passes every case (effects told: %s)',
    async (withEffects) => {
      const verdicts = await Promise.all(
        cases.map(async (one) => ({ id: one.id, ...(await tryCase(one, vendor, null, { withEffects })) })),
      );
      // Whether a captured request had a second effect, the status cannot tell.
      const unable = withEffects ? [] : ['replay-new-id'];
      expect(
        verdicts.filter(({ status, id }) => status !== 'pass' && !(status === 'skip' && unable.includes(id))),
      ).toEqual([]);
    },
  );

  test('no two cases share an id, and each says what to do', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    for (const { id, mistake, fix, reference } of cases)
      expect([id, mistake, fix, reference]).toEqual([
        expect.stringMatching(/^[a-z0-9._-]+$/),
        expect.stringMatching(/\S/),
        expect.stringMatching(/\S/),
        expect.stringMatching(/^https:/),
      ]);
  });
});

/** Bodies are large where whole mails are sent. */
test.each([
  ['mailkite', 'must'],
  ['mailkit', 'should'],
])('to accept a body of 1 MiB weighs as much as it matters to receivers of %s: %s', (id, severity) => {
  const large = listCases(settingOf(findVendor(id))).find((one) => one.id === 'large-1mib');
  expect(large?.severity).toBe(severity);
});

const mailkiteCases = listCases(settingOf(findVendor('mailkite')));

test.each([
  [['robust'], [], ['deep-nesting', 'many-keys', 'huge-numbers', 'duplicate-keys', 'invalid-utf8', 'large-header']],
  [['*-headers-*'], [], ['two-headers-good-first', 'two-headers-bad-first', 'two-headers-both-bad']],
  [['EMPTY-*', 'burst'], ['burst'], ['empty-signature', 'empty-body']],
  [['*'], ['accept', 'refuse', 'd*', '*8', '*e*'], ['many-keys'].filter((id) => !id.includes('e'))],
])('--only %j --skip %j', (only, skip, ids) => {
  expect(selectCases(mailkiteCases, { only, skip }).map(({ id }) => id)).toEqual(ids);
});

test('patterns that mean nothing are found, and one of a thousand stars is no trap', () => {
  expect(listStray(mailkiteCases, ['accept', 'no-signatur', 'jwt-*'])).toEqual(['no-signatur', 'jwt-*']);
  expect(selectCases(mailkiteCases, { only: [`${'*a'.repeat(5000)}*`], skip: [] })).toEqual([]);
});

test.each([[['from', 'spf']], [['timestamp', 'header', 'body', 'bcc', 'ip']], [['subject']]])(
  'a receiver that does everything right passes every case with the elements %j alone',
  async (elements) => {
    const mailPlus = findVendor('mail-plus');
    const vendor = { ...mailPlus, events: mailPlus.events.map((event) => selectedEvent(event, elements)) };
    const cases = listCases(settingOf(vendor));
    const verdicts = await Promise.all(
      cases.map(async (one) => ({ id: one.id, ...(await tryCase(one, vendor, null, { withEffects: false })) })),
    );
    expect(verdicts.filter(({ status }) => status !== 'pass')).toEqual([]);
  },
);
