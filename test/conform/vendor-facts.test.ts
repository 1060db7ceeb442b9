import { expect, test } from 'vitest';
import { ofLongText } from '../../src/conform/vendor-facts.ts';
import {
  dateHeaderOf,
  eventHeaderOf,
  idHeaderOf,
  longField,
  proseFields,
  signaturePart,
  vendorAddress,
} from '../../src/vendors/facts.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { mailkit } from '../../src/vendors/mailkit.ts';
import { mail2many } from '../../src/vendors/mail2many.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';
import { VENDORS } from '../../src/vendors/index.ts';

// A vendor that nobody has heard of yet: its names say nothing, its data everything.
const FIFTH: Vendor = {
  ...mailkit,
  headers: [
    { name: 'X-Valid-Until-Date', value: 'tomorrow', certainty: 'us' },
    { name: 'X-Main-Event', value: 'webhook', certainty: 'us' },
    { name: 'X-Kind', value: { generated: 'event-name' }, certainty: 'us' },
    { name: 'X-When', value: { field: 'data.at' }, certainty: 'us' },
    { name: 'X-Nonce', value: { generated: 'uuid' }, certainty: 'us' },
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
            { name: 'at', type: 'integer', certainty: 'us', generated: 'time-ms' },
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
  expect([proseFields(FIFTH), longField(FIFTH), ofLongText(FIFTH)]).toEqual([
    ['data.label', 'data.story'],
    'data.story',
    'must',
  ]);
  expect([longField(mailkit), ofLongText(mailkit)]).toEqual([null, 'should']);
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

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s has texts that people write, or nothing tries odd letters on its receivers',
  (_, vendor) => {
    expect(proseFields(vendor)).not.toEqual([]);
  },
);
