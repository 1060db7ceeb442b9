import type { Field, VendorEvent } from '../model/vendor.ts';
import { MESSAGE_ID } from './generated-forms.ts';

// MailKite's opt-in engagement events are in its public code only: pub for the names, us for what may be null.

const MESSAGE_FIELDS = [
  { name: 'messageId', type: 'string', certainty: 'pub', generated: MESSAGE_ID, note: 'the mail that was sent' },
  {
    name: 'providerMessageId',
    type: 'string',
    certainty: 'pub',
    nullable: true,
    generated: { id: '<[a-z0-9]{20}@mail.example.com>' },
    minimal: null,
    remarks: [{ text: 'null when the provider gave none', certainty: 'us', about: 'null' }],
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
    remarks: [{ text: 'null for a person', certainty: 'us', about: 'null' }],
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
  { name: 'id', type: 'string', certainty: 'pub', generated: { id: 'evt_[a-z0-9]{16}' } },
  { name: 'type', type: 'string', certainty: 'pub', generated: 'event-name' },
  { name: 'createdAt', type: 'integer', certainty: 'pub', generated: { time: 'ms' } },
  {
    name: 'createdAtIso',
    type: 'string',
    certainty: 'pub',
    generated: { time: 'iso-ms' },
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

const OPT_IN = {
  value: true,
  certainty: 'pub',
  source: 'https://github.com/mailkite/mailkite-php/blob/77cc1f4/docs/setWebhookEvents.md',
  asOf: '2026-11-29',
  note:
    "off until the domain's inbound webhook lists it, which then signs with its route's secret, or until a tracking " +
    "webhook is set, which gets only these events and signs with the account's",
} as const;

/** What became of a mail that was sent: `data` holds the mail, and what happened to it. */
export const ENGAGEMENT_EVENTS = [
  {
    name: 'email.sent',
    summary: "a mail was handed to the recipient's server",
    certainty: 'pub',
    optIn: OPT_IN,
    fields: [...ID_FIELDS, { ...DATA, fields: MESSAGE_FIELDS }],
    idField: 'id',
  },
  {
    name: 'email.bounced',
    summary: 'a mail bounced',
    certainty: 'pub',
    optIn: OPT_IN,
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, BOUNCE] }],
    idField: 'id',
  },
  {
    name: 'email.complained',
    summary: 'a recipient reported a mail as spam',
    certainty: 'pub',
    optIn: OPT_IN,
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, COMPLAINT] }],
    idField: 'id',
  },
  {
    name: 'email.opened',
    summary: 'a mail was opened',
    certainty: 'pub',
    optIn: OPT_IN,
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, OPEN] }],
    idField: 'id',
  },
  {
    name: 'email.clicked',
    summary: 'a link in a mail was followed',
    certainty: 'pub',
    optIn: OPT_IN,
    fields: [...ID_FIELDS, { ...DATA, fields: [...MESSAGE_FIELDS, CLICK] }],
    idField: 'id',
  },
] as const satisfies readonly VendorEvent[];
