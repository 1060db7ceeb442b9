// https://support.sparkpost.com/docs/tech-resources/webhook-data-streams; now Bird Email.
import type { Field, Vendor } from '../model/vendor.ts';
import { BASIC_AUTHENTICATION, BASIC_VECTOR } from './basic-authentication.ts';

const HEAD = [
  { name: 'type', type: 'string', certainty: 'inf', generated: 'event-name' },
  {
    name: 'event_id',
    type: 'string',
    certainty: 'doc',
    generated: { id: '[1-9][0-9]{17}' },
    note: 'a huge integer or a UUID',
  },
  { name: 'timestamp', type: 'string', certainty: 'inf', generated: { time: 's' } },
  { name: 'message_id', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{20}' } },
  { name: 'rcpt_to', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  { name: 'friendly_from', type: 'string', certainty: 'inf', example: 'shop@example.com' },
  { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
  { name: 'rcpt_tags', type: 'array', certainty: 'inf', example: ['order'], minimal: [], items: { type: 'string' } },
] as const satisfies readonly Field[];

const BOUNCE = [
  ...HEAD,
  { name: 'bounce_class', type: 'string', certainty: 'inf', example: '10' },
  { name: 'raw_reason', type: 'string', certainty: 'inf', prose: 'line', example: '550 no such mailbox' },
] as const satisfies readonly Field[];

export const sparkpost = {
  id: 'sparkpost',
  title: 'SparkPost (Bird Email)',
  documentation: 'https://support.sparkpost.com/docs/tech-resources/webhook-data-streams',
  publicSource: 'https://github.com/SparkPost/support-docs/tree/2cb4102',
  asOf: '2026-11-28',

  events: [
    {
      name: 'delivery',
      summary: "the recipient's server accepted a mail",
      certainty: 'inf',
      fields: [
        {
          name: 'msys',
          type: 'object',
          certainty: 'doc',
          fields: [{ name: 'message_event', type: 'object', certainty: 'inf', fields: HEAD }],
        },
      ],
      idField: 'msys.message_event.event_id',
    },
    {
      name: 'bounce',
      summary: "the recipient's server refused a mail",
      certainty: 'inf',
      fields: [
        {
          name: 'msys',
          type: 'object',
          certainty: 'doc',
          fields: [{ name: 'message_event', type: 'object', certainty: 'inf', fields: BOUNCE }],
        },
      ],
      idField: 'msys.message_event.event_id',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'us' },
    {
      name: 'X-MessageSystems-Batch-ID',
      value: { generated: { id: 'uuid' } },
      certainty: 'doc',
      note: 'of the batch, the same for every attempt',
      remarks: [{ text: 'its format is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: {
    value: BASIC_AUTHENTICATION,
    certainty: 'doc',
    note: 'nothing is signed; the secret is name:password; OAuth 2 or headers of your own may serve instead',
  },
  vectors: [{ ...BASIC_VECTOR, body: '[{"msys":{}}]' }],
  success: { value: { statuses: '2xx' }, certainty: 'doc' },
  timeoutMs: { value: 10_000, certainty: 'doc' },
  retries: {
    // 1m, 2m, 4m, 8m, 15m, 25m, 40m, 60m, 90m, 115m, 120m: eight hours
    delaysMs: {
      value: [
        60_000, 120_000, 240_000, 480_000, 900_000, 1_500_000, 2_400_000, 3_600_000, 5_400_000, 6_900_000, 7_200_000,
      ],
      certainty: 'us',
      note: 'twelve attempts within eight hours, at increasing intervals [doc]; the steps are ours',
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  batch: { value: { shape: 'array', max: 350, mixesEvents: true }, certainty: 'pub', note: '350 events or more' },
  notes: [
    { text: 'a new webhook is tested with [{"msys":{}}], which must be answered with 200', certainty: 'doc' },
    { text: 'it only calls ports 80 and 443, from the addresses of wh.egress.sparkpost.com', certainty: 'doc' },
    {
      text: 'the header X-MessageSystems-Webhook-Token holds a token, not a signature, and is deprecated',
      certainty: 'doc',
    },
  ],
} as const satisfies Vendor;
