// https://mailkite.dev/docs/receiving and https://mailkite.dev/docs/webhook-delivery
// Certainty tags: doc = those pages; pub = seen in MailKite's public code (github.com/mailkite); us = our choice.
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';

/** `name` is left out when it is unknown, never null. */
const MAILBOX_NAME_NOTE = 'left out when unknown, never null';

const SAMPLE_ATTACHMENT = {
  filename: 'agenda – für Montag.txt',
  contentType: 'text/plain',
  text: 'Agenda\n\n1. Welcome\n2. Order 1042\n3. Any other business\n',
} as const;
const SAMPLE_ATTACHMENT_BASE64 = 'QWdlbmRhCgoxLiBXZWxjb21lCjIuIE9yZGVyIDEwNDIKMy4gQW55IG90aGVyIGJ1c2luZXNzCg==';
const SAMPLE_ATTACHMENT_BYTES = 55;

const ATTACHMENT_FIELDS = [
  {
    name: 'id',
    type: 'string',
    certainty: 'doc',
    optional: true,
    generated: 'attachment-id',
    note: '<message id>:<index>',
    remarks: [{ text: 'absent with zero retention', certainty: 'pub' }],
  },
  { name: 'filename', type: 'string', certainty: 'doc', nullable: true, example: SAMPLE_ATTACHMENT.filename },
  { name: 'contentType', type: 'string', certainty: 'doc', nullable: true, example: SAMPLE_ATTACHMENT.contentType },
  { name: 'size', type: 'integer', certainty: 'doc', example: SAMPLE_ATTACHMENT_BYTES, note: 'bytes' },
  {
    name: 'url',
    type: 'string',
    certainty: 'doc',
    optional: true,
    generated: 'attachment-url',
    note: 'signed, plain GET, valid 7 days',
    remarks: [{ text: 'absent with zero retention', certainty: 'pub' }],
  },
  {
    name: 'content',
    type: 'string',
    certainty: 'pub',
    optional: true,
    note: 'base64; with zero retention only, instead of url',
  },
] as const satisfies readonly Field[];

