// https://dev.mailjet.com/email/guides/webhooks/
import type { Field, Vendor } from '../model/vendor.ts';
import { BASIC_AUTHENTICATION, BASIC_VECTOR } from './basic-authentication.ts';

const HEAD = [
  { name: 'event', type: 'string', certainty: 'doc', generated: 'event-name' },
  { name: 'time', type: 'integer', certainty: 'inf', generated: { time: 's' } },
  {
    name: 'MessageID',
    type: 'integer',
    certainty: 'doc',
    generated: { digits: 15 },
    note: 'of 64 bits: it may be beyond 2^53, where JSON.parse rounds it; here it never is',
  },
  { name: 'Message_GUID', type: 'string', certainty: 'inf', generated: { id: 'uuid' } },
  { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
  { name: 'mj_campaign_id', type: 'integer', certainty: 'inf', example: 17 },
  { name: 'mj_contact_id', type: 'integer', certainty: 'inf', example: 1700017 },
  { name: 'CustomID', type: 'string', certainty: 'inf', prose: 'line', example: 'Bestellung 17', minimal: '' },
  { name: 'Payload', type: 'string', certainty: 'inf', example: '', minimal: '' },
] as const satisfies readonly Field[];

export const mailjet = {
  id: 'mailjet',
  title: 'Mailjet',
  documentation: 'https://dev.mailjet.com/email/guides/webhooks/',
  publicSource: 'https://github.com/anymail/django-anymail/blob/8c40cc4/anymail/webhooks/mailjet.py',
  asOf: '2026-11-28',

  events: [
    {
      name: 'sent',
      summary: 'a mail was sent',
      certainty: 'inf',
      fields: [...HEAD, { name: 'smtp_reply', type: 'string', certainty: 'inf', example: 'sent (250 2.0.0 OK)' }],
      keyField: 'MessageID',
    },
    {
      name: 'bounce',
      summary: 'a mail bounced',
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'blocked', type: 'boolean', certainty: 'inf', example: false },
        { name: 'hard_bounce', type: 'boolean', certainty: 'inf', example: true },
        { name: 'error_related_to', type: 'string', certainty: 'inf', example: 'recipient' },
        { name: 'error', type: 'string', certainty: 'inf', example: 'user unknown' },
      ],
      keyField: 'MessageID',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: BASIC_AUTHENTICATION,
    certainty: 'doc',
    note: 'nothing is signed; the secret is the name:password of the URL, which it recommends',
  },
  vectors: [{ ...BASIC_VECTOR, body: '{"event":"sent"}' }],
  success: { value: { statuses: [200] }, certainty: 'doc' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    delaysMs: {
      value: { everyMs: 30_000, forMs: 86_400_000 },
      certainty: 'doc',
      note: 'every 30 seconds for 24 hours',
    },
    deactivatesAfterMs: { value: 86_400_000, certainty: 'doc' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  batch: {
    value: { shape: 'array', max: 500, mixesEvents: true, singleIsBare: true },
    certainty: 'pub',
    note: 'an array if events are grouped, those of one second and of any kind; the maximum is ours',
  },
  notes: [
    {
      text: 'ungrouped events come as one bare object, although the documentation only shows arrays: read both',
      certainty: 'pub',
    },
    { text: 'a backup URL may take over while the first one fails', certainty: 'doc' },
  ],
} as const satisfies Vendor;
