// https://github.com/mailkite/server (lib/webhooks.mjs): the self-hosted MailKite server speaks its own dialect.
// Certainty tags: pub = that public code; us = said nowhere, our choice.
import type { Vendor } from '../model/vendor.ts';

/** As the README of the server shows it, its ellipsis included. */
const DOCUMENTED = {
  event: 'inbound',
  domain: 'yourdomain.com',
  rcpt: 'you@yourdomain.com',
  mailfrom: 'sender@far.example',
  from: 'Alice <alice@far.example>',
  subject: 'hello',
  uid: 42,
  receivedAt: '2026-08-02T12:00:00.000Z',
  raw_url: 'https://…/api/admin/raw?mailbox=INBOX&uid=42',
};

export const mailkiteSelfhost = {
  id: 'mailkite-selfhost',
  title: 'MailKite, self-hosted',
  documentation: 'https://github.com/mailkite/server',
  asOf: '2026-11-22',

  events: [
    {
      name: 'inbound',
      summary: 'a mail arrived: its metadata, and where to fetch the full mail',
      certainty: 'pub',
      fields: [
        { name: 'event', type: 'string', certainty: 'pub', generated: 'event-name' },
        { name: 'domain', type: 'string', certainty: 'pub', example: 'example.org' },
        { name: 'rcpt', type: 'string', certainty: 'pub', example: 'support@example.org', note: 'envelope recipient' },
        {
          name: 'mailfrom',
          type: 'string',
          certainty: 'pub',
          example: 'bounces@mail.example.com',
          minimal: '',
          note: 'envelope sender; blank for a bounce',
        },
        {
          name: 'from',
          type: 'string',
          certainty: 'pub',
          example: 'robin@example.com',
          minimal: '',
          note: 'a string, not an object',
        },
        {
          name: 'subject',
          type: 'string',
          prose: 'line',
          certainty: 'pub',
          example: 'Grüße / your order 1042',
          minimal: '',
        },
        {
          name: 'uid',
          type: 'integer',
          certainty: 'pub',
          generated: 'uid',
          note: 'number of the message in its mailbox',
        },
        {
          name: 'receivedAt',
          type: 'string',
          certainty: 'pub',
          generated: { time: 'iso-ms' },
          note: 'text, not a number of ms',
        },
        {
          name: 'raw_url',
          type: 'string',
          certainty: 'pub',
          generated: 'raw-url',
          note: 'needs the admin credentials',
        },
      ],
      examples: { documented: { value: DOCUMENTED, certainty: 'pub' } },
      fromMail: 'mailkite-selfhost-message',
      perRecipient: true,
      // Nothing else in the request identifies the message.
      idField: 'uid',
    },
  ],
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'pub' },
    { name: 'x-mailkite-event', value: { field: 'event' }, certainty: 'pub' },
    { name: 'user-agent', value: 'MailKite-Server/1.0', certainty: 'pub' },
  ],
  signature: {
    value: {
      at: { header: 'x-mailkite-signature' },
      algorithm: 'hmac-sha256',
      message: ['timestamp', { text: '.' }, 'body'],
      format: 't={t},v1={v}',
      // Seconds here, milliseconds in the hosted service; the tolerance is that one's, the self-hosted code names none.
      timestamp: { unit: 's', toleranceMs: { value: 300_000, certainty: 'us' } },
      key: { encoding: 'utf8', prefix: 'whsec_', keepsPrefix: true },
    },
    certainty: 'pub',
  },
  vectors: [
    {
      name: 't in seconds',
      secret: 'whsec_mailkite_test',
      timestamp: '1750000000',
      body: '{"event":"inbound","domain":"example.org","rcpt":"support@example.org"}',
      signature: 't=1750000000,v1=5dc70ae88c98516577bbf66202c4d8704ddd912ec87a48bbe57c1104bf861c55',
      source: 'openssl dgst -sha256 -hmac',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'pub' },
  timeoutMs: { value: 10_000, certainty: 'pub' },
  retries: {
    // 1m, 5m, 30m, 30m: five attempts
    delaysMs: { value: [60_000, 300_000, 1_800_000, 1_800_000], certainty: 'pub' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 't is in seconds, not in milliseconds as in the hosted service', certainty: 'pub' },
    {
      text:
        'routes match support, support-*, *-agent, ticket+* and *, with @domain or without, no /regex/; every active ' +
        "one that matches gets the message, and the domain's own webhook also gets every message",
      certainty: 'pub',
      source: 'https://github.com/mailkite/server/blob/5db8953/docs/routes.md',
      asOf: '2026-11-29',
    },
    {
      text: "a route signs with its own secret, the domain's webhook with the domain's; there is no account secret",
      certainty: 'pub',
      source: 'https://github.com/mailkite/server/blob/5db8953/api-local/lib/webhooks.mjs',
      asOf: '2026-11-29',
    },
    {
      text: 'redirects are not followed, though the public code leaves them to fetch, which follows them',
      certainty: 'us',
    },
  ],
} as const satisfies Vendor;
