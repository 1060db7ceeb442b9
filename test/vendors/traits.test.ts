import { expect, test } from 'vitest';
import type { VendorTrait } from '../../src/model/receiver-mistake.ts';
import { findVendor, ORIGINALS } from '../helpers/vendors.ts';
import { hasTraits } from '../../src/vendors/traits.ts';

// Which cases are tried and which mistakes are possible hangs on these: a trait read wrongly drops cases silently.
const VENDORS_WITH: Record<VendorTrait, readonly string[]> = {
  signed: ['mailkite', 'mailkite-selfhost', 'mail2many'],
  unsigned: ['mailkit', 'mail-plus'],
  timed: ['mailkite', 'mailkite-selfhost'],
  'time-in-seconds': ['mailkite-selfhost'],
  'time-in-milliseconds': ['mailkite'],
  'untimed-signature': ['mail2many'],
  'signature-parts': ['mailkite', 'mailkite-selfhost'],
  'secret-prefix': ['mailkite', 'mailkite-selfhost'],
  'id-header': ['mail2many'],
  'event-header': ['mailkite-selfhost', 'mail2many'],
  'repeating-headers': ['mailkite-selfhost', 'mail2many'],
  'event-ids': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'event-names': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'several-events': ['mailkit', 'mailkite', 'mail2many'],
  'listed-values': ['mailkit', 'mailkite', 'mail2many'],
  'nullable-fields': ['mailkite'],
  'assumed-nulls': ['mailkite', 'mail2many'],
  'null-in-list': ['mailkite'],
  'numeric-ids': ['mailkit'],
  'address-objects': ['mailkite'],
  'never-a-form': ['mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'],
  prose: ['mailkit', 'mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'],
  'long-text': ['mailkite', 'mail-plus'],
  'listed-statuses': ['mailkit'],
  'reverse-dns': ['mail-plus'],
};

test.each(Object.entries(VENDORS_WITH))('%s: %j', (trait, ids) => {
  expect(ORIGINALS.filter((vendor) => hasTraits(vendor, trait as VendorTrait)).map(({ id }) => id)).toEqual(ids);
});

test('of several traits a vendor must have all, of none it needs none', () => {
  const mailkite = findVendor('mailkite');
  expect([
    hasTraits(mailkite, ['signed', 'timed']),
    hasTraits(mailkite, ['signed', 'time-in-seconds']),
    hasTraits(mailkite),
  ]).toEqual([true, false, true]);
});
