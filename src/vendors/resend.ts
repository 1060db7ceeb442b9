// https://resend.com/docs/webhooks/retries-and-replays; sent by Svix.
import type { Field, Vendor } from '../model/vendor.ts';
import { MESSAGE_ID_NOTE, SVIX_DELAYS_MS, SVIX_SIGNATURE } from './standard-webhooks-scheme.ts';

const EMAIL = [
  { name: 'created_at', type: 'string', certainty: 'pub', generated: { time: 'iso-ms' } },
  { name: 'email_id', type: 'string', certainty: 'pub', generated: { id: 'uuid' } },
  { name: 'from', type: 'string', certainty: 'pub', example: 'Shop <shop@example.com>' },
  { name: 'to', type: 'array', certainty: 'pub', example: ['mia.mueller@example.com'], items: { type: 'string' } },
  {
    name: 'subject',
    type: 'string',
    certainty: 'pub',
    prose: 'line',
    example: 'Ihre Bestellung / Your order',
    minimal: '',
  },
] as const satisfies readonly Field[];

const ENVELOPE = [
  { name: 'type', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: 'created_at', type: 'string', certainty: 'pub', generated: { time: 'iso-ms' } },
] as const satisfies readonly Field[];

const EMAIL_FIELDS = [
  ...ENVELOPE,
  { name: 'data', type: 'object', certainty: 'pub', fields: EMAIL },
] as const satisfies readonly Field[];

const BOUNCED_FIELDS = [
  ...ENVELOPE,
  {
    name: 'data',
    type: 'object',
    certainty: 'pub',
    fields: [
      ...EMAIL,
      {
        name: 'bounce',
        type: 'object',
        certainty: 'inf',
        optional: true,
        fields: [
          { name: 'message', type: 'string', certainty: 'inf', example: 'The mailbox does not exist.' },
          { name: 'type', type: 'string', certainty: 'inf', example: 'Permanent' },
          { name: 'subType', type: 'string', certainty: 'inf', example: 'General' },
        ],
      },
    ],
  },
] as const satisfies readonly Field[];

export const resend = {
  id: 'resend',
  title: 'Resend',
  documentation: 'https://resend.com/docs/webhooks/retries-and-replays',
  publicSource: 'https://github.com/resend/resend-node/blob/3f67459/src/webhooks/webhooks.ts',
  asOf: '2026-11-28',

  events: [
    { name: 'email.sent', summary: 'a mail was handed to the sending servers', certainty: 'pub', fields: EMAIL_FIELDS },
    {
      name: 'email.delivered',
      summary: "the recipient's server accepted a mail",
      certainty: 'inf',
      fields: EMAIL_FIELDS,
    },
    {
      name: 'email.bounced',
      summary: "the recipient's server refused a mail for good",
      certainty: 'inf',
      fields: BOUNCED_FIELDS,
    },
  ],
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'us' },
    {
      name: 'svix-id',
      value: { generated: { id: 'msg_[a-zA-Z0-9]{27}' } },
      certainty: 'pub',
      note: MESSAGE_ID_NOTE,
      remarks: [{ text: 'its format is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: { value: SVIX_SIGNATURE, certainty: 'pub' },
  vectors: [
    {
      name: 'with Windows line endings',
      secret: 'whsec_ESwTAuuIe3yfH4DgdgI+ENsiNzPAGdp+',
      id: '172c41ce-ba6d-4281-8a7a-541faa725748',
      timestamp: '1712569389',
      headers: { 'Content-Type': 'application/json' },
      body: [
        '{',
        '    "created_at": "2024-04-08T09:43:09.500Z",',
        '    "data": {',
        '        "created_at": "2024-04-08T09:43:09.438Z",',
        '        "email_id": "172c41ce-ba6d-4281-8a7a-541faa725748",',
        '        "from": "test@resend.com",',
        '        "headers": [',
        '            {',
        '                "name": "Sender",',
        '                "value": "test@resend.com"',
        '            }',
        '        ],',
        '        "subject": "Test subject",',
        '        "to": [',
        '            "test@example.com"',
        '        ]',
        '    },',
        '    "type": "email.sent"',
        '}',
        '',
      ].join('\r\n'),
      signature: 'v1,4wjuRp64yC/2itgCQwl2xPePVwSPTdPbXLIY6IxGLTA=',
      source: 'https://github.com/symfony/symfony src/Symfony/Component/Mailer/Bridge/Resend/Tests/Webhook',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc', note: 'a 3xx is a failure' },
  timeoutMs: { value: 30_000, certainty: 'inf', note: 'as the server of Svix is configured' },
  retries: {
    delaysMs: { value: SVIX_DELAYS_MS, certainty: 'doc', note: 'the steps are those of Svix' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 'its current SDK verifies with the library of Standard Webhooks', certainty: 'pub' },
    { text: 'webhooks can be replayed from the dashboard and over the API', certainty: 'doc' },
  ],
} as const satisfies Vendor;
