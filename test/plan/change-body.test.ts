import { expect, test } from 'vitest';
import type { VendorEvent } from '../../src/model/vendor.ts';
import { changeBody } from '../../src/plan/change-body.ts';
import type { Overrides } from '../../src/plan/overrides.ts';
import { findVendor } from '../helpers/vendors.ts';

const EVENT: VendorEvent = {
  name: 'order.created',
  summary: 'An order.',
  fields: [
    { name: 'id', type: 'string', certainty: 'us' },
    { name: 'total', type: 'number', certainty: 'us' },
    { name: 'note', type: 'string', certainty: 'us', nullable: true },
    {
      name: 'items',
      type: 'array',
      certainty: 'us',
      items: { type: 'object', fields: [{ name: 'sku', type: 'string', certainty: 'us' }] },
    },
  ],
} as unknown as VendorEvent;

const VENDOR = findVendor('mail2many');
const TWILIO = findVendor('twilio');
const change = (body: string, overrides: Partial<Overrides>): string =>
  Buffer.from(
    changeBody(Buffer.from(body), VENDOR, EVENT, { set: [], add: [], remove: [], ...overrides }, 'the body'),
  ).toString();

const COMPACT = '{"id":"a","big":12345678901234567890,"f":1.50,"items":[{"sku":"x"}],"o":{}}';
const SPACED = '{"id": "a", "f": 1e2}\n';
const PRETTY = '{\r\n  "id" : "a",\r\n  "items" : [\r\n    {"sku": "x"},\r\n    {"sku": "y"}\r\n  ]\r\n}\r\n';
test.each<[what: string, body: string, overrides: Partial<Overrides>, changed: string]>([
  ['nothing', ' not json', {}, ' not json'],
  ['a value', COMPACT, { set: ['id=ü/"'] }, COMPACT.replace('"a"', String.raw`"ü/\""`)],
  ['a number of the recorded body alone', COMPACT, { set: ['f=2'] }, COMPACT.replace('1.50', '2')],
  [
    'a value within',
    COMPACT,
    { set: ['items.0.sku=z', 'items[1]={"sku":"w"}'] },
    COMPACT.replace('"x"}', '"z"},{"sku":"w"}'),
  ],
  [
    'a known field that was not there',
    COMPACT,
    { set: ['total=3', 'note=null'] },
    COMPACT.replace('"f":1.50', '"f":1.50,"total":3,"note":null'),
  ],
  [
    'a field of the user, within what was empty or missing',
    COMPACT,
    { add: ['o.p.q=1', 'r=[true]'] },
    COMPACT.replace('"o":{}', '"o":{"p":{"q":1}},"r":[true]'),
  ],
  [
    'without the first, the last, and one between',
    COMPACT,
    { remove: ['id', 'f', 'o'] },
    '{"big":12345678901234567890,"items":[{"sku":"x"}]}',
  ],
  ['without any', '{"id":"a" , "total":1}', { remove: ['total', 'id'] }, '{}'],
  ['a key that is there twice', '{"id":"a","f":1,"id":"b"}', { set: ['id=c'] }, '{"id":"a","f":1,"id":"c"}'],
  ['without a key that is there twice', '{"id":"a","f":1,"id":"b"}', { remove: ['id'] }, '{"f":1}'],
  ['spaces', SPACED, { set: ['total=1'], add: ['z=é'] }, '{"id": "a", "f": 1e2, "total": 1, "z": "é"}\n'],
  [
    'lines',
    PRETTY,
    { set: ['note=n'], remove: ['items.0'] },
    PRETTY.replace('"a",', '"a",\r\n  "note" : "n",').replace('{"sku": "x"},\r\n    ', ''),
  ],
  ['lines, at the end', PRETTY, { add: ['z=1'] }, PRETTY.replace('\r\n  ]', '\r\n  ],\r\n  "z" : 1')],
  ['the only member', '{\n  "f": 1\n}', { add: ['g=2'] }, '{\n  "f": 1,\n  "g": 2\n}'],
  [
    'escapes of PHP',
    String.raw`{"id":"\u00fc","u":"http:\/\/a"}`,
    { set: ['id=é/😀'] },
    String.raw`{"id":"\u00e9\/\ud83d\ude00","u":"http:\/\/a"}`,
  ],
  ['an emoji in a body without escapes', '{"id":"a"}', { set: ['id=😀/'] }, '{"id":"😀/"}'],
  ['a name that every object inherits', '{"id":"a"}', { add: ['toString=1'] }, '{"id":"a","toString":1}'],
])('a body with %s changed keeps every other byte', (_, body, overrides, changed) => {
  expect(change(body, overrides)).toBe(changed);
});

test.each<[what: string, body: string | Uint8Array, overrides: Partial<Overrides>, kind: string, message: RegExp]>([
  ['no JSON', 'a=1', { set: ['id=b'] }, 'input', /the body cannot be changed: it is not a JSON object/],
  ['a list', '[{}]', { set: ['id=b'] }, 'input', /it is not a JSON object/],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), { set: ['id=b'] }, 'input', /it is not a JSON object/],
  [
    'a deep body',
    `{"id":"a","x":${'['.repeat(100)}${']'.repeat(100)}}`,
    { set: ['id=b'] },
    'input',
    /nested deeper than 64/,
  ],
  [
    'a hostile body',
    `{"id":"a","x":[${'0,'.repeat(300_000)}0]}`,
    { set: ['id=b'] },
    'input',
    /more than 200000 values/,
  ],
  ['a path that leads nowhere', COMPACT, { set: ['idd=b'] }, 'usage', /has no field "idd"/],
  ['a wrong type', COMPACT, { set: ['total=x'] }, 'usage', /must be a number/],
  ['the same twice', COMPACT, { set: ['id=b', 'id=c'] }, 'usage', /given twice/],
  ['an addition that is there', COMPACT, { add: ['big=1'] }, 'usage', /already exists/],
  ['a prototype', COMPACT, { add: ['__proto__.a=1'] }, 'usage', /cannot be part of a path/],
])('%s is an error', (_, body, overrides, kind, message) => {
  expect(() =>
    changeBody(Buffer.from(body as string), VENDOR, EVENT, { set: [], add: [], remove: [], ...overrides }, 'the body'),
  ).toThrow(expect.objectContaining({ kind, message: expect.stringMatching(message) }));
});

test.each<[what: string, overrides: Partial<Overrides>, changed: string]>([
  ['a value', { set: ['Body=a & b'] }, 'MessageSid=S%4D1&Body=a+%26+b&To=%2B1'],
  ['one that is left out', { remove: ['Body'] }, 'MessageSid=S%4D1&To=%2B1'],
  ['one that is added', { add: ['More=x'] }, 'MessageSid=S%4D1&Body=old+text&To=%2B1&More=x'],
])('of a form all else keeps its bytes: %s', (_, overrides, changed) => {
  const [event] = TWILIO.events;
  if (event === undefined) throw new Error('it has events');
  const all = { set: [], add: [], remove: [], ...overrides };
  const body = changeBody(Buffer.from('MessageSid=S%4D1&Body=old+text&To=%2B1'), TWILIO, event, all, 'the body');
  expect(Buffer.from(body).toString()).toBe(changed);
});
