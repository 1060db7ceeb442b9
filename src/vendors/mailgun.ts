// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks
import type { Field, Vendor } from '../model/vendor.ts';

const SIGNATURE = {
  name: 'signature',
  type: 'object',
  certainty: 'pub',
  fields: [
    { name: 'token', type: 'string', certainty: 'pub', generated: { id: '[0-9a-f]{50}' } },
    { name: 'timestamp', type: 'string', certainty: 'pub', generated: { time: 's' } },
    { name: 'signature', type: 'string', certainty: 'pub', example: '', note: 'over the time and the token only' },
  ],
} as const satisfies Field;

const EVENT_HEAD = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: '[a-zA-Z0-9]{22}' } },
  { name: 'timestamp', type: 'number', certainty: 'inf', generated: { time: 's-decimal' } },
  { name: 'event', type: 'string', certainty: 'pub', generated: 'event-name' },
] as const satisfies readonly Field[];

const EVENT_TAIL = [
  { name: 'recipient', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  {
    name: 'message',
    type: 'object',
    certainty: 'inf',
    fields: [
      {
        name: 'headers',
        type: 'object',
        certainty: 'inf',
        fields: [
          { name: 'to', type: 'string', certainty: 'inf', example: 'Mia Müller <mia.mueller@example.com>' },
          { name: 'from', type: 'string', certainty: 'inf', example: 'Shop <shop@example.com>' },
          { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
          {
            name: 'message-id',
            type: 'string',
            certainty: 'inf',
            generated: { id: '[0-9]{14}.[0-9a-f]{16}@example.com' },
          },
        ],
      },
    ],
  },
  { name: 'tags', type: 'array', certainty: 'inf', example: ['order'], minimal: [], items: { type: 'string' } },
  { name: 'user-variables', type: 'object', certainty: 'inf', anyKeys: true, example: { order: '17' }, minimal: {} },
] as const satisfies readonly Field[];

export const mailgun = {
  id: 'mailgun',
  title: 'Mailgun',
  documentation: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-retries',
  publicSource: 'https://github.com/hookdeck/webhook-skills/tree/main/skills/mailgun-webhooks',
  asOf: '2026-11-28',

  events: [
    {
      name: 'delivered',
      summary: "the recipient's server accepted a mail",
      certainty: 'doc',
      fields: [
        SIGNATURE,
        { name: 'event-data', type: 'object', certainty: 'pub', fields: [...EVENT_HEAD, ...EVENT_TAIL] },
      ],
      idField: 'event-data.id',
    },
    {
      name: 'failed',
      summary: 'a mail could not be delivered: for good, or for now (severity)',
      certainty: 'inf',
      fields: [
        SIGNATURE,
        {
          name: 'event-data',
          type: 'object',
          certainty: 'pub',
          fields: [
            ...EVENT_HEAD,
            { name: 'severity', type: 'string', certainty: 'inf', example: 'permanent' },
            { name: 'reason', type: 'string', certainty: 'inf', prose: 'line', example: 'bounce' },
            ...EVENT_TAIL,
          ],
        },
      ],
      idField: 'event-data.id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: {
      at: { json: 'signature.signature' },
      algorithm: 'hmac-sha256',
      message: ['timestamp', { json: 'signature.token' }],
      format: '{v}',
      timestamp: { unit: 's', at: { json: 'signature.timestamp' }, isOfEvent: true },
    },
    certainty: 'pub',
    note: 'the content of the event is not signed; the key is the "HTTP webhook signing key", not that of the API',
  },
  vectors: [
    {
      name: 'of a delivered message; the signature covers only the time and the token in the body',
      secret: 'key-0p6mqbf74lb20gzq9f4dhpn9rg3zyk26',
      timestamp: '1661621787',
      headers: { 'Content-Type': 'application/json' },
      body:
        '{"signature":{"token":"d1931d9645b65e60f6fddf94448e982ff8db9256144a7fcb15","timestamp":"16' +
        '61621787","signature":"1aed11dcc25700d6b75f9a6d568343ea02ecdd3fc89cc3209e2883a19e5cdd50"},' +
        '"event-data":{"event":"delivered","id":"a-message"}}',
      signature: '1aed11dcc25700d6b75f9a6d568343ea02ecdd3fc89cc3209e2883a19e5cdd50',
      source:
        'the signature of https://github.com/symfony/symfony Mailer/Bridge/Mailgun/Tests/Webhook; ' +
        'recomputed with openssl dgst',
    },
  ],
  success: { value: { statuses: [200] }, certainty: 'doc' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    // 5m, 10m, 15m, 1h, 2h, 4h
    delaysMs: {
      value: [300_000, 600_000, 900_000, 3_600_000, 7_200_000, 14_400_000],
      certainty: 'doc',
      note: 'eight hours in all; older documentation says 10, 10, 15, 30 minutes, 1, 2, 4 hours',
    },
    delaysByEvent: { delivered: { value: [], certainty: 'doc', note: 'it is not sent again' } },
    neverOn: { value: [406], certainty: 'doc' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'signature and token stay the same over retries: only the token shows that a request is a repeat',
      certainty: 'inf',
    },
    {
      text: 'a parent account may add its own signature, in signature.parent-signature, with its own key',
      certainty: 'pub',
    },
    { text: 'inbound routes come as forms with the same three fields; they are not built in', certainty: 'pub' },
  ],
} as const satisfies Vendor;
