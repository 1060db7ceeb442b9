// https://loops.so/docs/webhooks
import type { Field, Vendor } from '../model/vendor.ts';
import {
  LIBRARY_VECTOR,
  MESSAGE_ID_NOTE,
  STANDARD_WEBHOOKS_SIGNATURE,
  SVIX_DELAYS_MS,
} from './standard-webhooks-scheme.ts';

const ENVELOPE = [
  { name: 'eventName', type: 'string', certainty: 'doc', generated: 'event-name' },
  { name: 'eventTime', type: 'integer', certainty: 'inf', generated: { time: 's' } },
  { name: 'webhookSchemaVersion', type: 'string', certainty: 'inf', example: '1.0.0' },
] as const satisfies readonly Field[];

const CONTACT = {
  name: 'contactIdentity',
  type: 'object',
  certainty: 'inf',
  fields: [
    { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'cm[a-z0-9]{23}' } },
    { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
    { name: 'userId', type: 'string', certainty: 'inf', example: 'user-17', minimal: null, nullable: true },
  ],
} as const satisfies Field;

export const loops = {
  id: 'loops',
  title: 'Loops',
  documentation: 'https://loops.so/docs/webhooks',
  publicSource: 'https://trigger.dev/docs/webhooks/providers/loops',
  asOf: '2026-11-28',

  events: [
    {
      name: 'contact.created',
      summary: 'a contact was added',
      certainty: 'inf',
      fields: [...ENVELOPE, CONTACT],
    },
    {
      name: 'email.delivered',
      summary: 'a mail was delivered',
      certainty: 'inf',
      fields: [
        ...ENVELOPE,
        CONTACT,
        {
          name: 'email',
          type: 'object',
          certainty: 'inf',
          fields: [
            { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'cm[a-z0-9]{23}' } },
            { name: 'emailMessageId', type: 'string', certainty: 'inf', generated: { id: 'cm[a-z0-9]{23}' } },
            { name: 'subject', type: 'string', certainty: 'inf', prose: 'line', example: 'Welcome / Willkommen' },
          ],
        },
      ],
    },
    {
      name: 'testing.testEvent',
      summary: 'a test from the settings',
      certainty: 'doc',
      fields: [
        ...ENVELOPE,
        { name: 'message', type: 'string', certainty: 'inf', example: 'This is a test event.', minimal: '' },
      ],
    },
  ],
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'us' },
    {
      name: 'webhook-id',
      value: { generated: { id: 'msg_[a-zA-Z0-9]{27}' } },
      certainty: 'doc',
      note: MESSAGE_ID_NOTE,
      remarks: [{ text: 'its format is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: { value: STANDARD_WEBHOOKS_SIGNATURE, certainty: 'doc' },
  vectors: [{ ...LIBRARY_VECTOR, source: 'the message of Standard Webhooks, whose scheme and header names it uses' }],
  success: { value: { statuses: '2xx' }, certainty: 'inf', note: 'as Standard Webhooks says' },
  timeoutMs: { value: 15_000, certainty: 'us' },
  retries: {
    delaysMs: { value: SVIX_DELAYS_MS, certainty: 'us', note: 'not published: the steps are those of Svix' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [{ text: 'an account has one endpoint, which gets ten events a second at most', certainty: 'doc' }],
} as const satisfies Vendor;
