// https://docs.customer.io/journeys/webhooks/: reporting webhooks.
import type { Field, Vendor } from '../model/vendor.ts';

const HEAD = [
  { name: 'event_id', type: 'string', certainty: 'doc', generated: { id: 'ulid' } },
  { name: 'object_type', type: 'string', certainty: 'doc', example: 'email' },
] as const satisfies readonly Field[];

const TIME = {
  name: 'timestamp',
  type: 'integer',
  certainty: 'doc',
  generated: { time: 's' },
} as const satisfies Field;

const DATA = [
  { name: 'customer_id', type: 'string', certainty: 'inf', example: 'user-17' },
  { name: 'email_address', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
  { name: 'delivery_id', type: 'string', certainty: 'inf', generated: { id: '[a-zA-Z0-9]{24}' } },
  { name: 'campaign_id', type: 'integer', certainty: 'inf', example: 17 },
] as const satisfies readonly Field[];

export const customerio = {
  id: 'customerio',
  title: 'Customer.io',
  documentation: 'https://docs.customer.io/journeys/webhooks/',
  publicSource: 'https://github.com/hookdeck/webhook-skills',
  asOf: '2026-11-28',

  events: [
    {
      name: 'delivered',
      summary: 'a message was delivered; object_type says through which channel; the name is that of the metric',
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'metric', type: 'string', certainty: 'doc', generated: 'event-name' },
        TIME,
        { name: 'data', type: 'object', certainty: 'doc', fields: DATA },
      ],
      idField: 'event_id',
    },
    {
      name: 'bounced',
      summary: 'a message was refused for good; the name is that of the metric',
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'metric', type: 'string', certainty: 'doc', generated: 'event-name' },
        TIME,
        {
          name: 'data',
          type: 'object',
          certainty: 'doc',
          fields: [
            ...DATA,
            {
              name: 'failure_message',
              type: 'string',
              certainty: 'inf',
              prose: 'line',
              example: '550 no such mailbox',
            },
          ],
        },
      ],
      idField: 'event_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: {
      at: { header: 'X-CIO-Signature' },
      algorithm: 'hmac-sha256',
      message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
      format: '{v}',
      timestamp: { unit: 's', at: { header: 'X-CIO-Timestamp' }, toleranceMs: { value: 300_000, certainty: 'us' } },
    },
    certainty: 'pub',
    note: 'seen in three receivers; without a prefix, unlike a test in the wild that writes sha256=',
  },
  vectors: [
    {
      name: 'a metric',
      secret: 'the-signing-key-of-the-vectors',
      timestamp: '1764237151',
      headers: { 'Content-Type': 'application/json' },
      body: '{"event_id":"01E2EMRMM6TZ12TF9WGZN0WJQT","metric":"delivered","subject":"Grüße"}',
      signature: '07bf16f282d370fdcf41b0f589f5abe1438b71c43a15be5fb3b87a08f203ef3b',
      source: 'openssl dgst -sha256 -hmac over v0:, the time, : and the body, as three public receivers do',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 4000, certainty: 'doc' },
  retries: {
    // 1m, 5m, 30m, 2h, 6h, 12h, 24h, 48h, 72h: nearly seven days
    delaysMs: {
      value: [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 259_200_000],
      certainty: 'us',
      note:
        'for seven days at increasing intervals [pub]; the steps are ours; waiting events hold back later ' +
        'ones [pub]',
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'it calls from some ten addresses in the US and ten in the EU, which its documentation lists',
      certainty: 'doc',
    },
  ],
} as const satisfies Vendor;
