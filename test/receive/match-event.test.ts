import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { recogniseEvent } from '../../src/receive/match-event.ts';
import { findDrift } from '../../src/vendors/drift.ts';
import { readPayload } from '../../src/vendors/read-body.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';
import { findEvent } from '../../src/vendors/find-event.ts';
import { listSamples, planAt } from '../vendors/fixtures.ts';

const SAMPLES = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    listSamples(event).map(({ file, sample }) => ({ file: `${vendor.id}/${file}`, vendor, event, sample })),
  ),
);

test.each(SAMPLES)('$file is known as its event and does not drift', ({ vendor, event, sample }) => {
  const { body, headers } = planAt(vendor, { event: event.name, sample });
  const payload = readPayload(vendor, { body });
  const found = recogniseEvent(vendor, payload, undefined, headers);
  // Two events of the same fields can only be told apart by the URL they are configured for.
  expect(found.event?.fields.map(({ name }) => name)).toEqual(event.fields.map(({ name }) => name));
  expect(findDrift(payload ?? undefined, found.event ?? { fields: [] })).toEqual([]);
});

/** What the vendors' own documentation shows, word for word. */
const EXAMPLES = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    Object.entries(event.examples ?? {}).map(([name, { value }]) => ({ id: vendor.id, vendor, event, name, value })),
  ),
);

test.each(EXAMPLES)('$id: the $name body of $event.name does not drift, word for word', ({ vendor, event, value }) => {
  const found = recogniseEvent(vendor, value);
  expect(found.event).toBe(event);
  expect(findDrift(value, event)).toEqual([]);
});

/** Of these pages only a part is at hand, or a copy in which addresses are hidden. */
const SHOWN: [string, string, JsonObject][] = [
  [
    'mailkit',
    'unsubscribe',
    { DATE: '2018-11-01 11:11:11', IP_ORIG: '', ID_ML: '12324', ID_SEND: '12324', METHOD: 'manual' },
  ],
  ['mailkit', 'subscribe', { DATE: '2018-11-01 11:11:11', IP_ORIG: '', ID_ML: '12324', CHANNEL: '' }],
  [
    'mail-plus',
    'inbound',
    {
      timestamp: '2023-09-19T14:30:00Z',
      header: {
        'Message-ID': '<[email protected]>',
        Date: 'Tue, 19 Sep 2023 14:30:00 +0000',
        From: '[email protected]',
        To: '[email protected]',
        Subject: 'Import',
        Received: ['from a by b', 'from c by d'],
        'X-Mailer': 'any',
      },
      spf: 'pass',
      dkim: 'pass',
      spam_score: 0.1,
    },
  ],
];

test.each(SHOWN)('%s %s as a part of it is known does not drift', (id, name, body) => {
  const found = recogniseEvent(findVendor(id), body);
  expect(found.name).toBe(name);
  expect(findDrift(body, findEvent(findVendor(id), name))).toEqual([]);
});

test('an event of a configured webhook is one that it lists', () => {
  const mailkit = VENDORS.find(({ events }) => events.some(({ name }) => name === 'topics_change'));
  if (mailkit === undefined) throw new Error('no such vendor');
  const payload = readPayload(mailkit, planAt(mailkit, { event: 'topics_change' }));
  expect(recogniseEvent(mailkit, payload, ['subscribe', 'topics_change']).name).toBe('topics_change');
});
