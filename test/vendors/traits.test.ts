import { expect, test } from 'vitest';
import type { VendorTrait } from '../../src/model/receiver-mistake.ts';
import { findVendor, ORIGINALS } from '../helpers/vendors.ts';
import { hasTraits } from '../../src/vendors/traits.ts';

// Which cases are tried and which mistakes are possible hangs on these: a trait read wrongly drops cases silently.
const VENDORS_WITH: Record<VendorTrait, readonly string[]> = {
  authenticated: ['mailkite', 'mailkite-selfhost', 'mail2many'],
  unauthenticated: ['mailkit', 'mail-plus'],
  'static-secret': [],
  'cased-secret': [],
  signature: ['mailkite', 'mailkite-selfhost', 'mail2many'],
  jwt: [],
  'public-key-jwt': [],
  digest: ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'compared-text': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'signature-header': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'signed-body': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'signed-content': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'unprotected-content': [],
  'signed-event': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  timed: ['mailkite', 'mailkite-selfhost'],
  'unsigned-time': [],
  'time-header': [],
  'time-in-seconds': ['mailkite-selfhost'],
  'time-in-milliseconds': ['mailkite'],
  'numeric-time': ['mailkite', 'mailkite-selfhost'],
  'future-limit': ['mailkite', 'mailkite-selfhost'],
  'no-future-limit': [],
  'untimed-signature': ['mail2many'],
  'signature-parts': ['mailkite', 'mailkite-selfhost'],
  'one-signature': ORIGINALS.map(({ id }) => id),
  rotation: [],
  'named-scheme': ['mailkite', 'mailkite-selfhost'],
  'hex-digest': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'base64-digest': [],
  'hex-or-base64': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'not-sha1': ORIGINALS.map(({ id }) => id),
  'not-sha512': ORIGINALS.map(({ id }) => id),
  'text-key': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'decoded-key': [],
  'secret-prefix': ['mailkite', 'mailkite-selfhost'],
  'signed-parts': [],
  'signed-url': [],
  'signed-host': [],
  'signed-path': [],
  'signed-query': [],
  'signed-id': [],
  'unsigned-id': ['mail2many'],
  'id-header': ['mail2many'],
  'event-header': ['mailkite-selfhost', 'mail2many'],
  'signed-date': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'dated-request': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'drops-events': [],
  'final-refusals': [],
  'late-retries': ['mailkit', 'mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'],
  countable: ORIGINALS.map(({ id }) => id),
  'event-names': ['mailkite', 'mailkite-selfhost', 'mail2many'],
  'several-events': ['mailkit', 'mailkite', 'mail2many'],
  'listed-values': ['mailkit', 'mailkite', 'mail2many'],
  'nullable-fields': ['mailkite'],
  'assumed-nulls': ['mailkite', 'mail2many'],
  'null-in-list': ['mailkite'],
  'numeric-ids': ['mailkit'],
  'address-objects': ['mailkite'],
  'has-body': ORIGINALS.map(({ id }) => id),
  'structured-body': ORIGINALS.map(({ id }) => id),
  'json-body': ORIGINALS.map(({ id }) => id),
  'json-text': ORIGINALS.map(({ id }) => id),
  'raw-json': ORIGINALS.map(({ id }) => id),
  'unescaped-letters': ORIGINALS.map(({ id }) => id),
  'never-text': ORIGINALS.map(({ id }) => id),
  batches: [],
  'mixed-batches': [],
  'not-by-get': ORIGINALS.map(({ id }) => id),
  'not-by-put': ORIGINALS.map(({ id }) => id),
  'never-a-form': ['mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'],
  prose: ['mailkit', 'mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'],
  'listed-statuses': ['mailkit'],
  'reverse-dns': ['mail-plus'],
};

test.each(Object.entries(VENDORS_WITH))('%s: %j', (trait, ids) => {
  expect(ORIGINALS.filter((vendor) => hasTraits(vendor, trait as VendorTrait)).map(({ id }) => id)).toEqual(ids);
});

test('of several traits a vendor must have all, of none it needs none', () => {
  const mailkite = findVendor('mailkite');
  expect([
    hasTraits(mailkite, ['authenticated', 'timed']),
    hasTraits(mailkite, ['authenticated', 'time-in-seconds']),
    hasTraits(mailkite),
  ]).toEqual([true, false, true]);
});
