import { expect, test } from 'vitest';
import { evidenceOf, withEvidence } from '../../src/vendors/evidence.ts';
import {
  dateFieldOf,
  dateHeaderOf,
  defaultAckMode,
  eventFieldOf,
  eventHeaderOf,
  hasEventIds,
  idHeaderOf,
  idPathsOf,
  isSigned,
  isSuccessStatus,
  isTimed,
  keyPathsOf,
  ladderMs,
  longField,
  namedSuccessRule,
  noteOf,
  proseFields,
  repeatsOf,
  signaturePart,
  successText,
  toleranceMs,
  vendorAddress,
} from '../../src/vendors/facts.ts';
import type { Evidence } from '../../src/model/fact.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { mailkit } from '../../src/vendors/mailkit.ts';
import { mail2many } from '../../src/vendors/mail2many.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';
import { ORIGINALS, SUITE_VENDORS } from '../helpers/vendors.ts';

// A vendor that nobody has heard of yet: its names say nothing, its data everything.
const FIFTH: Vendor = {
  ...mailkit,
  headers: [
    { name: 'X-Valid-Until-Date', value: 'tomorrow', certainty: 'us' },
    { name: 'X-Main-Event', value: 'webhook', certainty: 'us' },
    { name: 'X-Kind', value: { generated: 'event-name' }, certainty: 'us' },
    { name: 'X-When', value: { field: 'data.at' }, certainty: 'us' },
    { name: 'X-Nonce', value: { generated: { id: 'uuid' } }, certainty: 'us' },
  ],
  events: [
    {
      name: 'thing',
      summary: 'something',
      certainty: 'us',
      fields: [
        { name: 'browser', type: 'string', certainty: 'us', example: 'Some Browser / 1' },
        {
          name: 'data',
          type: 'object',
          certainty: 'us',
          fields: [
            { name: 'at', type: 'integer', certainty: 'us', generated: { time: 'ms' } },
            { name: 'label', type: 'string', prose: 'line', certainty: 'us', example: 'plain' },
            { name: 'story', type: 'string', prose: 'long', certainty: 'us', example: 'short' },
          ],
        },
      ],
    },
  ],
};

test('the headers of a vendor are known by their values, its texts by their mark', () => {
  expect([eventHeaderOf(FIFTH), dateHeaderOf(FIFTH), idHeaderOf(FIFTH)]).toEqual(['X-Kind', 'X-When', 'X-Nonce']);
  expect([proseFields(FIFTH), longField(FIFTH)]).toEqual([['data.label', 'data.story'], 'data.story']);
  expect(longField(mailkit)).toBeNull();
});

test.each([
  ['t={t},v1={v}', 0, 1],
  ['v={v},nonce,at={t}', 2, 0],
])('the parts of a signature %j', (format, time, digest) => {
  const vendor: Vendor = {
    ...mailkite,
    signature: { ...mailkite.signature, value: { ...mailkite.signature.value, format } },
  };
  expect([signaturePart(vendor, '{t}'), signaturePart(vendor, '{v}')]).toEqual([time, digest]);
  expect([signaturePart(mail2many, '{t}'), signaturePart(mail2many, '{v}'), signaturePart(mailkit, '{v}')]).toEqual([
    null,
    null,
    null,
  ]);
});

test.each([
  [['185.136.200.0/22'], '185.136.200.0'],
  [['198.51.100.7'], '198.51.100.7'],
  [['2001:db8::/32'], '2001:db8::'],
])('of the networks %j an address is %s', (cidrs, address) => {
  expect(vendorAddress({ ...FIFTH, trust: { networks: { value: cidrs, certainty: 'us' } } })).toBe(address);
});

test('where no network is known, the address is one of nobody', () => {
  expect(vendorAddress({ ...FIFTH, trust: {} })).toBe('192.0.2.10');
});

test.each(SUITE_VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s has texts that people write, or nothing tries odd letters on its receivers',
  (_, vendor) => {
    expect(proseFields(vendor)).not.toEqual([]);
  },
);

test.each<[of: string, vendor: Vendor, fact: Evidence, source: string | null, asOf: string]>([
  ['its documentation', mailkit, mailkit.success, mailkit.documentation, '2026-11-22'],
  ['an inference', mailkit, mailkit.trust.networks, null, '2026-11-22'],
  ['our choice', mailkit, mailkit.timeoutMs, null, '2026-11-22'],
  ['its public code', mailkite, mailkite.retries.delaysMs, 'https://github.com/mailkite', '2026-11-22'],
  [
    'a source of its own',
    mailkit,
    { certainty: 'pub', source: 'https://x.example/', asOf: '2026-12-24' },
    'https://x.example/',
    '2026-12-24',
  ],
  ["the user's own file", mailkit, { certainty: 'user' }, null, '2026-11-22'],
])('a fact of %s has its source and day', (_, vendor, fact, source, asOf) => {
  expect(evidenceOf(vendor, fact)).toEqual({ certainty: fact.certainty, source, asOf });
});

