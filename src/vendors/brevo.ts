// https://developers.brevo.com/docs/secured-webhooks, …/retry-mechanism, …/batch-webhooks
import type { Field, Vendor } from '../model/vendor.ts';

const FIELDS = [
  { name: 'event', type: 'string', certainty: 'inf', generated: 'event-name' },
  { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  { name: 'id', type: 'integer', certainty: 'inf', example: 17, note: 'of the webhook, not of the event' },
  { name: 'date', type: 'string', certainty: 'inf', generated: { time: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Paris' } },
  {
    name: 'ts',
    type: 'integer',
    certainty: 'pub',
    example: 1764237151,
    note: "in the account's time zone, so not a reliable time",
  },
  { name: 'message-id', type: 'string', certainty: 'inf', generated: { id: '<[0-9]{12}.[0-9]{11}@mail.example.com>' } },
  { name: 'ts_event', type: 'integer', certainty: 'pub', example: 1764237151, note: 'in the time zone of the account' },
  { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
  { name: 'tags', type: 'array', certainty: 'inf', example: ['order'], minimal: [], items: { type: 'string' } },
  { name: 'sending_ip', type: 'string', certainty: 'inf', example: '192.0.2.17' },
  {
    name: 'ts_epoch',
    type: 'integer',
    certainty: 'pub',
    generated: { time: 'ms' },
    note: 'the only time that is certainly UTC',
  },
] as const satisfies readonly Field[];

export const brevo = {
  id: 'brevo',
  title: 'Brevo',
  documentation: 'https://developers.brevo.com/docs/secured-webhooks',
  publicSource: 'https://github.com/anymail/django-anymail/blob/8c40cc4/anymail/webhooks/brevo.py',
  asOf: '2026-11-28',

  events: [
    {
      name: 'delivered',
      summary: "the recipient's server accepted a mail",
      certainty: 'inf',
      fields: FIELDS,
      keyField: 'message-id',
    },
    {
      name: 'hard_bounce',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: [
        ...FIELDS,
        { name: 'reason', type: 'string', certainty: 'inf', prose: 'line', example: 'no such mailbox' },
      ],
      keyField: 'message-id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: { at: { header: 'Authorization' }, algorithm: 'token', message: ['secret'], format: 'Bearer {v}' },
    certainty: 'doc',
    note: 'nothing is signed; the webhook may have basic authentication in its URL or a header of your own instead',
  },
  vectors: [
    {
      name: 'a token',
      secret: 'token-of-the-vectors',
      headers: { 'Content-Type': 'application/json' },
      body: '{"event":"delivered"}',
      signature: 'Bearer token-of-the-vectors',
      source: 'bearer tokens, RFC 6750',
    },
  ],
  success: {
    value: { statuses: '2xx' },
    certainty: 'doc',
    source: 'https://developers.brevo.com/docs/retry-mechanism',
  },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    // 10m, 1h, 2h, 8h
    delaysMs: {
      value: [600_000, 3_600_000, 7_200_000, 28_800_000],
      certainty: 'doc',
      source: 'https://developers.brevo.com/docs/retry-mechanism',
    },
    onlyOn: {
      value: [429, '5xx', 'no-answer'],
      certainty: 'inf',
      note:
        '"4xx response codes, with the exception of 429 and any 5xx, will stop all retry attempts and will discard ' +
        'the webhook" can be read in two ways',
    },
  },
  trust: {
    networks: {
      value: ['1.179.112.0/20', '172.246.240.0/20'],
      certainty: 'doc',
      source: 'https://help.brevo.com/hc/en-us/articles/15127404548498',
      note: 'the second was added in 2025: lists that were pinned before lack it',
    },
  },
  jsonStyle: { value: 'compact', certainty: 'us' },
  batch: {
    value: { shape: 'array', max: 500, mixesEvents: true, singleIsBare: true },
    certainty: 'doc',
    source: 'https://developers.brevo.com/docs/batch-webhooks',
    note: 'if the webhook is configured for it: the events of five minutes',
  },
  notes: [
    { text: 'an event has no id: a receiver distinguishes events by message, event and time', certainty: 'pub' },
    {
      text: 'while an endpoint does not answer, sending to it pauses for ten minutes',
      certainty: 'doc',
      source: 'https://developers.brevo.com/docs/retry-mechanism',
    },
    { text: 'inbound mail comes as {"items":[…]}; it is not built in', certainty: 'pub' },
  ],
} as const satisfies Vendor;
