// https://docs.bird.com/api/notifications-api/api-reference/webhooks: Bird; messagebird.ts is what it was before.
import type { Field, Vendor } from '../model/vendor.ts';

const HEAD = [
  { name: 'service', type: 'string', certainty: 'inf', example: 'channels' },
  { name: 'event', type: 'string', certainty: 'inf', generated: 'event-name' },
] as const satisfies readonly Field[];

const MESSAGE = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'uuid' } },
  { name: 'channelId', type: 'string', certainty: 'inf', example: '5b0c6d2e-3c1f-4e6b-9d0a-7f2e8c1b4a65' },
  {
    name: 'body',
    type: 'object',
    certainty: 'inf',
    fields: [
      { name: 'type', type: 'string', certainty: 'inf', example: 'text' },
      {
        name: 'text',
        type: 'object',
        certainty: 'inf',
        fields: [
          { name: 'text', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung ist unterwegs' },
        ],
      },
    ],
  },
] as const satisfies readonly Field[];

const TIME = {
  name: 'createdAt',
  type: 'string',
  certainty: 'inf',
  generated: { time: 'iso-ms' },
} as const satisfies Field;

export const bird = {
  id: 'bird',
  title: 'Bird',
  documentation: 'https://docs.bird.com/api/notifications-api/api-reference/webhooks/verifying-a-webhook',
  asOf: '2026-11-28',

  events: [
    {
      name: 'sms.inbound',
      summary: 'a message was received',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'payload',
          type: 'object',
          certainty: 'inf',
          fields: [...MESSAGE, { name: 'status', type: 'string', certainty: 'inf', example: 'delivered' }, TIME],
        },
      ],
      idField: 'payload.id',
    },
    {
      name: 'sms.outbound',
      summary: 'a sent message has a new status',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'payload',
          type: 'object',
          certainty: 'inf',
          fields: [...MESSAGE, { name: 'status', type: 'string', certainty: 'inf', example: 'sent' }, TIME],
        },
      ],
      idField: 'payload.id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: {
      at: { header: 'messagebird-signature' },
      algorithm: 'hmac-sha256',
      message: ['timestamp', { text: '\n' }, 'url', { text: '\n' }, { hash: 'sha256', as: 'raw', of: ['body'] }],
      encoding: ['base64'],
      format: '{v}',
      timestamp: { unit: 's', at: { header: 'messagebird-request-timestamp' } },
    },
    certainty: 'doc',
    note: 'the message contains the hash of the body as 32 raw bytes: joining strings corrupts them',
  },
  vectors: [
    {
      secret: 'bird-signing-key-for-examples',
      timestamp: '1764000000',
      url: 'https://shop.example.com/hooks/bird?shop=7',
      body:
        '{"service":"channels","event":"sms.inbound","payload":{"id":"6f1d1c1e-0f0a-4a55-9d53-3a2b8f5a8f10",' +
        '"status":"delivered"}}',
      signature: 'C2w5UU9F2WPYzvSKsJvCbemJ1nI2e4OozS1GndFb37s=',
      source: "hmac and hashlib of Python over time, URL and the hash of the body, as Bird's documentation says",
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: { delaysMs: { value: [], certainty: 'us' } },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
} as const satisfies Vendor;
