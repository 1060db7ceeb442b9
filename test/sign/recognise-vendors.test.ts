import { assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { isCommonWord } from '../../src/sign/own-fields.ts';
import { readTopLevelKeys, recogniseVendor, recogniseVendors } from '../../src/sign/recognise-vendors.ts';
import { eventFieldOf } from '../../src/vendors/facts.ts';
import { ORIGINALS, secretFor, VENDORS } from '../helpers/vendors.ts';
import { NOW_MS, listSamples, planAt, signedHeaders } from '../vendors/fixtures.ts';
import { SCHEMES, vendorOf, type SchemeName } from './schemes.ts';
import { header, T } from './signed-body.ts';

const keysOf = (text: string | Uint8Array): string[] => [...readTopLevelKeys(Buffer.from(text))];

test.each<[what: string, text: string | Uint8Array, keys: string[]]>([
  [
    'keys further down are not among them',
    '{"a":{"b":1,"c":[{"d":1},"e"]},"f":["g",{"h":2}],"i":null}',
    ['a', 'f', 'i'],
  ],
  ['texts that hold what JSON is made of', '{"a":"\\"},{\\\\","b":"x,\\"y\\":1"}', ['a', 'b']],
  ['white space and a byte order mark', '\ufeff \r\n{ "a" : 1 ,\n\t"b":2 } \n', ['a', 'b']],
  ['escapes and other letters', '{"\\u0061b":1,"é":2,"\\"":3}', ['ab', 'é', '"']],
  ['what breaks off', '{"a":1,"b":"half of a te', ['a', 'b']],
  ['nothing in it', '{}', []],
  ['a list', '[{"a":1},"b"]', []],
  ['a text', '"a"', []],
  ['nothing', '', []],
  ['what comes behind the object', '{"a":1},"b":2', ['a']],
  ['other text before an object', 'x{"a":1}', []],
  ['no text', Buffer.alloc(100, 0xff), []],
])('%s', (_, text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});

test('of any JSON the same keys as a parser finds', () => {
  assert(
    property(dictionary(string(), jsonValue(), { maxKeys: 20 }), constantFrom(0, 2), (value, indent) => {
      const parsed = JSON.parse(JSON.stringify(value)) as object;
      expect(new Set(keysOf(JSON.stringify(value, null, indent)))).toEqual(new Set(Object.keys(parsed)));
    }),
  );
});

test('of a million keys it stops at the first that are too many; a long name is cut', () => {
  const many = Buffer.from(`{${Array.from({ length: 1_000_000 }, (_, index) => `"key${index}":1`).join(',')}}`);
  expect(readTopLevelKeys(many).size).toBe(1001);
  expect(keysOf(`{"${'x'.repeat(100_000)}":1}`)[0]).toHaveLength(200);
});

const samples = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    listSamples(event).map(({ file, sample }) => ({ id: vendor.id, vendor, file, event: event.name, sample })),
  ),
);
test.each(samples)('$id is recognised by $file', ({ vendor, event, sample }) => {
  const plan = planAt(vendor, { event, sample });
  const headers = signedHeaders(vendor, plan.headers, plan.body, secretFor(vendor), NOW_MS);
  expect(recogniseVendors({ headers, body: plan.body }, VENDORS)[0]?.id).toBe(vendor.id);
  expect(recogniseVendor({ headers, body: plan.body }, VENDORS)?.id).toBe(vendor.id);
  // Several of the others send the same fields by one scheme.
  if (!ORIGINALS.includes(vendor)) return;
  const bare = { headers: [['content-type', 'application/json'] as Header], body: plan.body };
  const isNamed = eventFieldOf(vendor) !== null;
  const told = !isNamed && keysOf(plan.body).every(isCommonWord) ? undefined : vendor.id;
  expect(recogniseVendors(bare, VENDORS)[0]?.id).toBe(told);
  expect(recogniseVendor(bare, VENDORS)?.id).toBe(told);
});

test.each([
  [T, 'mailkite'],
  [T.slice(0, -3), 'mailkite-selfhost'],
])('two vendors of one header are told apart by the unit of its time: %s is of %s', (t, id) => {
  expect(recogniseVendors({ headers: header('0'.repeat(64), t), body: Buffer.from('{}') }, VENDORS)[0]?.id).toBe(id);
});

