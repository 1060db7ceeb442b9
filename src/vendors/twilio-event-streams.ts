// https://www.twilio.com/docs/events/webhook-quickstart
// The verifier is public: https://github.com/twilio/twilio-node
import type { Field, Vendor } from '../model/vendor.ts';

/** A CloudEvent; what it is about differs. */
const cloudEvent = (schema: string, data: readonly Field[]): readonly Field[] => [
  { name: 'specversion', type: 'string', certainty: 'doc', example: '1.0' },
  { name: 'type', type: 'string', certainty: 'doc', generated: 'event-name' },
  { name: 'source', type: 'string', certainty: 'doc', example: 'AB00000000000000000000000001' },
  { name: 'id', type: 'string', certainty: 'doc', generated: { id: 'EZ[0-9a-f]{32}' } },
  { name: 'dataschema', type: 'string', certainty: 'doc', example: `https://events-schemas.twilio.com/${schema}` },
  { name: 'datacontenttype', type: 'string', certainty: 'doc', example: 'application/json' },
  { name: 'time', type: 'string', certainty: 'doc', generated: { time: 'iso-ms' } },
  { name: 'data', type: 'object', certainty: 'doc', fields: data },
];

const MESSAGE = [
  { name: 'messageSid', type: 'string', certainty: 'doc', generated: { id: 'SM[0-9a-f]{32}' } },
  { name: 'timestamp', type: 'string', certainty: 'doc', generated: { time: 'iso-ms' } },
  { name: 'accountSid', type: 'string', certainty: 'doc', example: 'AC00000000000000000000000000000017' },
  { name: 'eventName', type: 'string', certainty: 'doc', generated: 'event-name' },
  { name: 'from', type: 'string', certainty: 'doc', example: '+15005550006' },
  { name: 'to', type: 'string', certainty: 'doc', example: '+15005550017' },
] as const satisfies readonly Field[];

export const twilioEventStreams = {
  id: 'twilio-event-streams',
  title: 'Twilio Event Streams',
  documentation: 'https://www.twilio.com/docs/events/webhook-quickstart',
  publicSource: 'https://github.com/twilio/twilio-node/blob/45d3d65/src/webhooks/webhooks.ts',
  asOf: '2026-11-29',

  events: [
    {
      name: 'com.twilio.messaging.message.delivered',
      summary: 'a message reached its recipient',
      certainty: 'doc',
      fields: cloudEvent('Messaging.MessageStatus/8', [
        ...MESSAGE,
        { name: 'apiVersion', type: 'string', certainty: 'doc', example: '2010-04-01' },
        { name: 'messageStatus', type: 'string', certainty: 'doc', example: 'DELIVERED' },
      ]),
      idField: 'id',
    },
    {
      name: 'com.twilio.messaging.inbound-message.received',
      summary: 'someone wrote to the number',
      certainty: 'doc',
      fields: cloudEvent('Messaging.InboundMessageV1/6', [
        ...MESSAGE,
        { name: 'numMedia', type: 'integer', certainty: 'doc', example: 0 },
        {
          name: 'body',
          type: 'string',
          certainty: 'doc',
          prose: 'long',
          example: 'Grüße! Ist 17 Uhr frei?',
          minimal: '',
        },
      ]),
      idField: 'id',
    },
    {
      name: 'com.twilio.eventstreams.test-event',
      summary: 'a test of the sink, sent on request',
      certainty: 'doc',
      fields: cloudEvent('EventStreams.TestSink/1.json', [
        { name: 'test_id', type: 'string', certainty: 'doc', generated: { id: 'uuid' } },
      ]),
      idField: 'id',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'doc' },
    { name: 'User-Agent', value: 'TwilioProxy/1.1', certainty: 'inf' },
  ],
  signature: {
    value: {
      at: { header: 'X-Twilio-Signature' },
      algorithm: 'hmac-sha1',
      message: ['url'],
      encoding: ['base64'],
      format: '{v}',
      addedQuery: { bodySHA256: [{ hash: 'sha256', of: ['body'] }] },
    },
    certainty: 'pub',
    note: "the secret is the account's auth token; only the URL is signed, with the hash of the body in its query",
  },
  vectors: [
    {
      name: 'JSON',
      secret: '12345',
      url:
        'https://mycompany.com/myapp.php?foo=1&bar=2' +
        '&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620',
      headers: { 'Content-Type': 'application/json' },
      body: '{"property": "value", "boolean": true}',
      signature: 'a9nBmqA0ju/hNViExpshrM61xv4=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc', source: 'https://www.twilio.com/docs/api/errors/91308' },
  timeoutMs: { value: 5000, certainty: 'doc' },
  retries: {
    // 1m, 5m, 15m, 1h, 2h30
    delaysMs: {
      value: [60_000, 300_000, 900_000, 3_600_000, 9_000_000],
      certainty: 'us',
      note: 'for up to four hours, the steps growing and partly random [doc]; these steps are ours',
    },
  },
  trust: {
    networks: { value: ['35.90.102.128/25'], certainty: 'doc' },
  },
  jsonStyle: { value: 'compact', certainty: 'us' },
  body: { value: { format: 'json' }, certainty: 'doc', note: 'an array of CloudEvents' },
  batch: {
    value: { shape: 'array', max: 100, mixesEvents: true },
    certainty: 'inf',
    note: 'an array [doc]; the maximum number of events is inferred',
  },
  notes: [
    { text: 'an event may come more than once, and in any order', certainty: 'doc' },
    { text: 'a user and a password in the URL of the sink are sent as Basic authentication', certainty: 'doc' },
  ],
} as const satisfies Vendor;
