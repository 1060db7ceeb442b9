import { expect, test } from 'vitest';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { renderReceived } from '../../../src/cli/receive/render-listening.ts';
import { toRecord } from '../../../src/flows/receive/received-event.ts';
import type { BatchRule, BodyFormat } from '../../../src/model/body-format.ts';
import type { Handshake } from '../../../src/model/handshake.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { Signature } from '../../../src/model/signature.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import type { PlanOptions } from '../../../src/plan/make-plan.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { signRequest } from '../../../src/sign/signature.ts';
import { expectedOf, openListen } from '../../helpers/open-listen.ts';
import { attemptTo } from '../../helpers/send-once.ts';
import { shopVendor } from '../../helpers/shop-vendor.ts';

const SECRET = 'secret-of-tests';
const HEADER: Signature = { algorithm: 'hmac-sha256', message: ['body'], at: { header: 'X-Sig' }, format: '{v}' };
const IN_JSON: Signature = { ...HEADER, message: [{ json: 'id' }], at: { json: 'auth.signature' } };
const ARRAY: BatchRule = { shape: 'array', max: 5, mixesEvents: true };

function vendorOf(
  body: BodyFormat,
  signature: Signature | null,
  batch?: BatchRule,
  change: Partial<Vendor> = {},
): Vendor {
  return shopVendor({
    body: { value: body, certainty: 'user' },
    signature: { value: signature, certainty: 'user' },
    ...(batch === undefined ? {} : { batch: { value: batch, certainty: 'user' } }),
    ...change,
  });
}

const planTo = (origin: string, vendor: Vendor, options: Partial<PlanOptions>): Plan => {
  const ids = makeIds(systemRandom());
  const named = { event: 'order.created', webhookUuid: ids.uuidV4(), deliveryId: ids.uuidV7(Date.now()) };
  return makePlan({ ...named, url: new URL(`${origin}/hook?token=t`), ...options }, vendor, systemClock, ids);
};

async function send(plan: Plan): Promise<number | null> {
  const { url, method, headers, body } = signRequest(plan, SECRET, systemClock);
  return (await attemptTo(url.href, { request: { method, headers, body }, vendor: plan.vendor })).status;
}

test.each<[string, Vendor]>([
  ['a form', vendorOf({ format: 'form' }, HEADER)],
  [
    'a form with its signature in it',
    vendorOf({ format: 'form' }, { ...HEADER, message: [{ form: 'id' }], at: { form: 'sig' } }),
  ],
  ['JSON with its signature in it', vendorOf({ format: 'json' }, IN_JSON)],
  ['a form that contains JSON', vendorOf({ format: 'form-json', field: 'payload' }, HEADER)],
  ['a batch of one', vendorOf({ format: 'json' }, HEADER, ARRAY)],
  ['lines', vendorOf({ format: 'json-lines', tail: '\n' }, HEADER)],
  ['an unsigned query', vendorOf({ format: 'query' }, null)],
  ['a query', vendorOf({ format: 'query' }, { ...HEADER, message: ['target'] })],
  [
    'a query with its signature in it',
    vendorOf({ format: 'query' }, { ...HEADER, message: ['method'], at: { query: 'sig' } }),
  ],
  ['PUT', vendorOf({ format: 'json' }, HEADER, undefined, { method: { value: 'PUT', certainty: 'user' } })],
])('%s: listen knows the event, takes it once, and records it', async (_, vendor) => {
  const { origin, received } = await openListen(expectedOf(vendor, SECRET));
  const plan = planTo(origin, vendor, {});
  expect([await send(plan), await send(plan)]).toEqual([200, 200]);
  const [first, again] = received;
  expect(first?.judged).toMatchObject({
    verdict: vendor.signature.value === null ? 'unsigned' : 'valid',
    event: 'order.created',
    eventId: plan.eventId,
    batch: null,
  });
  expect(first?.judged.drift).toEqual([]);
  expect([first?.isDuplicate, again?.isDuplicate]).toEqual([false, true]);
  if (first === undefined) throw new Error('nothing came');
  const [delivery] = toRecord(first, 'uuid', origin, 'attempt', null);
  expect(delivery).toMatchObject({ event: 'order.created', eventId: plan.eventId, url: `${origin}/hook?token=t` });
  expect(Buffer.from(delivery.body).toString()).toContain(plan.eventId);
  expect(renderReceived(first, { verbose: false })).toContain('Zoë & Söhne/1');
});

