// https://developers.messagebird.com/api/#verifying-http-requests: MessageBird before it was Bird. Its verifiers are
// public: https://github.com/messagebird/messagebird-nodejs
import type { Field, Vendor } from '../model/vendor.ts';

const SHOP = 'https://example.com/path?bar=1&foo=2';
const VECTORS = 'https://github.com/messagebird/messagebird-nodejs lib/testdata/webhook-signature-jwt-reference.json';
const SECRET = '36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb';

const FIELDS = [
  { name: 'type', type: 'string', certainty: 'inf', generated: 'event-name' },
  {
    name: 'contact',
    type: 'object',
    certainty: 'inf',
    fields: [
      { name: 'id', type: 'string', certainty: 'inf', example: '9354647c5b144a2b4c99f3a1d2e40b17' },
      { name: 'displayName', type: 'string', certainty: 'inf', prose: 'line', example: 'Mia Müller' },
    ],
  },
  {
    name: 'message',
    type: 'object',
    certainty: 'inf',
    fields: [
      { name: 'id', type: 'string', certainty: 'inf', generated: { id: '[a-f0-9]{32}' } },
      { name: 'status', type: 'string', certainty: 'inf', example: 'received' },
      {
        name: 'content',
        type: 'object',
        certainty: 'inf',
        fields: [
          { name: 'text', type: 'string', certainty: 'inf', prose: 'line', example: 'Wo ist meine Bestellung?' },
        ],
      },
      { name: 'createdDatetime', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
    ],
  },
] as const satisfies readonly Field[];

export const messagebird = {
  id: 'messagebird',
  title: 'MessageBird',
  documentation: 'https://developers.messagebird.com/api/#verifying-http-requests',
  publicSource: 'https://github.com/messagebird/messagebird-nodejs/tree/2d8b7de/lib',
  asOf: '2026-11-28',

  events: [
    {
      name: 'message.created',
      summary: 'a message was received',
      certainty: 'inf',
      fields: FIELDS,
      idField: 'message.id',
    },
    {
      name: 'message.updated',
      summary: 'a message has a new status',
      certainty: 'inf',
      fields: FIELDS,
      idField: 'message.id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: {
      at: { header: 'MessageBird-Signature-JWT' },
      algorithm: 'hmac-sha256',
      message: [
        {
          jwt: {
            claims: {
              iss: 'MessageBird',
              nbf: { time: 0 },
              exp: { time: 60 },
              jti: { id: 'uuid' },
              url_hash: { text: [{ hash: 'sha256', of: ['url'] }] },
              payload_hash: { text: [{ hash: 'sha256', of: ['body'] }], withoutBody: 'left-out' },
            },
            algorithms: ['hmac-sha384', 'hmac-sha512'],
          },
        },
      ],
      format: '{v}',
      timestamp: {
        unit: 's',
        toleranceMs: { value: 65_000, certainty: 'pub', note: 'exp, and 5 s for clocks' },
        futureToleranceMs: { value: 5000, certainty: 'pub' },
      },
    },
    certainty: 'pub',
    note:
      'its Express middleware does not wait for the verdict: the next handler always runs (read in the code, ' +
      'not tried)',
  },
  vectors: [
    {
      name: 'with a body',
      secret: SECRET,
      timestamp: '1625479200',
      url: SHOP,
      body: 'Hello, World!',
      signature:
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.' +
        'eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LTQ1' +
        'MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0' +
        'YjI0MDA0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgx' +
        'YzdmNzBhNGIyODY4OGEzNjIxODI5ODZmIn0._H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I',
      source: VECTORS,
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: { delaysMs: { value: [], certainty: 'us' } },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
} as const satisfies Vendor;
