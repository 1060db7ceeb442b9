// https://mailkite.dev/docs/receiving and https://mailkite.dev/docs/webhook-delivery
// Certainty tags: doc = those pages; pub = seen in MailKite's public code (github.com/mailkite); us = our choice.
import type { Field, Vendor } from '../model/vendor.ts';
import { MESSAGE_ID } from './generated-forms.ts';
import {
  ATTACHMENT_FIELDS,
  SAMPLE_ATTACHMENT,
  SAMPLE_ATTACHMENT_BASE64,
  SAMPLE_ATTACHMENT_BYTES,
} from './mailkite-attachment.ts';
import { ENGAGEMENT_EVENTS } from './mailkite-engagement.ts';

/** `name` is left out when it is unknown, never null. */
const MAILBOX_NAME_NOTE = 'left out when unknown, never null';

const LEFT_OUT = { text: "the documentation's example leaves it out", certainty: 'doc', about: 'absence' } as const;

const RECEIVED_FIELDS = [
  {
    name: 'id',
    type: 'string',
    certainty: 'doc',
    generated: MESSAGE_ID,
    note: 'stable over retries: the idempotency key',
  },
  { name: 'type', type: 'string', certainty: 'doc', generated: 'event-name' },
  {
    name: 'from',
    type: 'object',
    certainty: 'doc',
    fields: [
      { name: 'address', type: 'string', certainty: 'doc', example: 'robin@example.com' },
      {
        name: 'name',
        type: 'string',
        prose: 'line',
        certainty: 'pub',
        optional: true,
        example: 'Robin Müller',
        note: MAILBOX_NAME_NOTE,
      },
    ],
  },
  {
    name: 'to',
    type: 'array',
    certainty: 'doc',
    remarks: [
      { text: 'one recipient: a mail to several creates one event for each', certainty: 'pub', about: 'meaning' },
    ],
    items: {
      type: 'object',
      fields: [
        { name: 'address', type: 'string', certainty: 'doc', example: 'support@example.org' },
        {
          name: 'name',
          type: 'string',
          prose: 'line',
          certainty: 'pub',
          optional: true,
          example: 'Support',
          note: MAILBOX_NAME_NOTE,
        },
      ],
    },
  },
  {
    name: 'subject',
    type: 'string',
    prose: 'line',
    certainty: 'doc',
    nullable: true,
    example: 'Re: order 1042 / Grüße',
    minimal: null,
  },
  {
    name: 'text',
    type: 'string',
    prose: 'long',
    certainty: 'doc',
    nullable: true,
    example: 'Looks good, thank you!\n',
    minimal: null,
  },
  {
    name: 'html',
    type: 'string',
    prose: 'long',
    certainty: 'doc',
    nullable: true,
    example: '<p>Looks good, thank you!</p>\n',
    minimal: null,
  },
  {
    name: 'threadId',
    type: 'string',
    certainty: 'doc',
    nullable: true,
    generated: { id: '<[a-z0-9]{20}@mail.example.com>' },
    minimal: null,
    note: 'In-Reply-To, else Message-ID, else null',
  },
  {
    name: 'receivedAt',
    type: 'integer',
    certainty: 'pub',
    generated: { time: 'ms' },
    optional: true,
    note: 'arrival in ms; unchanged on retry',
    remarks: [LEFT_OUT],
  },
  {
    name: 'receivedAtIso',
    type: 'string',
    certainty: 'pub',
    generated: { time: 'iso-ms' },
    optional: true,
    note: 'the same instant as receivedAt',
    remarks: [LEFT_OUT],
  },
  {
    name: 'auth',
    type: 'object',
    certainty: 'doc',
    note: 'all four keys are always there',
    fields: [
      { name: 'spf', type: 'string', certainty: 'doc', nullable: true, example: 'pass', minimal: null },
      { name: 'dkim', type: 'string', certainty: 'doc', nullable: true, example: 'pass', minimal: null },
      { name: 'dmarc', type: 'string', certainty: 'doc', nullable: true, example: 'pass', minimal: null },
      {
        name: 'spam',
        type: 'string',
        certainty: 'doc',
        nullable: true,
        example: 'ham',
        minimal: null,
        values: { value: ['ham', 'spam'], certainty: 'doc' },
      },
    ],
  },
  {
    name: 'attachments',
    type: 'array',
    certainty: 'doc',
    minimal: [],
    items: { type: 'object', fields: ATTACHMENT_FIELDS },
  },
] as const satisfies readonly Field[];

/** As the documentation shows it, its ellipses included. */
const DOCUMENTED = {
  id: 'msg_2Hk9…',
  type: 'email.received',
  from: { address: 'ada@example.com' },
  to: [{ address: 'support@myapp.ai' }],
  subject: 'Re: invoice #1042',
  text: 'Looks good — approved!',
  html: '<p>Looks good — approved!</p>',
  threadId: '<a1b2c3@mail.example.com>',
  auth: { spf: 'pass', dkim: 'pass', dmarc: 'pass', spam: 'ham' },
  attachments: [
    {
      id: 'msg_2Hk9…:0',
      filename: 'po.pdf',
      contentType: 'application/pdf',
      size: 18213,
      url: 'https://api.mailkite.dev/att/2Hk9…/0?exp=…&sig=…',
    },
  ],
};