test('evidence is filled in at every depth, but not in samples', () => {
  const filled = withEvidence(mailkit, {
    parts: [{ value: 1, certainty: 'us' }],
    example: { certainty: 'doc' },
  });
  expect(filled).toEqual({
    parts: [{ value: 1, certainty: 'us', source: null, asOf: '2026-11-22' }],
    example: { certainty: 'doc' },
  });
});

const TABLE: Record<string, readonly unknown[]> = {
  // signed, timed, tolerance; id, name and date header; name and date field; ladder; ack mode; success; network
  mailkit: [false, false, 0, null, null, null, null, 'DATE', 86_400_000, undefined, '200', '185.136.200.0'],
  mailkite: [
    true,
    true,
    300_000,
    null,
    null,
    null,
    'type',
    'receivedAt',
    99_305_000,
    'lenient',
    'any 2xx',
    '192.0.2.10',
  ],
  'mailkite-selfhost': [
    true,
    true,
    300_000,
    null,
    'x-mailkite-event',
    null,
    'event',
    'receivedAt',
    3_960_000,
    undefined,
    'any 2xx',
    '192.0.2.10',
  ],
  mail2many: [
    true,
    false,
    0,
    'X-Mail2Many-Event-Id',
    'X-Mail2Many-Event',
    'X-Mail2Many-Event-Date',
    'event',
    'date',
    52_560_000,
    undefined,
    'any 2xx',
    '192.0.2.10',
  ],
  'mail-plus': [false, false, 0, null, null, null, null, 'timestamp', 52_560_000, undefined, 'any 2xx', '192.0.2.10'],
};

test.each(ORIGINALS.map((vendor) => [vendor.id, vendor] as const))('what follows from the data of %s', (id, vendor) => {
  expect([
    isSigned(vendor),
    isTimed(vendor),
    toleranceMs(vendor),
    idHeaderOf(vendor),
    eventHeaderOf(vendor),
    dateHeaderOf(vendor),
    eventFieldOf(vendor),
    dateFieldOf(vendor)?.path,
    ladderMs(vendor),
    defaultAckMode(vendor.success.value),
    successText(vendor.success.value),
    vendorAddress(vendor),
  ]).toEqual(TABLE[id]);
});

test.each(ORIGINALS.map((vendor) => [vendor.id, vendor] as const))('%s: ids and keys of its events', (id, vendor) => {
  const ids: Record<string, [paths: string[], keys: string[], known: boolean]> = {
    mailkit: [[], ['EMAIL'], false],
    mailkite: [['id'], [], true],
    'mailkite-selfhost': [['uid'], [], true],
    mail2many: [[], ['email'], true],
    'mail-plus': [[], ['header.Message-ID'], false],
  };
  expect([idPathsOf(vendor), keyPathsOf(vendor), hasEventIds(vendor)]).toEqual(ids[id]);
});

test('headers that repeat the body, by the path they repeat', () => {
  expect(repeatsOf(FIFTH)).toEqual([{ name: 'X-When', path: 'data.at' }]);
  expect(repeatsOf(mail2many).map(({ path }) => path)).toEqual(['accountId', 'event', 'date']);
  expect(dateFieldOf(FIFTH)).toEqual({ path: 'data.at', form: { time: 'ms' } });
});

test.each([
  [null, '2xx', false],
  [199, '2xx', false],
  [200, '2xx', true],
  [299, '2xx', true],
  [300, '2xx', false],
  [200, [200], true],
  [201, [200], false],
  [202, [200, 202], true],
] as const)('status %s against %j counts: %s', (status, statuses, counts) => {
  expect(isSuccessStatus(status, { statuses })).toBe(counts);
});

test('a note has what rests on something else behind it', () => {
  expect(noteOf({ certainty: 'doc' })).toBeNull();
  expect(
    noteOf({
      certainty: 'doc',
      note: 'a code',
      values: { value: ['a'], certainty: 'pub' },
      remarks: [{ text: 'of letters', certainty: 'us', about: 'meaning' }],
    }),
  ).toBe('a code; the values are [pub]; of letters [us]');
});

test.each([
  ['no vendor', null, 'any 2xx', '2xx'],
  ['statuses of its own', mailkit, 'Mailkit: HTTP 200', [200]],
  ['any 2xx', mailkite, 'MailKite: any 2xx', '2xx'],
] as const)('success in words: %s', (_, vendor, text, statuses) => {
  expect(namedSuccessRule(vendor)).toEqual({ statuses, text });
});
