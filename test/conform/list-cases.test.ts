import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/conform/list-cases.ts';
import { VENDORS } from '../../src/vendors/index.ts';
import { settingOf, tryCase } from '../helpers/try-case.ts';

describe.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
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
