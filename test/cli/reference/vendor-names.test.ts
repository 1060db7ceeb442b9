import { expect, test } from 'vitest';
import { vendorNames } from '../../../src/cli/reference/vendor-names.ts';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import { bugsOf } from '../../../src/receive/bugs/list-bugs.ts';
import { settingOf } from '../../helpers/try-case.ts';
import { VENDORS } from '../../helpers/vendors.ts';

const names = vendorNames(VENDORS);
const namesOf = (kind: 'case' | 'bug', id: string): string[] =>
  names[kind].filter(({ of }) => of === null || of.includes(id)).map(({ name }) => name);

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s: every case and bug, and no more',
  (id, vendor) => {
    const setting = { ...settingOf(vendor), servesForeignKey: true, servesCallback: true, hasSecretPrefix: true };
    expect(namesOf('case', id).toSorted()).toEqual(
      listCases(setting)
        .map((one) => one.id)
        .toSorted(),
    );
    expect(namesOf('bug', id).toSorted()).toEqual(
      bugsOf(vendor)
        .map((one) => one.id as string)
        .toSorted(),
    );
  },
);
