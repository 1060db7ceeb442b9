// https://mailchimp.com/developer/transactional/docs/webhooks/
import type { Field, Vendor } from '../model/vendor.ts';
import { ASSUMED_DELAYS_MS } from './retry-rule.ts';

const MESSAGE = [
  { name: 'ts', type: 'integer', certainty: 'inf', generated: { time: 's' } },
  { name: '_id', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{32}', shared: true } },
  { name: 'state', type: 'string', certainty: 'inf', example: 'sent' },
  { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
  { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  { name: 'tags', type: 'array', certainty: 'inf', example: ['order'], minimal: [], items: { type: 'string' } },
  { name: 'sender', type: 'string', certainty: 'inf', example: 'shop@example.com' },
] as const satisfies readonly Field[];

const HEAD = [
  { name: 'event', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: '_id', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{32}', shared: true } },
] as const satisfies readonly Field[];

const TIME = { name: 'ts', type: 'integer', certainty: 'inf', generated: { time: 's' } } as const satisfies Field;

export const mandrill = {
  id: 'mandrill',
  title: 'Mailchimp Transactional (Mandrill)',
  documentation: 'https://mailchimp.com/developer/transactional/docs/webhooks/',
  publicSource: 'https://github.com/anymail/django-anymail/blob/8c40cc4/anymail/webhooks/mandrill.py',
  asOf: '2026-11-28',

  events: [
    {
      name: 'send',
      summary: 'a mail was sent',
      certainty: 'inf',
      fields: [...HEAD, { name: 'msg', type: 'object', certainty: 'inf', fields: MESSAGE }, TIME],
      keyField: '_id',
    },
    {
      name: 'hard_bounce',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'msg',
          type: 'object',
          certainty: 'inf',
          fields: [
            ...MESSAGE,
            { name: 'bounce_description', type: 'string', certainty: 'inf', example: 'bad_mailbox' },
            { name: 'diag', type: 'string', certainty: 'inf', prose: 'line', example: '550 no such mailbox' },
          ],
        },
        TIME,
      ],
      keyField: '_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded', certainty: 'doc' }],
  signature: {
    value: {
      at: { header: 'X-Mandrill-Signature' },
      algorithm: 'hmac-sha1',
      message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
      encoding: ['base64'],
      format: '{v}',
    },
    certainty: 'doc',
    note: 'over the URL as registered, including its name and password',
  },
  handshakes: {
    value: [
      {
        id: 'created',
        title: 'a new URL answers HEAD with 200',
        when: 'create',
        method: 'HEAD',
        answer: { statuses: [200] },
      },
    ],
    certainty: 'doc',
    note: 'then comes a POST with no events, signed with the key test-webhook [pub]',
  },
  vectors: [
    {
      name: 'the check of a new address, under the key for tests',
      secret: 'test-webhook',
      url: 'http://localhost/',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'mandrill_events=%5B%5D',
      signature: 'QANhYzyeonX51wyzKImgnLZ27CE=',
      source: 'https://github.com/symfony/symfony Mailer/Bridge/Mailchimp/Tests/Webhook/MailchimpRequestParserTest.php',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    delaysMs: { value: ASSUMED_DELAYS_MS, certainty: 'us' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  body: { value: { format: 'form-json', field: 'mandrill_events' }, certainty: 'doc' },
  batch: { value: { shape: 'array', max: 1000, mixesEvents: true }, certainty: 'doc' },
} as const satisfies Vendor;
