// https://developers.mailersend.com/api/v1/webhooks.html
// The verifier is public: https://github.com/mailersend/mailersend-nodejs
import type { Field, Vendor } from '../model/vendor.ts';
import { ASSUMED_DELAYS_MS } from './retry-rule.ts';

const OBJECT_ID = { id: '[0-9a-f]{24}' } as const;
const MICROSECONDS = { time: 'YYYY-MM-DDTHH:mm:ss.SSSSSSZ' } as const;

const HEAD = [
  { name: 'type', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: 'domain_id', type: 'string', certainty: 'pub', example: 'dom17hookproof' },
  { name: 'created_at', type: 'string', certainty: 'pub', generated: MICROSECONDS },
  { name: 'webhook_id', type: 'string', certainty: 'pub', example: 'hook17hookproof' },
  { name: 'url', type: 'string', certainty: 'pub', example: 'https://receiver.example.com/hook' },
] as const satisfies readonly Field[];

const EMAIL = {
  name: 'email',
  type: 'object',
  certainty: 'pub',
  fields: [
    { name: 'object', type: 'string', certainty: 'pub', example: 'email' },
    { name: 'id', type: 'string', certainty: 'pub', generated: OBJECT_ID },
    { name: 'created_at', type: 'string', certainty: 'pub', generated: MICROSECONDS },
    { name: 'from', type: 'string', certainty: 'pub', example: 'shop@example.com' },
    { name: 'subject', type: 'string', certainty: 'pub', prose: 'line', example: 'Ihre Bestellung / Your order' },
    { name: 'status', type: 'string', certainty: 'pub', example: 'sent' },
    {
      name: 'tags',
      type: 'array',
      certainty: 'pub',
      nullable: true,
      example: ['bestellung'],
      minimal: null,
      items: { type: 'string' },
    },
    {
      name: 'recipient',
      type: 'object',
      certainty: 'pub',
      fields: [
        { name: 'object', type: 'string', certainty: 'pub', example: 'recipient' },
        { name: 'id', type: 'string', certainty: 'pub', generated: OBJECT_ID },
        { name: 'email', type: 'string', certainty: 'pub', example: 'mia.mueller@example.com' },
        { name: 'created_at', type: 'string', certainty: 'pub', generated: MICROSECONDS },
      ],
    },
  ],
} as const satisfies Field;

const ACTIVITY_HEAD = [
  { name: 'object', type: 'string', certainty: 'pub', example: 'activity' },
  { name: 'id', type: 'string', certainty: 'pub', generated: OBJECT_ID },
] as const satisfies readonly Field[];

const ACTIVITY_TIME = {
  name: 'created_at',
  type: 'string',
  certainty: 'pub',
  generated: MICROSECONDS,
} as const satisfies Field;

const BOUNCE = {
  name: 'morph',
  type: 'object',
  certainty: 'inf',
  fields: [
    { name: 'object', type: 'string', certainty: 'inf', example: 'recipient_bounce' },
    { name: 'reason', type: 'string', certainty: 'inf', prose: 'line', example: 'The mailbox does not exist' },
  ],
} as const satisfies Field;