test.each<[what: string, headers: Header[], body: string | Uint8Array]>([
  ['nothing', [], ''],
  ['another body', [['content-type', 'application/json']], '{"hello":1}'],
  ['a body that shares some names', [], '{"id":1,"type":2,"from":3,"a":4,"b":5,"c":6,"d":7,"e":8}'],
  ['an id with a type', [], '{"id":"evt_1","type":"order.created"}'],
  ['an id with a type and data', [], '{"id":"evt_1","type":"order.created","data":{}}'],
  ['an event with its time', [], '{"event":"signup","timestamp":1700000000,"email":"a@b.example"}'],
  ['a list of such', [], '[{"event":"signup","timestamp":1700000000,"email":"a@b.example"}]'],
  ['a form to fill in', [], '{"firstname":"A","lastname":"B","email":"c"}'],
  ['a thing with a name and a status', [], '{"id":1,"name":"a","status":"new"}'],
  ['a mail', [], '{"from":"a","to":"b","subject":"c","text":"d","html":"e"}'],
  ['a form', [['content-type', 'application/x-www-form-urlencoded']], 'From=a&To=b&Body=c'],
  ['no JSON', [], Buffer.alloc(1000, 0xff)],
])('%s is nobody’s', (_, headers, body) => {
  expect(recogniseVendors({ headers, body: Buffer.from(body) }, VENDORS)).toEqual([]);
  expect(recogniseVendor({ headers, body: Buffer.from(body) }, VENDORS)).toBeNull();
});

test.each<[what: string, headers: Header[], body: string, name: SchemeName | null]>([
  ['a header, by the form of its text', [['x-signature', Buffer.alloc(256).toString('base64')]], '{}', 'rsa'],
  [
    'the same header, by another form',
    [['x-signature', Buffer.from('0'.repeat(64)).toString('base64')]],
    '{}',
    'dated',
  ],
  ['a field of the body', [], '{"event-data":{},"signature":{"token":"","timestamp":"1","signature":"ab"}}', 'mailgun'],
  ['an Authorization, which everybody sends', [['authorization', 'Bearer abc']], '{}', null],
])('a vendor is told by %s', (_, headers, body, name) => {
  const vendors = (Object.keys(SCHEMES) as SchemeName[]).map(vendorOf);
  expect(recogniseVendor({ headers, body: Buffer.from(body) }, vendors)?.id ?? null).toBe(name);
});

const FIELDS = ['email', 'sg_event_id', 'useragent'].map(
  (name) => ({ name, type: 'string', certainty: 'doc' }) as const,
);
const carrying = (id: string, properties: Partial<Vendor>): Vendor => ({
  ...vendorOf('token'),
  id,
  events: [{ name: 'open', summary: 'opened', certainty: 'doc', fields: FIELDS }],
  ...properties,
});
const BODIES = [
  carrying('object', {}),
  carrying('array', { batch: { value: { shape: 'array', max: 10, mixesEvents: true }, certainty: 'doc' } }),
  carrying('wrapped', {
    batch: { value: { shape: { wrappedIn: 'events' }, max: 10, mixesEvents: true }, certainty: 'doc' },
  }),
  carrying('form', { body: { value: { format: 'form' }, certainty: 'doc' } }),
  carrying('form-json', { body: { value: { format: 'form-json', field: 'mandrill' }, certainty: 'doc' } }),
];
const EVENT = '{"email":"a","sg_event_id":"b","useragent":"c"}';
test.each<[body: string, id: string | null]>([
  [EVENT, 'object'],
  [`[ ${EVENT},{"x":1}]`, 'array'],
  [`{"events":[${EVENT}]}`, 'wrapped'],
  ['email=a&sg_event_id=b&useragent=c', 'form'],
  [`mandrill=${encodeURIComponent(EVENT)}`, 'form-json'],
  ['[]', null],
  ['{"events":[]}', null],
  ['a&'.repeat(200_000), null],
  ['['.repeat(200_000), null],
])('a vendor is told by where its fields stand: %.50s', (body, id) => {
  expect(recogniseVendor({ headers: [], body: Buffer.from(body) }, BODIES)?.id ?? null).toBe(id);
});
