import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import type { ReceiverMistake } from '../../src/model/receiver-mistake.ts';
import { bugsOf } from '../../src/receive/bugs/list-bugs.ts';
import { JWT_MISTAKES } from '../../src/vendors/mistakes/jwt.ts';
import { CALLBACK_MISTAKES } from '../../src/vendors/mistakes/callback.ts';
import { PAYLOAD_MISTAKES } from '../../src/vendors/mistakes/payload.ts';
import { SIGNATURE_MISTAKES } from '../../src/vendors/mistakes/signature.ts';
import { MADE_UP_VENDORS } from '../helpers/made-up-vendors.ts';
import { SUITE_VENDORS, VENDORS } from '../helpers/vendors.ts';
import { settingOf, tryCase } from '../helpers/try-case.ts';

// Every way to sign that the grammar has: a correct receiver passes what applies to it, and every mistake that its
// receivers can make is found.

const OF_BATCHES = /batch|odd-element/;

/** The others are the same whatever is signed. */
const MISTAKES: Readonly<Record<string, ReceiverMistake>> = {
  ...SIGNATURE_MISTAKES,
  ...JWT_MISTAKES,
  ...CALLBACK_MISTAKES,
  ...Object.fromEntries(Object.entries(PAYLOAD_MISTAKES).filter(([id]) => OF_BATCHES.test(id))),
  'final-refusal': PAYLOAD_MISTAKES['final-refusal'],
};
const matches = (pattern: string, id: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;

/** The built-in ones bring what nobody would make up. */
const OTHERS = VENDORS.filter((vendor) => !SUITE_VENDORS.includes(vendor));

describe.each([...MADE_UP_VENDORS, ...OTHERS].map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
  const cases = listCases(settingOf(vendor)).filter(({ isLarge }) => !isLarge);

  test('the correct receiver passes every case', async () => {
    const verdicts = await Promise.all(cases.map(async (one) => ({ one, ...(await tryCase(one, vendor, null)) })));
    const failing = verdicts.filter(({ one, status }) => status !== (one.told === undefined ? 'pass' : 'skip'));
    expect(failing.map(({ one, status, detail }) => `${status} ${one.id}: ${detail}`)).toEqual([]);
  });

  test('every mistake with the signature is found', async () => {
    const unfound: string[] = [];
    for (const bug of bugsOf(vendor)) {
      const foundBy = MISTAKES[bug.id]?.foundBy ?? [];
      const wanted = cases.filter(({ id }) => foundBy.some((pattern) => matches(pattern, id)));
      const verdicts = await Promise.all(wanted.map((one) => tryCase(one, vendor, bug)));
      const isFound = verdicts.some(({ status }) => status === 'fail' || status === 'warn');
      if (bug.id in MISTAKES && !isFound) unfound.push(bug.id);
    }
    expect(unfound).toEqual([]);
  });
});