test.each<[string, Vendor]>([
  ['an array', vendorOf({ format: 'json', tail: '\r\n' }, HEADER, { ...ARRAY, join: ',\r\n' })],
  ['a wrapped array', vendorOf({ format: 'json' }, HEADER, { ...ARRAY, shape: { wrappedIn: 'events' } })],
  ['lines', vendorOf({ format: 'json-lines' }, HEADER, ARRAY)],
  ['a form with an array', vendorOf({ format: 'form-json', field: 'mandrill_events' }, HEADER, ARRAY)],
])('%s: listen shows and records each event of a batch', async (_, vendor) => {
  const { origin, received } = await openListen(expectedOf(vendor, SECRET));
  const plan = planTo(origin, vendor, {
    more: [{ event: 'order.paid', overrides: { set: ['id=ord_x'], add: ['new=1'], remove: [] } }],
  });
  expect([await send(plan), await send(plan)]).toEqual([200, 200]);
  const [first, again] = received;
  if (first === undefined) throw new Error('nothing came');
  expect(first.judged).toMatchObject({ verdict: 'valid', event: 'order.created+order.paid', eventId: null });
  expect(first.judged.batch).toEqual([
    { event: 'order.created', eventId: plan.eventId, eventMark: plan.eventId },
    { event: 'order.paid', eventId: 'ord_x', eventMark: 'ord_x' },
  ]);
  expect(first.judged.drift).toEqual([
    { kind: 'unknown', field: '1.new', expected: 'no such field', observed: 'number' },
  ]);
  expect([first.isDuplicate, again?.isDuplicate]).toEqual([false, true]);
  expect(toRecord(first, 'uuid', origin, 'attempt', null)[0].event).toBe('order.created+order.paid');
  expect(renderReceived(first, { verbose: false })).toMatch(
    /events +order\.created {2}ord_\d+\n +order\.paid {2}ord_x\n/,
  );
});

test('a batch with an element that is no event is refused as a whole', async () => {
  const vendor = vendorOf({ format: 'json' }, HEADER, ARRAY);
  const { origin, received } = await openListen(expectedOf(vendor, SECRET));
  expect(await send(planTo(origin, vendor, { more: [{ raw: 'no event' }] }))).toBe(400);
  expect(received[0]?.judged.drift).toEqual([
    { kind: 'type', field: '', expected: 'object', observed: 'not a JSON array of events' },
  ]);
});

test('an event of a batch is taken that comes beside one that was taken before', async () => {
  const vendor = vendorOf({ format: 'json' }, HEADER, ARRAY);
  const { origin, received } = await openListen(expectedOf(vendor, SECRET));
  const overrides = { set: ['id=ord_1'], add: [], remove: [] };
  await send(planTo(origin, vendor, { overrides }));
  await send(planTo(origin, vendor, { overrides, more: [{ event: 'order.paid' }] }));
  expect(received.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false]);
});

test.each<[string, Vendor, string]>([
  [
    'by a header',
    shopVendor({
      headers: [{ name: 'X-Topic', value: { generated: 'event-name' }, certainty: 'user' }],
      events: shopVendor().events.map((event) => ({ ...event, fields: event.fields.slice(1) })),
    }),
    'order.paid',
  ],
])('the event is named %s', async (_, vendor, event) => {
  const { origin, received } = await openListen(expectedOf(vendor, SECRET));
  await send(planTo(origin, vendor, { event }));
  expect(received[0]?.judged).toMatchObject({ event, verdict: 'valid', drift: [] });
});

test.each(['a?b', 'a=b', 'a%20b+c%3F'])('the challenge %s in a query comes back whole', async (challenge) => {
  const value: Handshake = {
    id: 'subscribe',
    title: 'the challenge comes back',
    when: 'create',
    method: 'GET',
    query: { challenge: '{challenge}' },
    answer: { statuses: [200], bodies: [{ text: '{challenge}' }] },
  };
  const vendor = shopVendor({ handshakes: { value: [value], certainty: 'user' } });
  const { url } = await openListen(expectedOf(vendor, SECRET));
  const called = new URL(`${url}?challenge=${challenge}`);
  expect(await (await fetch(called)).text()).toBe(called.searchParams.get('challenge'));
});
