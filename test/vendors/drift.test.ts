import { expect, test } from 'vitest';
import type { Field } from '../../src/model/vendor.ts';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import { driftText, findDrift, findMisfits } from '../../src/vendors/drift.ts';
import { findVendor } from '../helpers/vendors.ts';
import { findEvent } from '../../src/vendors/find-event.ts';

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
  ['a missing field', { ...GOOD, id: undefined as unknown as JsonValue }, ['type id: string / not JSON']],
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
  ['no JSON', undefined, ['type : object / not JSON']],
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

test.each<[string, JsonObject, string[]]>([
  ['a blank object', {}, ['missing ']],
  ['none of its fields', { a: 1 }, ['missing ', 'unknown a']],
  ['another type', { DATE: 1 }, ['type DATE']],
  ['a field that is not its own', { DATE: '', NEWS: '' }, ['unknown NEWS']],
])('an event whose fields may be left out still drifts on %s', (_, body, expected) => {
  const drift = findDrift(body, findEvent(findVendor('mailkit'), 'unsubscribe'));
  expect(drift.map(({ kind, field: path }) => `${kind} ${path}`)).toEqual(expected);
});

const unJson = (value: unknown): JsonValue => value as JsonValue;
const sized: readonly Field[] = [
  field('n', 'integer', { nullable: true, minimum: 0 }),
  field('at', 'string', { generated: { time: 'iso' }, optional: true }),
];

/** What JSON.stringify would write as something else, and what is left open to strangers. */
test.each<[string, JsonObject, string[]]>([
  ['false', { ...GOOD, id: false }, ['id is boolean, expected string']],
  ['undefined', { ...GOOD, id: unJson(undefined) }, ['id is not JSON, expected string']],
  ['NaN', { ...GOOD, score: NaN }, ['score is NaN, expected number']],
  ['infinity', { ...GOOD, size: -Infinity }, ['size is -Infinity, expected integer or null']],
  ['a Date', { ...GOOD, id: unJson(new Date(0)) }, ['id is not JSON, expected string']],
  ['a Date for an object', { ...GOOD, data: unJson(new Date(0)) }, ['data is not JSON, expected object']],
  ['a bigint', { ...GOOD, size: unJson(1n) }, ['size is bigint, expected integer or null']],
  [
    'undefined among any keys',
    { ...GOOD, anything: { x: [1, unJson(undefined)], y: { z: NaN } } },
    ['anything.x.1 is not JSON, expected a JSON value', 'anything.y.z is NaN, expected a JSON value'],
  ],
  [
    'bytes among any keys',
    { ...GOOD, anything: { x: unJson(Buffer.from('a')) } },
    ['anything.x is not JSON, expected a JSON value'],
  ],
  [
    'the last of many elements',
    { ...GOOD, items: [...Array.from({ length: 500 }, () => ({ n: 1 })), { n: '2' }] },
    ['items.500.n is string, expected integer'],
  ],
])('%s does not fit', (_, payload, expected) => {
  expect(findMisfits(payload, { fields: FIELDS }).map(driftText)).toEqual(expected);
});

test.each<[JsonObject, string[], string[]]>([
  [{ n: -1 }, ['n is -1, expected integer or null, 0 or more'], ['n is -1, expected integer or null, 0 or more']],
  [{ n: null, at: '2026-11-29T10:00:00Z' }, [], []],
  [
    { n: 0, at: '+010000-01-01T00:00:00Z' },
    [],
    [expect.stringMatching(/^at is "\+01.*", expected text of the form \^/)],
  ],
])('%j: a bound holds for everybody, a form for our own', (payload, strangers, ours) => {
  expect(findDrift(payload, { fields: sized }).map(driftText)).toEqual(strangers);
  expect(findMisfits(payload, { fields: sized }).map(driftText)).toEqual(ours);
});
