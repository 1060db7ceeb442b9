// https://postmarkapp.com/developer/webhooks/webhooks-overview: what it tells of mails that were sent.
import type { Field, Vendor } from '../model/vendor.ts';
import { BASIC_AUTHENTICATION, BASIC_VECTOR } from './basic-authentication.ts';

const HEAD = [
  { name: 'RecordType', type: 'string', certainty: 'pub', generated: 'event-name' },
] as const satisfies readonly Field[];

const MESSAGE = [
  { name: 'ServerID', type: 'integer', certainty: 'inf', example: 17 },
  { name: 'MessageStream', type: 'string', certainty: 'inf', example: 'outbound' },
  { name: 'MessageID', type: 'string', certainty: 'inf', generated: { id: 'uuid' } },
] as const satisfies readonly Field[];

const TAIL = [
  { name: 'Tag', type: 'string', certainty: 'inf', example: 'order', minimal: '' },
  { name: 'Metadata', type: 'object', certainty: 'inf', anyKeys: true, example: { order: '17' }, minimal: {} },
] as const satisfies readonly Field[];

export const postmark = {
  id: 'postmark',
  title: 'Postmark',
  documentation: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  publicSource: 'https://github.com/anymail/django-anymail/blob/8c40cc4/anymail/webhooks/postmark.py',
  asOf: '2026-11-28',

  events: [
    {
      name: 'Delivery',
      summary: "the recipient's server accepted a mail",
      certainty: 'pub',
      fields: [
        ...HEAD,
        ...MESSAGE,
        { name: 'Recipient', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
        { name: 'DeliveredAt', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
        { name: 'Details', type: 'string', certainty: 'inf', prose: 'line', example: '250 2.0.0 OK', minimal: '' },
        ...TAIL,
      ],
    },
    {
      name: 'Bounce',
      summary: 'a mail bounced',
      certainty: 'pub',
      fields: [
        ...HEAD,
        ...MESSAGE,
        { name: 'ID', type: 'integer', certainty: 'inf', generated: { digits: 12 } },
        { name: 'Type', type: 'string', certainty: 'inf', example: 'HardBounce' },
        { name: 'TypeCode', type: 'integer', certainty: 'inf', example: 1 },
        {
          name: 'Description',
          type: 'string',
          certainty: 'inf',
          prose: 'line',
          example: 'The mailbox does not exist.',
        },
        { name: 'Email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
        { name: 'From', type: 'string', certainty: 'inf', example: 'shop@example.com' },
        { name: 'BouncedAt', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
        { name: 'Subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
        ...TAIL,
      ],
      idField: 'ID',
    },
    {
      name: 'SpamComplaint',
      summary: 'a recipient marked a mail as spam',
      certainty: 'pub',
      fields: [
        ...HEAD,
        ...MESSAGE,
        { name: 'ID', type: 'integer', certainty: 'inf', generated: { digits: 12 } },
        { name: 'Email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
        { name: 'From', type: 'string', certainty: 'inf', example: 'shop@example.com' },
        { name: 'BouncedAt', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
        { name: 'Subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
        ...TAIL,
      ],
      idField: 'ID',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'doc' },
    {
      name: 'X-PM-Webhook-Trace-Id',
      value: { generated: { id: 'uuid' } },
      certainty: 'doc',
      note: 'the same for every attempt',
      remarks: [{ text: 'its format is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: {
    value: BASIC_AUTHENTICATION,
    certainty: 'doc',
    note: 'nothing is signed; the secret is name:password, as in the URL or in HttpAuth; or own headers serve',
  },
  vectors: [{ ...BASIC_VECTOR, body: '{"RecordType":"Delivery"}' }],
  success: {
    value: { statuses: '2xx', redirects: { follow: 10 } },
    certainty: 'doc',
    note: 'others report that up to ten redirects are followed [pub]',
  },
  timeoutMs: { value: 30_000, certainty: 'us' },
  retries: {
    // 1m, 5m, 10m, 10m, 10m, 15m
    delaysMs: {
      value: [60_000, 300_000, 600_000, 600_000, 600_000, 900_000],
      certainty: 'inf',
      note: 'sources differ: another one says nine retries, 1, 5, 15, then 1, 5, 10, 10, 10, 15 minutes',
    },
    onlyOn: { value: ['5xx', 408, 429, 'no-answer'], certainty: 'doc', note: 'after another 4xx the event is dropped' },
    attemptHeaders: [{ name: 'X-PM-Retries-Remaining', value: 'left', certainty: 'doc' }],
  },
  trust: {
    networks: {
      value: ['3.134.147.250/32', '50.31.156.6/32', '50.31.156.77/32', '18.217.206.57/32'],
      certainty: 'pub',
      source: 'https://github.com/symfony/symfony src/Symfony/Component/Mailer/Bridge/Postmark',
      note: 'as pinned there in 2024',
    },
  },
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 'before a webhook is saved its URL must answer 200', certainty: 'pub' },
    { text: 'inbound mail, which has rules of its own, is not built in', certainty: 'us' },
  ],
} as const satisfies Vendor;