export const mailersend = {
  id: 'mailersend',
  title: 'MailerSend',
  documentation: 'https://developers.mailersend.com/api/v1/webhooks.html',
  publicSource: 'https://github.com/mailersend/mailersend-nodejs/blob/0b1b677/src/services/mailersend.utils.ts',
  asOf: '2026-11-28',

  events: [
    {
      name: 'activity.sent',
      summary: 'a mail was sent',
      certainty: 'pub',
      fields: [
        ...HEAD,
        {
          name: 'data',
          type: 'object',
          certainty: 'pub',
          fields: [
            ...ACTIVITY_HEAD,
            { name: 'type', type: 'string', certainty: 'pub', example: 'sent' },
            ACTIVITY_TIME,
            EMAIL,
          ],
        },
      ],
      idField: 'data.id',
    },
    {
      name: 'activity.hard_bounced',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'data',
          type: 'object',
          certainty: 'inf',
          fields: [
            ...ACTIVITY_HEAD,
            { name: 'type', type: 'string', certainty: 'inf', example: 'hard_bounced' },
            ACTIVITY_TIME,
            EMAIL,
            BOUNCE,
          ],
        },
      ],
      idField: 'data.id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: { at: { header: 'Signature' }, algorithm: 'hmac-sha256', message: ['body'], format: '{v}' },
    certainty: 'doc',
    note: "the SDK's README writes x-mailersend-signature; the documentation and every receiver say Signature",
  },
  vectors: [
    {
      name: "with PHP's slashes",
      secret: 'yXdTVu1YewsKiuN2bcILlFHsljmR9kaU',
      headers: { 'Content-Type': 'application/json' },
      body:
        '{"type":"activity.sent","domain_id":"test_domain","created_at":"2022-09-08T20:06:12.062074' +
        'Z","webhook_id":"webhook_test","url":"https:\\/\\/webhook.site\\/test","data":{"object":"a' +
        'ctivity","id":"631a6250bd4f6bd6844a2307","type":"sent","created_at":"2022-09-08T20:06:12.0' +
        '51000Z","email":{"object":"email","id":"631a6250bd4f6bd6844a2307","created_at":"2022-09-08' +
        'T20:06:11.887000Z","from":"donotreply@mailsender.com","subject":"Test Message","status":"s' +
        'ent","tags":null,"message":{"object":"message","id":"631a6250bd4f6bd6844a2307","created_at' +
        '":"2022-09-08T20:06:11.399000Z"},"recipient":{"object":"recipient","id":"631a6250bd4f6bd68' +
        '44a2307","email":"test@test.com","created_at":"2022-03-31T21:31:37.304000Z"}},"morph":null' +
        ',"template_id":""}}',
      signature: '445e75aab3d8ea9169d134189a2814f06858977bd9cdc69324264e39f47bda2e',
      source: 'https://github.com/mailersend/mailersend-nodejs src/__tests__/services/mailersend.utils.test.ts',
    },
    {
      name: 'indented, without its line breaks',
      secret: 'GvLY88Uyj70jQm3fUwYyWmAaiz98wWim',
      headers: { 'Content-Type': 'application/json' },
      body:
        '{    "type": "activity.sent",    "domain_id": "7z3m5jgrogdpyo6n",    "created_at": "2024-0' +
        '1-01T12:00:00.000000Z",    "webhook_id": "7z3m5jgrogdpyo6n",    "url": "https://www.mailer' +
        'send.com/webhook",    "data": {        "object": "activity",        "id": "62f114f8165fe0d' +
        '8db0288e5",        "type": "sent",        "created_at": "2024-01-01T12:00:00.000000Z",    ' +
        '    "email": {            "object": "email",            "id": "62f114f7165fe0d8db0288e2", ' +
        '           "created_at": "2024-01-01T12:00:00.000000Z",            "from": "test@mailersen' +
        'd.com",            "subject": "Test subject",            "status": "sent",            "tag' +
        's": ["test-tag"],            "headers": null,            "message": {                "obje' +
        'ct": "message",                "id": "62fb66bef54a112e920b5493",                "created_a' +
        't": "2024-01-01T12:00:00.000000Z"            },            "recipient": {                "' +
        'object": "recipient",                "id": "62c69be104270ee9c0074d32",                "ema' +
        'il": "test@example.com",                "created_at": "2024-01-01T12:00:00.000000Z"       ' +
        '     }        },        "morph": null,        "template_id": "0z76k5jg0o3yeg2d"    }}',
      signature: 'e60f87b019f0aaae29042b14762991765ebb0cd6f6d42884af9fccca4cbd16e7',
      source: 'https://github.com/symfony/symfony src/Symfony/Component/Mailer/Bridge/MailerSend/Tests/Webhook',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    delaysMs: { value: ASSUMED_DELAYS_MS, certainty: 'us' },
  },
  trust: {},
  jsonStyle: { value: 'php', certainty: 'pub', note: 'a slash is written \\/' },
  notes: [
    { text: 'ten failures in a day trigger a notice, twenty pause the webhook', certainty: 'doc' },
    { text: 'every webhook has its own secret, and so does an inbound route', certainty: 'doc' },
  ],
} as const satisfies Vendor;
