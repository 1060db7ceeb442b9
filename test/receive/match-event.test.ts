import { expect, test } from 'vitest';
import type { Field } from '../../src/model/vendor.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import { findDrift, recogniseEvent } from '../../src/receive/match-event.ts';
import { readObject } from '../../src/vendors/event-key.ts';
import { findEvent, findVendor, VENDORS } from '../../src/vendors/index.ts';
import { listSamples, planAt } from '../vendors/fixtures.ts';

const field = (name: string, type: Field['type'], rest: Partial<Field> = {}): Field => ({
  name,
  type,
  certainty: 'doc',
  ...rest,
});

const FIELDS: readonly Field[] = [
  field('id', 'string'),
  field('size', 'integer', { nullable: true }),
  field('score', 'number', { optional: true }),
  field('spf', 'string', { selectable: 'spf' }),
  field('data', 'object', { fields: [field('bounce', 'object', { fields: [field('type', 'string')] })] }),
  field('items', 'array', { items: { type: 'object', fields: [field('n', 'integer')] } }),
  field('anything', 'object'),
];
const GOOD = {
  id: 'a',
  size: 1,
  score: 0.5,
  spf: 'pass',
  data: { bounce: { type: 'hard' } },
  items: [{ n: 1 }, { n: 2 }],
  anything: { x: [1] },
};

test.each<[string, JsonValue | undefined, string[]]>([
  ['nothing', GOOD, []],
  ['null where it may be', { ...GOOD, size: null }, []],
  ['an optional and a selectable field left out', { id: 'a', size: 1, data: GOOD.data, items: [], anything: {} }, []],
  ['an unknown field', { ...GOOD, extra: [] }, ['unknown extra: no such field / array']],
  ['a missing field', { ...GOOD, id: undefined as unknown as JsonValue }, ['type id: string / no JSON']],
  ['another type', { ...GOOD, id: 1 }, ['type id: string / number']],
  ['a fraction for an integer', { ...GOOD, size: 1.5 }, ['type size: integer or null / number']],
  ['null where it may not be', { ...GOOD, id: null }, ['type id: string / null']],
  ['an array for an object', { ...GOOD, data: [] }, ['type data: object / array']],
  ['a missing field far down', { ...GOOD, data: { bounce: {} } }, ['missing data.bounce.type: string / nothing']],
  [
    'an unknown field far down',
    { ...GOOD, data: { bounce: { type: 'hard', code: 5 } } },
    ['unknown data.bounce.code: no such field / number'],
  ],
  ['an element of another type', { ...GOOD, items: [{ n: 1 }, { n: '2' }] }, ['type items.1.n: integer / string']],
  [
    'a name of Object',
    JSON.parse(
      '{"id":"a","size":1,"data":{"bounce":{"type":"x"}},"items":[],"anything":{},"__proto__":1,"constructor":2}',
    ) as JsonValue,
    ['unknown __proto__: no such field / number', 'unknown constructor: no such field / number'],
  ],
  ['no object', [1], ['type : object / array']],
  ['no JSON', undefined, ['type : object / no JSON']],
])('%s', (_, payload, expected) => {
  expect(
    findDrift(payload, { fields: FIELDS }).map(
      ({ kind, field: path, expected: wanted, observed }) => `${kind} ${path}: ${wanted} / ${observed}`,
    ),
  ).toEqual(expected);
});

test('a flood of unknown fields and elements is bounded', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`${'x'.repeat(1000)}${index}`, 1]));
  const drift = findDrift({ ...GOOD, ...many, items: Array.from({ length: 100_000 }, () => 1) }, { fields: FIELDS });
  expect(drift).toHaveLength(50);
  expect(Math.max(...drift.map((one) => one.field.length))).toBeLessThan(200);
});

const SAMPLES = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    listSamples(event).map(({ file, sample }) => ({ file: `${vendor.id}/${file}`, vendor, event, sample })),
  ),
);

test.each(SAMPLES)('$file is known as its event and does not drift', ({ vendor, event, sample }) => {
  const payload = readObject(planAt(vendor, { event: event.name, sample }).body);
  const found = recogniseEvent(vendor, payload);
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

test.each<[string, JsonObject, string[]]>([
  ['a blank object', {}, ['missing ']],
  ['none of its fields', { a: 1 }, ['missing ', 'unknown a']],
  ['another type', { DATE: 1 }, ['type DATE']],
  ['a field that is not its own', { DATE: '', NEWS: '' }, ['unknown NEWS']],
])('an event whose fields may be left out still drifts on %s', (_, body, expected) => {
  const drift = findDrift(body, findEvent(findVendor('mailkit'), 'unsubscribe'));
  expect(drift.map(({ kind, field: path }) => `${kind} ${path}`)).toEqual(expected);
});

test('an event of a configured webhook is one that it lists', () => {
  const mailkit = VENDORS.find(({ events }) => events.some(({ name }) => name === 'topics_change'));
  if (mailkit === undefined) throw new Error('no such vendor');
  const payload = readObject(planAt(mailkit, { event: 'topics_change' }).body);
  expect(recogniseEvent(mailkit, payload, ['subscribe', 'topics_change']).name).toBe('topics_change');
});
