import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { BatchRule, BodyFormat } from '../../src/model/body-format.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import type { PlanOptions } from '../../src/plan/make-plan.ts';
import { findDrift } from '../../src/vendors/drift.ts';
import { readEvents } from '../../src/vendors/read-body.ts';
import { shopVendor } from '../helpers/shop-vendor.ts';
import { planAt } from '../vendors/fixtures.ts';

const asUser = <T>(value: T): { value: T; certainty: 'user' } => ({ value, certainty: 'user' });
const ARRAY: BatchRule = { shape: 'array', max: 3, mixesEvents: true };

function vendorOf(body?: BodyFormat, batch?: BatchRule, change: Partial<Vendor> = {}): Vendor {
  return shopVendor({
    ...(body === undefined ? {} : { body: asUser(body) }),
    ...(batch === undefined ? {} : { batch: asUser(batch) }),
    ...change,
  });
}

const planOf = (vendor: Vendor, options: Partial<PlanOptions> = {}): Plan =>
  planAt(vendor, { event: 'order.paid', url: new URL('https://example.com/hook?token=t'), ...options });
const textOf = ({ body }: Plan): string => Buffer.from(body).toString('utf8');
/** With what is generated replaced. */
const stable = (text: string): string => text.replaceAll(/ord_\d{6}/g, 'ord_1').replaceAll(/\d{10}/g, '17');

const PAID = '{"event":"order.paid","id":"ord_1","at":17}';
const FORM = 'event=order.paid&id=ord_1&at=17';

test.each<[string, Vendor, string, string | undefined]>([
  ['JSON', vendorOf(), PAID, 'application/json'],
  ['JSON with a tail', vendorOf({ format: 'json', tail: '\r\n' }), `${PAID}\r\n`, 'application/json'],
  ['an array', vendorOf({ format: 'json' }, ARRAY), `[${PAID}]`, 'application/json'],
  ['a bare single', vendorOf(undefined, { ...ARRAY, singleIsBare: true }), PAID, 'application/json'],
  [
    'a wrapped array',
    vendorOf(undefined, { ...ARRAY, shape: { wrappedIn: 'events' } }),
    `{"events":[${PAID}]}`,
    'application/json',
  ],
  ['lines', vendorOf({ format: 'json-lines', tail: '\n' }), `${PAID}\n`, 'application/x-ndjson'],
  ['a form', vendorOf({ format: 'form' }), FORM, 'application/x-www-form-urlencoded'],
  [
    'a form with JSON',
    vendorOf({ format: 'form-json', field: 'payload' }),
    `payload=${encodeURIComponent(PAID)}`,
    'application/x-www-form-urlencoded',
  ],
  [
    'a form with an array',
    vendorOf({ format: 'form-json', field: 'mandrill_events' }, ARRAY),
    `mandrill_events=${encodeURIComponent(`[${PAID}]`)}`,
    'application/x-www-form-urlencoded',
  ],
  ['a query', vendorOf({ format: 'query' }), '', undefined],
  ['text', vendorOf({ format: 'text', field: 'id' }), 'ord_1', 'text/plain; charset=utf-8'],
  [
    'pretty JSON',
    vendorOf(undefined, undefined, { jsonStyle: asUser('pretty') }),
    '{\n  "event": "order.paid",\n  "id": "ord_1",\n  "at": 17\n}',
    'application/json',
  ],
])('%s', (_, vendor, body, contentType) => {
  const plan = planOf(vendor);
  expect(stable(textOf(plan))).toBe(body);
  expect(plan.headers.find(([name]) => name === 'Content-Type')?.[1]).toBe(contentType);
});

test('the vendor says its method and its content type itself', () => {
  const headers = [{ name: 'content-type', value: 'application/jsonl', certainty: 'user' }] as const;
  const plan = planOf(vendorOf({ format: 'json-lines' }, undefined, { headers, method: asUser('PUT') }));
  expect([plan.method, plan.headers]).toEqual(['PUT', [['content-type', 'application/jsonl']]]);
});

test('a query goes behind that of the address, by GET', () => {
  const plan = planOf(vendorOf({ format: 'query' }));
  expect([plan.method, stable(plan.url.href)]).toEqual(['GET', `https://example.com/hook?token=t&${FORM}`]);
});

const FORMATS: [string, Vendor][] = [
  ['json', vendorOf()],
  ['json array', vendorOf(undefined, ARRAY)],
  ['wrapped', vendorOf({ format: 'json', tail: '\r\n' }, { ...ARRAY, shape: { wrappedIn: 'items' }, join: ',\r\n' })],
  ['lines', vendorOf({ format: 'json-lines' }, ARRAY)],
  ['form', vendorOf({ format: 'form' })],
  ['form-json', vendorOf({ format: 'form-json', field: 'data' }, ARRAY)],
  ['query', vendorOf({ format: 'query' })],
];

test.each(FORMATS)('%s: what is written is read back, in its types', (_, vendor) => {
  const plan = planOf(vendor, { event: 'order.created' });
  const events = readEvents(vendor, plan);
  expect(events).toHaveLength(1);
  expect(findDrift(events?.[0], plan.event)).toEqual([]);
  expect(events?.[0]).toMatchObject({
    name: 'Zoë & Söhne/1',
    total: 12.5,
    paid: true,
    note: null,
    tags: ['a b', 'c=d'],
  });
  expect(events?.[0]?.['id']).toBe(plan.eventId);
});

