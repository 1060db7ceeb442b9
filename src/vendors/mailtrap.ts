// https://docs.mailtrap.io/developers/webhooks; the verifier is public: https://github.com/mailtrap/mailtrap-nodejs
import type { Field, Vendor } from '../model/vendor.ts';

const FIELDS = [
  { name: 'event', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: 'sending_stream', type: 'string', certainty: 'pub', example: 'transactional' },
  { name: 'category', type: 'string', certainty: 'pub', prose: 'line', example: 'Bestellbestätigung' },
  { name: 'message_id', type: 'string', certainty: 'pub', generated: { id: 'uuid' } },
  { name: 'email', type: 'string', certainty: 'pub', example: 'mia.mueller@example.com' },
  { name: 'event_id', type: 'string', certainty: 'pub', generated: { id: 'uuid' } },
  { name: 'timestamp', type: 'integer', certainty: 'pub', generated: { time: 's' } },
] as const satisfies readonly Field[];

export const mailtrap = {
  id: 'mailtrap',
  title: 'Mailtrap',
  documentation: 'https://docs.mailtrap.io/email-api-smtp/advanced/webhooks',
  publicSource: 'https://github.com/mailtrap/mailtrap-nodejs/tree/eaab34a/src/lib/webhooks',
  asOf: '2026-11-28',

  events: [
    { name: 'delivery', summary: 'a mail was delivered', certainty: 'pub', fields: FIELDS, idField: 'event_id' },
    {
      name: 'bounce',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: [
        ...FIELDS,
        { name: 'response', type: 'string', certainty: 'inf', prose: 'line', example: 'bounced (550 no such mailbox)' },
        { name: 'response_code', type: 'integer', certainty: 'inf', example: 550 },
        { name: 'bounce_category', type: 'string', certainty: 'inf', example: 'badmailbox' },
      ],
      idField: 'event_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: { at: { header: 'Mailtrap-Signature' }, algorithm: 'hmac-sha256', message: ['body'], format: '{v}' },
    certainty: 'pub',
    note: 'in six SDKs, since May 2026; X-Mailtrap-Signature, which tutorials read, is never sent',
  },
  vectors: [
    {
      name: "Mailtrap's own",
      secret: '8d9a3c0e7f5b2d4a6c1e9f8b3a7d5c2e',
      headers: { 'Content-Type': 'application/json' },
      body:
        '{"event":"delivery","sending_stream":"transactional","category":"welcome","message_id":"a8' +
        'b1d8f6-1f8d-4a3c-9b2e-1a2b3c4d5e6f","email":"recipient@example.com","event_id":"f1e2d3c4-b' +
        '5a6-7890-1234-567890abcdef","timestamp":1716070000}',
      signature: '6d262e2611cd09be1f948382b5c611d63b0e585c4c9c5e40139d6ac3876d5433',
      source: 'https://github.com/mailtrap/mailtrap-nodejs src/__tests__/lib/webhooks/verify-signature.test.ts',
    },
  ],
  success: { value: { statuses: [200] }, certainty: 'doc' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: { delaysMs: { value: { everyMs: 300_000, forMs: 12_000_000 }, certainty: 'doc', note: '40 times' } },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  batch: {
    value: { shape: { wrappedIn: 'events' }, max: 500, mixesEvents: true },
    certainty: 'inf',
    note: 'the wrapper is documented, the maximum number of events is ours',
  },
  notes: [{ text: 'a webhook may be configured to send JSON Lines instead (application/jsonl)', certainty: 'doc' }],
} as const satisfies Vendor;
