import { expect, test } from 'vitest';
import type { BatchRule, BodyFormat } from '../../src/model/body-format.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { readEventId, readScalar } from '../../src/vendors/event-key.ts';
import { holdsMoreValues, readEvents, type EventCarrier } from '../../src/vendors/read-body.ts';
import { shopVendor } from '../helpers/shop-vendor.ts';

const ARRAY: BatchRule = { shape: 'array', max: 100, mixesEvents: true };
const WRAPPED: BatchRule = { ...ARRAY, shape: { wrappedIn: 'events' } };

const vendorOf = (body: BodyFormat, batch?: BatchRule) =>
  shopVendor({
    body: { value: body, certainty: 'user' },
    ...(batch === undefined ? {} : { batch: { value: batch, certainty: 'user' } }),
  });
const read = (body: BodyFormat, batch: BatchRule | undefined, text: string): readonly JsonObject[] | null =>
  readEvents(vendorOf(body, batch), { body: Buffer.from(text) });

test.each<[BodyFormat['format'], BatchRule | undefined, string, readonly JsonObject[] | null]>([
  ['json', undefined, '{"id":"a"}', [{ id: 'a' }]],
  ['json', undefined, '\ufeff{"id":"a"}\r\n', [{ id: 'a' }]],
  ['json', undefined, '[{"id":"a"}]', null],
  ['json', undefined, '', null],
  ['json', undefined, 'null', null],
  ['json', ARRAY, '[{"id":"a"},\r\n{"id":"b"}]\r\n', [{ id: 'a' }, { id: 'b' }]],
  ['json', ARRAY, '[]', null],
  ['json', ARRAY, '[{"id":"a"},1]', null],
  ['json', ARRAY, '{"id":"a"}', null],
  ['json', { ...ARRAY, singleIsBare: true }, '{"id":"a"}', [{ id: 'a' }]],
  ['json', WRAPPED, '{"events":[{"id":"a"}],"more":1}', [{ id: 'a' }]],
  ['json', WRAPPED, '[{"id":"a"}]', null],
  ['json-lines', undefined, '{"id":"a"}\n\n{"id":"b"}\r\n', [{ id: 'a' }, { id: 'b' }]],
  ['json-lines', undefined, '{"id":"a"}\nno JSON', null],
  [
    'form',
    undefined,
    'id=a&at=17&paid=true&note=&more=1&more=2',
    [{ id: 'a', at: 17, paid: true, note: null, more: ['1', '2'] }],
  ],
  ['form', undefined, 'id=a&id=b&at=soon&tags=%5B%22x%22%5D', [{ id: 'a', at: 'soon', tags: ['x'] }]],
  // Of the event that is named, not of the first that has such a field.
  ['form', undefined, 'event=order.paid&total=12.5', [{ event: 'order.paid', total: '12.5' }]],
  ['form', undefined, '{"id":"a"}', null],
  ['form', undefined, '', null],
  ['form', undefined, '__proto__=x&id=a', [JSON.parse('{"__proto__":"x","id":"a"}') as JsonObject]],
  ['form-json', undefined, 'data=%7B%22id%22%3A%22a%22%7D', [{ id: 'a' }]],
  ['form-json', ARRAY, 'data=[]&data=[{}]', null],
  ['form-json', undefined, 'other=%7B%7D', null],
  ['text', undefined, 'hello', [{ data: 'hello' }]],
])('%s %j: %j', (format, batch, text, events) => {
  expect(read({ format, field: 'data' }, batch, text)).toEqual(events);
});

test.each<[string, EventCarrier]>([
  ['the URL', { body: new Uint8Array(), url: new URL('https://example.com/hook?token=secret&id=a&at=17') }],
  ['the request line', { body: new Uint8Array(), path: '/hook?token=secret&id=a&at=17' }],
])('a query is read from %s, without what the address has of its own', (_, carrier) => {
  expect(readEvents(vendorOf({ format: 'query' }), carrier)).toEqual([{ id: 'a', at: 17 }]);
});

test.each<[BodyFormat, BatchRule | undefined, string]>([
  [{ format: 'json' }, ARRAY, '[{},{"id":9007199254740993}]'],
  [{ format: 'json' }, WRAPPED, '{"events":[{},{"id":9007199254740993}]}'],
  [{ format: 'json-lines' }, undefined, '{}\n{"id":9007199254740993}'],
  [{ format: 'form-json', field: 'data' }, ARRAY, 'data=[{},{"id":9007199254740993}]'],
])('%j %j: a long number keeps its digits', (body, batch, text) => {
  const [, second = null] = read(body, batch, text) ?? [];
  expect(readScalar(second, 'id')).toBe('9007199254740993');
  expect(readEventId(vendorOf(body, batch), [], second)).toBe('9007199254740993');
});

test('a form of too many fields is known before it is read', () => {
  const body = Buffer.from('a&'.repeat(1000));
  expect(holdsMoreValues(vendorOf({ format: 'form' }), { body }, 999)).toBe(true);
  expect(holdsMoreValues(vendorOf({ format: 'form' }), { body }, 2000)).toBe(false);
  expect(holdsMoreValues(vendorOf({ format: 'json' }), { body }, 999)).toBe(false);
});