const RECEIVED_FIELDS = [
  {
    name: 'id',
    type: 'string',
    certainty: 'doc',
    generated: 'message-id',
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
    remarks: [{ text: 'one recipient: a mail to several makes one event each', certainty: 'pub' }],
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
    generated: 'rfc-message-id',
    minimal: null,
    note: 'In-Reply-To, else Message-ID, else null',
  },
  {
    name: 'receivedAt',
    type: 'integer',
    certainty: 'pub',
    generated: 'time-ms',
    note: 'arrival in ms; unchanged on retry',
  },
  {
    name: 'receivedAtIso',
    type: 'string',
    certainty: 'pub',
    generated: 'time-iso-ms',
    note: 'the same instant as receivedAt',
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

// The opt-in engagement events are in the public code only: [pub] for the names, [us] for what may be null.

const MESSAGE_FIELDS = [
  { name: 'messageId', type: 'string', certainty: 'pub', generated: 'message-id', note: 'the mail that was sent' },
  {
    name: 'providerMessageId',
    type: 'string',
    certainty: 'pub',
    nullable: true,
    generated: 'rfc-message-id',
    minimal: null,
    remarks: [{ text: 'null when the provider gave none', certainty: 'us' }],
  },
  { name: 'from', type: 'string', certainty: 'pub', example: 'hello@example.org' },
  { name: 'to', type: 'string', certainty: 'pub', example: 'robin@example.com' },
  {
    name: 'subject',
    type: 'string',
    prose: 'line',
    certainty: 'pub',
    nullable: true,
    example: 'Your order 1042',
    minimal: null,
  },
] as const satisfies readonly Field[];

/** What is known of the program that opened or clicked. */
const CLIENT_FIELDS = [
  {
    name: 'machine',
    type: 'boolean',
    certainty: 'pub',
    example: false,
    note: 'true for a scanner or a prefetching proxy',
  },
  {
    name: 'machineKind',
    type: 'string',
    certainty: 'pub',
    nullable: true,
    example: null,
    remarks: [{ text: 'null for a person', certainty: 'us' }],
  },
  {
    name: 'userAgent',
    type: 'string',
    certainty: 'pub',
    nullable: true,
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    minimal: null,
  },
  { name: 'client', type: 'string', certainty: 'pub', nullable: true, example: 'Firefox', minimal: null },
  { name: 'os', type: 'string', certainty: 'pub', nullable: true, example: 'Linux', minimal: null },
  { name: 'device', type: 'string', certainty: 'pub', nullable: true, example: 'desktop', minimal: null },
  { name: 'country', type: 'string', certainty: 'pub', nullable: true, example: 'DE', minimal: null },
] as const satisfies readonly Field[];

const ID_FIELDS = [
  { name: 'id', type: 'string', certainty: 'pub', generated: 'event-id' },
  { name: 'type', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: 'createdAt', type: 'integer', certainty: 'pub', generated: 'time-ms' },
  {
    name: 'createdAtIso',
    type: 'string',
    certainty: 'pub',
    generated: 'time-iso-ms',
    note: 'the same instant as createdAt',
  },
] as const satisfies readonly Field[];

const DATA = { name: 'data', type: 'object', certainty: 'pub' } as const;

const BOUNCE = {
  name: 'bounce',
  type: 'object',
  certainty: 'pub',
  fields: [
    { name: 'type', type: 'string', certainty: 'pub', example: 'hard' },
    {
      name: 'diagnostic',
      type: 'string',
      certainty: 'pub',
      nullable: true,
      example: 'smtp; 550 5.1.1 no such user',
      minimal: null,
    },
  ],
} as const satisfies Field;

const COMPLAINT = {
  name: 'complaint',
  type: 'object',
  certainty: 'pub',
  fields: [{ name: 'feedbackType', type: 'string', certainty: 'pub', nullable: true, example: 'abuse', minimal: null }],
} as const satisfies Field;

const OPEN = { name: 'open', type: 'object', certainty: 'pub', fields: CLIENT_FIELDS } as const satisfies Field;

const CLICK = {
  name: 'click',
  type: 'object',
  certainty: 'pub',
  fields: [
    {
      name: 'url',
      type: 'string',
      certainty: 'pub',
      optional: true,
      example: 'https://example.org/orders/1042?from=mail',
    },
    ...CLIENT_FIELDS,
  ],
} as const satisfies Field;

const ENGAGEMENT_EVENTS = [
  {
    name: 'email.sent',
    summary: "a mail was handed to the recipient's server",
    certainty: 'pub',
    fields: [...ID_FIELDS, { ...DATA, fields: MESSAGE_FIELDS }],
    idField: 'id',
  },
  {
    name: 'email.bounced',
    summary: 'a mail came back',
    certainty: 'pub',
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, BOUNCE] }],
    idField: 'id',
  },
  {
    name: 'email.complained',
    summary: 'a recipient reported a mail as spam',
    certainty: 'pub',
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, COMPLAINT] }],
    idField: 'id',
  },
  {
    name: 'email.opened',
    summary: 'a mail was opened',
    certainty: 'pub',
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, OPEN] }],
    idField: 'id',
  },
  {
    name: 'email.clicked',
    summary: 'a link in a mail was followed',
    certainty: 'pub',
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, CLICK] }],
    idField: 'id',
  },
] as const satisfies readonly VendorEvent[];

export const mailkite = {
  id: 'mailkite',
  title: 'MailKite',
  documentation: 'https://mailkite.dev/docs/receiving',
  publicSource: 'https://github.com/mailkite',
  lookedAt: '2026-11-22',

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
      header: 'x-mailkite-signature',
      algorithm: 'sha256',
      message: ['timestamp', { text: '.' }, 'body'],
      format: 't={t},v1={v}',
      timestampUnit: 'ms',
      toleranceMs: { value: 300_000, certainty: 'doc' },
      // The key is the whole secret, this prefix included, as UTF-8; never base64-decoded [doc, pub].
      secretPrefix: 'whsec_',
    },
    certainty: 'doc',
  },
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
        'ack modes: lenient ignores the body; ack wants {"status":"ok"} or the header x-mailkite-ack: ok; ' +
        'in control mode the body steers (ok, spam, drop, actions)',
      certainty: 'doc',
    },
    { text: 'any stored delivery can be re-sent to the same destination, same message', certainty: 'doc' },
    {
      text:
        'routes match user@domain, *@domain, user+*@domain and /regex/; every matching route gets the message, ' +
        'else the catch-all webhook',
      certainty: 'doc',
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