test.each(FORMATS.filter(([, { batch }]) => batch !== undefined))('%s: a batch keeps its order', (_, vendor) => {
  const plan = planOf(vendor, {
    more: [
      { event: 'order.created', overrides: { set: ['name=b'], add: [], remove: [] } },
      { event: 'order.paid', sample: { sample: 'minimal' } },
    ],
  });
  const events = readEvents(vendor, plan);
  expect(events?.map((event) => event['event'])).toEqual(['order.paid', 'order.created', 'order.paid']);
  expect(new Set(events?.map(({ id }) => id)).size).toBe(3);
  expect(events?.[0]?.['id']).toBe(plan.eventId);
});

test.each<[string, Vendor, PlanOptions['more'], string]>([
  ['no batches', vendorOf(), [{ event: 'order.paid' }], 'Shop sends each event in its own request'],
  [
    'too many',
    vendorOf(undefined, { ...ARRAY, max: 2 }),
    [{ event: 'order.paid' }, { raw: null }],
    'Shop sends at most 2 events in one request, not 3',
  ],
  [
    'mixed',
    vendorOf(undefined, { ...ARRAY, mixesEvents: false }),
    [{ event: 'order.created' }],
    'Shop sends only events with the same name in one request, not order.paid and order.created',
  ],
])('%s: refused', (_, vendor, more, message) => {
  expect(() => planOf(vendor, { more })).toThrow(expect.objectContaining({ kind: 'usage', message }));
});

test('one element of a batch may be anything', () => {
  expect(stable(textOf(planOf(vendorOf(undefined, ARRAY), { more: [{ raw: 'no event' }, { raw: null }] })))).toBe(
    `[${PAID},"no event",null]`,
  );
});

test('between the events of a batch stands what the vendor writes there', () => {
  const vendor = vendorOf({ format: 'json', tail: '\r\n' }, { ...ARRAY, join: ',\r\n' });
  expect(stable(textOf(planOf(vendor, { more: [{ event: 'order.paid' }] })))).toBe(`[${PAID},\r\n${PAID}]\r\n`);
});

const PYTHON =
  'import sys,json,urllib.parse as u; ' +
  'print(json.dumps([u.parse_qsl(line.rstrip("\\n"), True, True) for line in sys.stdin]))';

test.skipIf(spawnSync('python3', ['--version']).status !== 0)("a form is one to Python's parser", () => {
  const written = (['form', 'query'] as const).map((format) => {
    const plan = planOf(vendorOf({ format }), { event: 'order.created', url: new URL('https://example.com/') });
    return format === 'form' ? textOf(plan) : plan.url.search.slice(1);
  });
  const read = spawnSync('python3', ['-c', PYTHON], { input: written.join('\n'), encoding: 'utf8' }).stdout;
  const fields = [
    ['event', 'order.created'],
    ['id', 'ord_1'],
    ['at', '17'],
    ['name', 'Zoë & Söhne/1'],
    ['total', '12.5'],
    ['paid', 'true'],
    ['note', ''],
    ['tags', 'a b'],
    ['tags', 'c=d'],
    ['buyer', '{"email":"z@example.com"}'],
  ];
  expect(JSON.parse(stable(read))).toEqual([fields, fields]);
});

test.skipIf(spawnSync('php', ['--version']).status !== 0)('a form with JSON is one to PHP', () => {
  const plan = planOf(vendorOf({ format: 'form-json', field: 'payload' }), { event: 'order.created' });
  const code = 'parse_str(stream_get_contents(STDIN), $f); echo json_decode($f["payload"])->name;';
  expect(spawnSync('php', ['-r', code], { input: textOf(plan), encoding: 'utf8' }).stdout).toBe('Zoë & Söhne/1');
});

test('where the signature and its time stand in the body, there are fields for them', () => {
  const signature: Vendor['signature'] = asUser({
    algorithm: 'hmac-sha256',
    message: [{ json: 'signature.timestamp' }, { json: 'signature.token' }],
    at: { json: 'signature.signature' },
    format: '{v}',
    timestamp: { unit: 's', at: { json: 'signature.timestamp' } },
  });
  const vendor = vendorOf(undefined, undefined, { signature });
  const plan = planOf(vendor);
  expect(JSON.parse(textOf(plan))).toMatchObject({ signature: { signature: '', timestamp: '' } });
  expect(plan.hasOwnSignature).toBe(false);
  const own = planOf(vendor, { overrides: { set: ['signature.signature=mine'], add: [], remove: [] } });
  expect([own.hasOwnSignature, textOf(own)]).toEqual([true, expect.stringContaining('"signature":"mine"')]);
});

test("the user's own bytes are the query of a vendor that has its fields there", () => {
  const plan = planOf(vendorOf({ format: 'query' }), { data: Buffer.from('?id=ord_7&event=order.paid\n') });
  expect([plan.url.search, plan.body.length, plan.eventId]).toEqual(['?token=t&id=ord_7&event=order.paid', 0, 'ord_7']);
});
