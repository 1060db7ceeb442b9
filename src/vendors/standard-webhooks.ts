// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
// The specification and its libraries; the events are ours, since it names none.
import type { Field, Vendor } from '../model/vendor.ts';
import { LIBRARY_VECTOR, MESSAGE_ID_NOTE, STANDARD_WEBHOOKS_SIGNATURE } from './standard-webhooks-scheme.ts';

const ACCOUNT_FIELDS = [
  { name: 'type', type: 'string', certainty: 'inf', generated: 'event-name' },
  { name: 'timestamp', type: 'string', certainty: 'inf', generated: { time: 'iso-ms' }, note: 'of the event, in UTC' },
  {
    name: 'data',
    type: 'object',
    certainty: 'us',
    fields: [
      { name: 'id', type: 'string', certainty: 'us', generated: { id: 'acc_[a-z0-9]{16}' } },
      { name: 'name', type: 'string', certainty: 'us', prose: 'line', example: 'Åsa Ögren', minimal: '' },
      { name: 'email', type: 'string', certainty: 'us', example: 'asa.ogren@example.com' },
    ],
  },
] as const satisfies readonly Field[];

const ACCOUNT_EVENTS = [
  { name: 'account.created', summary: 'an account was created', certainty: 'us', fields: ACCOUNT_FIELDS },
  { name: 'account.closed', summary: 'an account was closed', certainty: 'us', fields: ACCOUNT_FIELDS },
] as const;

export const SPECIFIED = {
  documentation: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  publicSource: 'https://github.com/standard-webhooks/standard-webhooks/tree/b2fa7b8/libraries',
  asOf: '2026-11-28',

  events: ACCOUNT_EVENTS,
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'us' },
    {
      name: 'webhook-id',
      value: { generated: { id: 'msg_[a-zA-Z0-9]{27}' } },
      certainty: 'doc',
      note: MESSAGE_ID_NOTE,
      remarks: [{ text: 'its length is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc', note: 'a 3xx is a failure' },
  timeoutMs: { value: 15_000, certainty: 'us' },
  retries: {
    // 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h
    delaysMs: {
      value: [5000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000],
      certainty: 'doc',
      note: "the specification's example; every attempt is signed again with a fresh time",
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'while a secret is being replaced a request carries several signatures, separated by spaces',
      certainty: 'doc',
    },
    {
      text: '410 disables the endpoint; 429, 502 and 504 slow the sender down; Retry-After is honoured',
      certainty: 'doc',
    },
  ],
} as const satisfies Omit<Vendor, 'id' | 'title' | 'signature'>;

export const standardWebhooks = {
  id: 'standard-webhooks',
  title: 'Standard Webhooks',
  ...SPECIFIED,
  signature: { value: STANDARD_WEBHOOKS_SIGNATURE, certainty: 'doc' },
  vectors: [
    {
      ...LIBRARY_VECTOR,
      source:
        'https://github.com/standard-webhooks/standard-webhooks/blob/b2fa7b8/libraries/javascript/src/webhook.test.ts',
    },
  ],
} as const satisfies Vendor;
