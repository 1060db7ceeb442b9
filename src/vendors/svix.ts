// https://docs.svix.com; the server's code is public. Svix sends for its customers, whose events are their own: these
// are what it tells of itself.
import type { Field, Vendor } from '../model/vendor.ts';
import { LIBRARY_VECTOR, MESSAGE_ID_NOTE, SVIX_DELAYS_MS, SVIX_SIGNATURE } from './standard-webhooks-scheme.ts';

const ENDPOINT = [
  { name: 'appId', type: 'string', certainty: 'inf', generated: { id: 'app_[a-zA-Z0-9]{27}', shared: true } },
  { name: 'appUid', type: 'string', certainty: 'inf', example: 'customer-17', minimal: null, nullable: true },
  { name: 'endpointId', type: 'string', certainty: 'inf', generated: { id: 'ep_[a-zA-Z0-9]{27}' } },
] as const satisfies readonly Field[];

const TYPE = { name: 'type', type: 'string', certainty: 'inf', generated: 'event-name' } as const satisfies Field;

export const svix = {
  id: 'svix',
  title: 'Svix',
  documentation: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  publicSource: 'https://github.com/svix/svix-webhooks/tree/4fc0cfb/server/svix-server',
  asOf: '2026-11-28',

  events: [
    {
      name: 'endpoint.created',
      summary: 'an endpoint was added',
      certainty: 'inf',
      fields: [TYPE, { name: 'data', type: 'object', certainty: 'inf', fields: ENDPOINT }],
    },
    {
      name: 'endpoint.disabled',
      summary: 'an endpoint failed for so long that it was switched off',
      certainty: 'inf',
      fields: [
        TYPE,
        {
          name: 'data',
          type: 'object',
          certainty: 'inf',
          fields: [
            ...ENDPOINT,
            { name: 'failSince', type: 'string', certainty: 'inf', generated: { time: 'iso', offsetMs: -432_000_000 } },
          ],
        },
      ],
    },
  ],
  headers: [
    { name: 'content-type', value: 'application/json', certainty: 'us' },
    {
      name: 'svix-id',
      value: { generated: { id: 'msg_[a-zA-Z0-9]{27}' } },
      certainty: 'pub',
      note: MESSAGE_ID_NOTE,
      remarks: [{ text: 'its length is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: { value: SVIX_SIGNATURE, certainty: 'pub' },
  vectors: [
    {
      ...LIBRARY_VECTOR,
      source:
        'the message of Standard Webhooks under the header names of ' +
        'https://github.com/svix/svix-webhooks javascript/src/webhook.test.ts',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc', note: 'a 3xx is a failure' },
  timeoutMs: { value: 30_000, certainty: 'pub' },
  retries: {
    delaysMs: {
      value: SVIX_DELAYS_MS,
      certainty: 'pub',
      note: "the server's default, each step up to a fifth longer or shorter",
    },
    deactivatesAfterMs: { value: 432_000_000, certainty: 'pub', note: '120 hours of failure' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'some senders also send the same values as webhook-id, webhook-timestamp and webhook-signature',
      certainty: 'pub',
    },
    { text: 'Retry-After is honoured between once and twice the step', certainty: 'pub' },
  ],
} as const satisfies Vendor;
