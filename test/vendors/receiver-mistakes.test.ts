import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConformanceCase } from '../../src/conform/conformance-case.ts';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import type { ReceiverMistake } from '../../src/model/receiver-mistake.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { BUGS, bugsOf, type Bug } from '../../src/receive/bugs/list-bugs.ts';
import { vendorAddress } from '../../src/vendors/facts.ts';
import { MADE_UP_VENDORS } from '../helpers/made-up-vendors.ts';
import { SUITE_VENDORS, VENDORS } from '../helpers/vendors.ts';
import { canMake, RECEIVER_MISTAKES, type MistakeId } from '../../src/vendors/receiver-mistakes.ts';
import { settingOf, tryCase } from '../helpers/try-case.ts';

// The suite proves itself: every mistake that the reference receiver makes on purpose is found by a case written for
// it, and there is no case that no mistake fails.

const MISTAKES: Readonly<Record<MistakeId, ReceiverMistake>> = RECEIVER_MISTAKES;

/** The cases that find the bug, as warnings too. Bodies of megabytes are tried where the bug is one of size. */
async function findersOf(bug: Bug, vendor: Vendor, cases: readonly ConformanceCase[]): Promise<string[]> {
  const found: string[] = [];
  for (const one of cases) {
    if (one.isLarge && !bug.id.startsWith('body-limit')) continue;
    const { status } = await tryCase(one, vendor, bug);
    if (status === 'fail' || status === 'warn') found.push(one.id);
  }
  return found;
}

const matches = (pattern: string, id: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;

describe.each(SUITE_VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
  const cases = listCases(settingOf(vendor));

  test('every bug is found by a case written for it, and every case finds a bug', async () => {
    const found = new Map<MistakeId, string[]>();
    for (const bug of bugsOf(vendor)) found.set(bug.id, await findersOf(bug, vendor, cases));
    const unfound = [...found]
      .filter(([id, finders]) => !MISTAKES[id].foundBy?.some((pattern) => finders.some((one) => matches(pattern, one))))
      .map(([id]) => id);
    const useless = cases
      .filter(({ id }) => ![...found].some(([mistake, finders]) => !MISTAKES[mistake].isBlunt && finders.includes(id)))
      .map(({ id }) => id);
    // Nearly every bug fails a case that the correct receiver fails, too: such a case finds nothing.
    const verdicts = await Promise.all(
      cases.map(async (one) => ({ id: one.id, ...(await tryCase(one, vendor, null)) })),
    );
    const impossible = verdicts.filter(({ status }) => status !== 'pass').map(({ id }) => id);
    expect({ impossible, unfound, useless }).toEqual({ impossible: [], unfound: [], useless: [] });
    const width = Math.max(...BUGS.map((bug) => bug.id.length));
    const lines = [...found].map(
      ([name, ids]) =>
        `${name.padEnd(width)}  ${ids.length > cases.length / 4 ? `${ids.length} of ${cases.length} cases` : ids.join(' ')}`,
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, 'bug-tables', `${vendor.id}.txt`),
    );
  });

  test('every mistake that it lists is one its receivers can make', () => {
    const listed = (vendor.receiverMistakes ?? []).map(({ id }) => id);
    expect(listed.filter((id) => !(id in MISTAKES) || !canMake(vendor, id as MistakeId))).toEqual([]);
  });
});

/** Beside the tables above, which try every case: the cases that a bug is found by, and large bodies are left out. */
test.each(VENDORS.filter((vendor) => !SUITE_VENDORS.includes(vendor)).map((vendor) => [vendor.id, vendor] as const))(
  'every bug that a receiver of %s may have is found by a case written for it',
  async (_, vendor) => {
    const cases = listCases(settingOf(vendor));
    const unfound: string[] = [];
    for (const bug of bugsOf(vendor)) {
      const { foundBy = [] } = MISTAKES[bug.id];
      const meant = cases.filter(({ id }) => foundBy.some((pattern) => matches(pattern, id)));
      if ((await findersOf(bug, vendor, meant)).length === 0) unfound.push(bug.id);
    }
    expect(unfound).toEqual([]);
  },
);

/** The suite itself is a stranger to the receiver, as it mostly is where only the vendor may call. */
test.each(
  SUITE_VENDORS.filter(({ signature }) => signature.value === null).flatMap(
    (vendor) =>
      [
        [vendor.id, 'trusts-forwarded-for', 'forwarded-for', vendor],
        [vendor.id, 'trusts-forwarded-for', 'real-ip', vendor],
        [vendor.id, 'trusts-forwarded-for', 'forwarded', vendor],
        [vendor.id, 'counts-forwarding-hops', 'forwarded-for', vendor],
        [vendor.id, 'trusts-client-ip', 'client-ip', vendor],
        [vendor.id, 'trusts-cdn-headers', 'cdn-client-ip', vendor],
      ] as const,
  ),
)("%s with %s lets a stranger in who claims the vendor's address: %s", async (_, name, id, vendor) => {
  const [one, bug] = [
    listCases(settingOf(vendor)).find((each) => each.id === id),
    bugsOf(vendor).find((each) => each.id === name),
  ];
  if (one === undefined || bug === undefined) throw new Error(`no ${id} or no ${name}`);
  const circumstances = { allow: [vendorAddress(vendor)] };
  expect(await tryCase(one, vendor, bug, circumstances)).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('refused without the header, accepted with it'),
  });
  expect(await tryCase(one, vendor, null, circumstances)).toMatchObject({
    status: 'pass',
    detail: 'refused with and without the header',
  });
});

test('every mistake in reach is a bug, and every case that finds one is a case of some vendor', () => {
  const inReach = (Object.keys(MISTAKES) as MistakeId[]).filter((id) => MISTAKES[id].outOfReach === undefined);
  expect(inReach).toEqual(BUGS.map(({ id }) => id));
  const ids = [...VENDORS, ...MADE_UP_VENDORS].flatMap((vendor) => listCases(settingOf(vendor)).map(({ id }) => id));
  const stray = Object.values(MISTAKES)
    .flatMap(({ foundBy = [] }) => foundBy)
    .filter((pattern) => !ids.some((id) => matches(pattern, id)));
  expect(stray).toEqual([]);
});
