import { Validator } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { VendorEvent } from '../../src/model/vendor.ts';
import { eventSchema } from '../../src/vendors/schema.ts';

const EVENT: VendorEvent = {
  name: 'demo',
  summary: 'a demonstration',
  certainty: 'doc',
  fields: [
    { name: 'date', type: 'string', certainty: 'doc', generated: { time: 'YYYY-MM-DD HH:mm:ss' } },
    {
      name: 'kind',
      type: 'string',
      certainty: 'pub',
      example: 'a',
      values: { value: ['a', 'b'], certainty: 'pub' },
      note: 'what it is',
    },
    { name: 'name', type: 'string', certainty: 'doc', optional: true, example: 'x' },
    { name: 'subject', type: 'string', certainty: 'doc', nullable: true, example: 's' },
    { name: 'spf', type: 'string', certainty: 'doc', selectable: 'spf', example: 'pass' },
    {
      name: 'list',
      type: 'array',
      certainty: 'doc',
      items: { type: 'object', fields: [{ name: 'n', type: 'integer', certainty: 'us', example: 1 }] },
    },
  ],
};
const WHOLE: JsonObject = {
  date: '2025-11-27 09:52:31',
  kind: 'a',
  name: 'x',
  subject: 's',
  spf: 'pass',
  list: [{ n: 1 }],
};

const isValid = (body: JsonObject): boolean => new Validator(eventSchema(EVENT), '2020-12').validate(body).valid;
const without = (key: string): JsonObject => Object.fromEntries(Object.entries(WHOLE).filter(([name]) => name !== key));

test.each<[string, JsonObject]>([
  ['a whole body', WHOLE],
  ['a value that is not documented', { ...WHOLE, kind: 'c' }],
  ['a key that is not documented', { ...WHOLE, later: 1 }],
  ['null where it may be', { ...WHOLE, subject: null }],
  ['an optional field left out', without('name')],
  ['an element that is not selected', without('spf')],
  ['an empty array', { ...WHOLE, list: [] }],
])('accepts %s', (_, body) => {
  expect(isValid(body)).toBe(true);
});

test.each<[string, JsonObject]>([
  ['null where it may not be', { ...WHOLE, kind: null }],
  ['a missing field', without('kind')],
  ['another type', { ...WHOLE, kind: 1 }],
  ['a date of another form', { ...WHOLE, date: '2025-11-27T09:52:31Z' }],
  ['an element of another form', { ...WHOLE, list: [{ n: 'one' }] }],
  ['an element with a field missing', { ...WHOLE, list: [{}] }],
])('refuses %s', (_, body) => {
  expect(isValid(body)).toBe(false);
});

test('says how sure each field is, and gives documented values as examples', () => {
  const { properties } = eventSchema(EVENT) as { properties: Record<string, JsonObject> };
  expect(properties['kind']).toEqual({ type: 'string', description: '[pub] what it is', examples: ['a', 'b'] });
});
