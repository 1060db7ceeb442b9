import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { planReplay, exactRequest } from '../../../src/flows/send/replay-delivery.ts';
import { sendEvent } from '../../../src/flows/send/send-event.ts';
import type { StoredDelivery } from '../../../src/model/attempt.ts';
import type { BodyFormat } from '../../../src/model/body-format.ts';
import type { Signature } from '../../../src/model/signature.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { openEndpoint, type Seen } from '../../helpers/endpoint.ts';
import { openTestTransport } from '../../helpers/send-once.ts';
import { shopVendor } from '../../helpers/shop-vendor.ts';
import { planAt } from '../../vendors/fixtures.ts';

const SECRET = 'secret-of-tests';
const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };

function vendorOf(body: BodyFormat, signature: Signature): Vendor {
  return shopVendor({ body: { value: body, certainty: 'user' }, signature: { value: signature, certainty: 'user' } });
}

const hmac = (message: string | Buffer): string => createHmac('sha256', SECRET).update(message).digest('hex');
const HMAC = { algorithm: 'hmac-sha256', format: '{v}' } as const;
const fieldsOf = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
const queryOf = ({ path }: Seen): string => path.split('?')[1] ?? '';

/** How an endpoint that knows nothing of hookproof checks what it gets. */
type Check = (seen: Seen) => boolean;

const ROWS: [string, Vendor, Check][] = [
  [
    'a form, its raw body signed',
    vendorOf({ format: 'form' }, { ...HMAC, message: ['body'], at: { header: 'X-Sig' } }),
    ({ body, headers }) => headers['x-sig'] === hmac(body) && fieldsOf(body.toString())['event'] === 'order.paid',
  ],
  [
    'a signature in the form, of two of its fields',
    vendorOf({ format: 'form' }, { ...HMAC, message: [{ form: 'id' }, { form: 'at' }], at: { form: 'signature' } }),
    ({ body }) => {
      const { id = '', at = '', signature } = fieldsOf(body.toString());
      return signature === hmac(id + at);
    },
  ],
  [
    'a signature in the JSON, with its time',
    vendorOf(
      { format: 'json' },
      {
        ...HMAC,
        message: [{ json: 'signature.timestamp' }, { json: 'id' }],
        at: { json: 'signature.signature' },
        timestamp: { unit: 's', at: { json: 'signature.timestamp' } },
      },
    ),
    ({ body }) => {
      const { id, signature } = JSON.parse(body.toString()) as {
        id: string;
        signature: { timestamp: string; signature: string };
      };
      return signature.signature === hmac(signature.timestamp + id);
    },
  ],
  [
    'a query, signed as a whole',
    vendorOf({ format: 'query' }, { ...HMAC, message: ['target'], at: { header: 'X-Sig' } }),
    ({ method, path, headers, body }) =>
      method === 'GET' &&
      headers['x-sig'] === hmac(path) &&
      body.length === 0 &&
      headers['content-length'] === undefined &&
      headers['content-type'] === undefined,
  ],
  [
    'a query with its signature in it',
    vendorOf(
      { format: 'query' },
      { ...HMAC, message: [{ fields: ['id', 'at'], from: 'query', each: '{value}' }], at: { query: 'sig' } },
    ),
    (seen) => {
      const { id = '', at = '', sig } = fieldsOf(queryOf(seen));
      return sig === hmac(id + at);
    },
  ],
];

test.each(ROWS)('%s: sent, and sent again from its record', async (_, vendor, check) => {
  const endpoint = await openEndpoint();
  const stored: StoredDelivery[] = [];
  const environment = {
    transport: await openTestTransport(),
    history: {
      append: async (
        delivery: StoredDelivery | Omit<StoredDelivery, 'attempts'>,
        attempt: StoredDelivery['attempts'][0],
      ) => void stored.push({ ...delivery, attempts: [attempt] }),
    },
    clock,
    recordClock: clock,
    recordIds: makeIds(systemRandom()),
  };
  const url = new URL(`${endpoint.url}?token=t`);
  const plan = planAt(vendor, { event: 'order.paid', url });
  await sendEvent(plan, { secret: SECRET }, environment);
  const [delivery] = stored as [StoredDelivery];
  expect(delivery).toMatchObject({ method: plan.method, url: `${endpoint.url}?token=***`, eventId: plan.eventId });
  const target = { vendor, event: plan.event, url, webhookUuid: plan.webhookUuid };
  const options = { secret: SECRET, deliveryId: plan.deliveryId, headerLines: [] };
  await sendEvent(planReplay(delivery, target, options, clock), { secret: SECRET }, environment);
  const exactly = exactRequest(delivery, target, [], clock);
  await sendEvent(planReplay(delivery, target, options, clock), { secret: SECRET, exactly }, environment);
  expect(endpoint.seen.map(check)).toEqual([true, true, true]);
  expect(endpoint.seen.map(({ path }) => path.startsWith('/hook?token=t'))).toEqual([true, true, true]);
  expect(endpoint.seen[2]).toMatchObject({ path: endpoint.seen[0]?.path, body: endpoint.seen[0]?.body });
});