export const mailkite = {
  id: 'mailkite',
  title: 'MailKite',
  documentation: 'https://mailkite.dev/docs/receiving',
  publicSource: 'https://github.com/mailkite',
  asOf: '2026-11-22',

  events: [
    {
      name: 'email.received',
      summary: 'a mail arrived, parsed',
      certainty: 'doc',
      fields: RECEIVED_FIELDS,
      variants: {
        spam: { auth: { spf: 'fail', dkim: null, dmarc: 'fail', spam: 'spam' }, attachments: [] },
        'inline-attachments': {
          attachments: [
            {
              filename: SAMPLE_ATTACHMENT.filename,
              contentType: SAMPLE_ATTACHMENT.contentType,
              size: SAMPLE_ATTACHMENT_BYTES,
              content: SAMPLE_ATTACHMENT_BASE64,
            },
          ],
        },
      },
      examples: { documented: { value: DOCUMENTED, certainty: 'doc' } },
      fromMail: 'mailkite-message',
      perRecipient: true,
      sampleAttachment: SAMPLE_ATTACHMENT,
      idField: 'id',
    },
    ...ENGAGEMENT_EVENTS,
  ],
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'doc' },
    { name: 'User-Agent', value: 'MailKite-Webhook', certainty: 'us' },
  ],
  signature: {
    value: {
      at: { header: 'x-mailkite-signature' },
      algorithm: 'hmac-sha256',
      message: ['timestamp', { text: '.' }, 'body'],
      format: 't={t},v1={v}',
      timestamp: { unit: 'ms', toleranceMs: { value: 300_000, certainty: 'doc' } },
      countedPart: {
        value: 'last',
        certainty: 'pub',
        note: 'seen in six official SDKs: Node, Python, PHP, Ruby, Java, Go',
      },
      // The whole secret, never base64-decoded [doc, pub].
      key: { encoding: 'utf8', prefix: 'whsec_', keepsPrefix: true },
    },
    certainty: 'doc',
  },
  vectors: [
    {
      name: "MailKite's own",
      secret: 'whsec_mailkite_test',
      timestamp: '1750000000000',
      body: '{"type":"email.received","id":"evt_123","message":"It works."}',
      signature: 't=1750000000000,v1=3d790f831e170ddba4d001f27532bf2c1fc68ebed52eef72fe453dfa1196b03c',
      source: 'https://github.com/mailkite/mailkite-node docs/verifyWebhook.md; recomputed with openssl dgst',
    },
    {
      name: 'beyond ASCII, as UTF-8 bytes',
      secret: 'whsec_mailkite_test',
      timestamp: '1750000000000',
      body: '{"subject":"Grüße 🎉"}',
      signature: 't=1750000000000,v1=f2fe55ad58c5950e5d61131f75734ac0256876a036c98efcc4b413364556c680',
      source: 'openssl dgst -sha256 -hmac',
    },
  ],
  success: { value: { statuses: '2xx', ackModes: ['lenient', 'ack', 'control'] }, certainty: 'doc' },
  timeoutMs: { value: 15_000, certainty: 'doc' },
  retries: {
    // 5s, 5m, 30m, 2h, 5h, 10h, 10h: seven retries
    delaysMs: {
      value: [5000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000],
      certainty: 'pub',
      note: 'every attempt is signed again with a fresh t; afterwards stored for replay',
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'doc' },
  attachments: { validForMs: { value: 604_800_000, certainty: 'doc' } },
  notes: [
    { text: 'no event, id or timestamp header exists', certainty: 'pub' },
    { text: 'redirects are not followed: a 3xx is a failure', certainty: 'doc' },
    {
      text: 'a receiver accepts t within ±300 000 ms, the exact edge included; 0 disables the check',
      certainty: 'doc',
    },
    {
      text:
        'ack modes: lenient ignores the body; ack requires {"status":"ok"} or the header x-mailkite-ack: ok; ' +
        'in control mode the body steers (ok, spam, drop, actions)',
      certainty: 'doc',
    },
    { text: 'any stored delivery can be re-sent to the same destination, same message', certainty: 'doc' },
    {
      text:
        'routes match user@domain, *@domain, user+*@domain and /regex/; ' +
        'every matching route gets the message, otherwise the catch-all webhook',
      certainty: 'doc',
    },
    {
      text: 'a route signs with its own secret; without one it uses the secret of the account',
      certainty: 'pub',
      source: 'https://github.com/mailkite/community/discussions/2',
      asOf: '2026-11-29',
    },
    {
      text: "a route's action may be agent: an AI agent reads the mail, no webhook is called",
      certainty: 'pub',
      source: 'https://github.com/mailkite/mailkite-php/blob/77cc1f4/docs/createRoute.md',
      asOf: '2026-11-29',
    },
  ],
  receiverMistakes: [
    { id: 'reserialised-body', text: 're-serialising the JSON before the HMAC (express.json() without the raw body)' },
    { id: 'leaky-comparison' },
    { id: 'seconds-for-milliseconds', text: 'reading t as seconds' },
    { id: 'base64-decoded-secret' },
    { id: 'flat-addresses', text: 'treating from and to as strings' },
    { id: 'answers-before-verifying' },
    { id: 'unknown-event-fails', text: 'failing on an unknown type' },
  ],
} as const satisfies Vendor;
