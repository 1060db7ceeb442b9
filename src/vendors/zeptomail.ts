// https://www.zoho.com/zeptomail/help/webhooks.html
import type { Field, Vendor } from '../model/vendor.ts';
import { ASSUMED_DELAYS_MS } from './retry-rule.ts';

const HEAD = [
  { name: 'event_name', type: 'array', certainty: 'inf', items: { type: 'string', generated: 'event-name' } },
] as const satisfies readonly Field[];

const INFO = {
  name: 'email_info',
  type: 'object',
  fields: [
    { name: 'email_reference', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{32}' } },
    {
      name: 'client_reference',
      type: 'string',
      certainty: 'inf',
      prose: 'line',
      example: 'Bestellung 17',
      minimal: '',
    },
    { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Ihre Bestellung / Your order' },
    { name: 'processed_time', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
  ],
  certainty: 'inf',
} as const satisfies Field;

const MESSAGE = [INFO] as const satisfies readonly Field[];

const TAIL = [
  { name: 'mailagent_key', type: 'string', certainty: 'inf', example: 'hookproof17' },
  { name: 'webhook_request_id', type: 'string', certainty: 'inf', generated: { id: 'uuid' } },
] as const satisfies readonly Field[];

export const zeptomail = {
  id: 'zeptomail',
  title: 'Zoho ZeptoMail',
  documentation: 'https://www.zoho.com/zeptomail/help/webhooks.html',
  asOf: '2026-11-28',

  events: [
    {
      name: 'hardbounce',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'event_message', type: 'array', certainty: 'inf', items: { type: 'object', fields: MESSAGE } },
        ...TAIL,
      ],
      idField: 'webhook_request_id',
    },
    {
      name: 'softbounce',
      summary: "the recipient's server temporarily refused a mail",
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'event_message', type: 'array', certainty: 'inf', items: { type: 'object', fields: MESSAGE } },
        ...TAIL,
      ],
      idField: 'webhook_request_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'pub', note: 'older ones: a form, data=' }],
  signature: {
    value: {
      at: { header: 'producer-signature' },
      algorithm: 'hmac-sha256',
      message: ['body'],
      encoding: ['base64', 'percent'],
      format: 'ts={t};s={v};s-algorithm=HmacSHA256',
      timestamp: { unit: 'ms', toleranceMs: { value: 300_000, certainty: 'us' } },
    },
    certainty: 'pub',
    note: 'seen in eight receivers, five of which sign only the body; the time is not signed',
  },
  vectors: [
    {
      name: 'a bounce',
      secret: 'key-of-the-vectors',
      timestamp: '1764237151000',
      headers: { 'Content-Type': 'application/json' },
      body: '{"event_name":["hardbounce"],"mailagent_key":"hookproof"}',
      signature: 'ts=1764237151000;s=G5UMYlqpuODbO7cMfFeHJRnILBoTtHDV7QoPfB4d4Fs%3D;s-algorithm=HmacSHA256',
      source: 'openssl dgst -sha256 -hmac -binary | base64, percent-encoded, as five public receivers do',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    delaysMs: { value: ASSUMED_DELAYS_MS, certainty: 'us' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 'a new webhook is tested with an unsigned POST, which must be answered with 200', certainty: 'inf' },
    { text: 'newer webhooks offer a custom header instead of a key', certainty: 'inf' },
  ],
} as const satisfies Vendor;
