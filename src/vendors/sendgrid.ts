// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
// The verifier is public: https://github.com/sendgrid/sendgrid-nodejs
import type { Field, Vendor } from '../model/vendor.ts';

const HEAD = [
  { name: 'email', type: 'string', certainty: 'pub', example: 'mia.mueller@example.com' },
  { name: 'event', type: 'string', certainty: 'pub', generated: 'event-name' },
] as const satisfies readonly Field[];

const TAIL = [
  { name: 'sg_event_id', type: 'string', certainty: 'pub', generated: { id: '[a-zA-Z0-9]{48}' } },
  {
    name: 'sg_message_id',
    type: 'string',
    certainty: 'pub',
    generated: { id: '[a-zA-Z0-9]{22}.recvd-[a-z0-9]{10}-1' },
  },
  { name: 'smtp-id', type: 'string', certainty: 'pub', generated: { id: '<[a-zA-Z0-9]{22}@mail.example.com>' } },
  { name: 'timestamp', type: 'integer', certainty: 'pub', generated: { time: 's' } },
] as const satisfies readonly Field[];

export const sendgrid = {
  id: 'sendgrid',
  title: 'SendGrid',
  documentation: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event',
  publicSource: 'https://github.com/sendgrid/sendgrid-nodejs/tree/498e232/packages/eventwebhook',
  asOf: '2026-11-28',

  events: [
    {
      name: 'delivered',
      summary: "the recipient's server accepted a mail",
      certainty: 'inf',
      fields: [
        ...HEAD,
        { name: 'response', type: 'string', certainty: 'inf', prose: 'line', example: '250 OK' },
        ...TAIL,
      ],
      idField: 'sg_event_id',
    },
    {
      name: 'bounce',
      summary: "the recipient's server refused a mail",
      certainty: 'pub',
      fields: [
        ...HEAD,
        { name: 'ip', type: 'string', certainty: 'pub', example: '192.0.2.17' },
        { name: 'reason', type: 'string', certainty: 'pub', prose: 'line', example: '550 no such mailbox' },
        ...TAIL,
        { name: 'type', type: 'string', certainty: 'inf', example: 'bounce' },
      ],
      idField: 'sg_event_id',
    },
    {
      name: 'dropped',
      summary: 'a mail was dropped without trying to send it',
      certainty: 'pub',
      fields: [
        ...HEAD,
        { name: 'reason', type: 'string', certainty: 'pub', prose: 'line', example: 'Bounced Address' },
        ...TAIL,
      ],
      idField: 'sg_event_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'us' }],
  signature: {
    value: {
      at: { header: 'X-Twilio-Email-Event-Webhook-Signature' },
      algorithm: 'ecdsa-p256-sha256',
      message: ['timestamp', 'body'],
      encoding: ['base64'],
      format: '{v}',
      timestamp: { unit: 's', at: { header: 'X-Twilio-Email-Event-Webhook-Timestamp' } },
      keyShown: 'spki-base64',
    },
    certainty: 'pub',
    note: 'off unless it is switched on; its SDK does not check the time',
  },
  vectors: [
    {
      name: 'one event, which ends its line',
      publicKey:
        'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62g' +
        'w+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
      timestamp: '1600112502',
      headers: { 'Content-Type': 'application/json', 'X-Twilio-Email-Event-Webhook-Timestamp': '1600112502' },
      body:
        '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZH' +
        'JvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A' +
        '.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@i' +
        'smtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
      signature: 'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
      source: 'https://github.com/sendgrid/sendgrid-nodejs packages/eventwebhook/src/eventwebhook.spec.js',
    },
    {
      name: 'two events, each on its line',
      publicKey:
        'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ4LIFtWztlsF7skFqOncjD1lun4H5w8XOhyOArHW9RcIx/FfEzx6ci' +
        'kC/yPfUvwaX/JScE7Fc9CJD2afQ9Ok3Q==',
      timestamp: '1619651159',
      headers: { 'Content-Type': 'application/json', 'X-Twilio-Email-Event-Webhook-Timestamp': '1619651159' },
      body:
        '[{"email":"invalid@gmail.com","event":"processed","send_at":0,"sg_event_id":"cHJvY2Vzc2VkL' +
        'TE5OTQyMTEyLXFOd0JMZ1BRUWpXNkRKdktRd1NBYnctMA","sg_message_id":"qNwBLgPQQjW6DJvKQwSAbw.fil' +
        'terdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0","smtp-id":"<qNwBLgPQQjW6DJvKQwSAbw@ismtp' +
        'd0178p1mdw1.sendgrid.net>","timestamp":1619651146},\r\n' +
        '{"email":"invalid@gmail.com","event":"bounce","ip":"167.89.101.76","reason":"552 5.2.2 The' +
        ' email account that you tried to reach is over quota and inactive. Please direct the recip' +
        'ient to https://support.google.com/mail/?p=OverQuotaPerm c17si1130468pgv.34 - gsmtp","sg_e' +
        'vent_id":"Ym91bmNlLTAtMTk5NDIxMTItcU53QkxnUFFRalc2REp2S1F3U0Fidy0w","sg_message_id":"qNwBL' +
        'gPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0","smtp-id":"<qNwBLgP' +
        'QQjW6DJvKQwSAbw@ismtpd0178p1mdw1.sendgrid.net>","status":"5.2.2","timestamp":1619651147,"t' +
        'ls":1,"type":"blocked"}]\r\n',
      signature: 'MEYCIQC/I4o6vCgqRYrTljjoVWB/GRWNtxeePlLMHr3x9ETeRQIhAIpV+03nREPTTHWSW0wIOA0EoMPdcNgXa70yCaqDJlu5',
      source: 'https://github.com/sendgrid/sendgrid-nodejs packages/eventwebhook/src/eventwebhook.spec.js',
    },
    {
      name: 'any text',
      publicKey:
        'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Ii1BRQHaQn4TDnWLjSSXtZS7QaZlHncC+4qc9mxFI5LGq82ijP674' +
        '7JcE+8xtDIYuvs2DcdNPm9kC9cyyni6w==',
      timestamp: '1587100636',
      headers: { 'Content-Type': 'application/json', 'X-Twilio-Email-Event-Webhook-Timestamp': '1587100636' },
      body: 'helloworld',
      signature: 'MEQCIB3bJQOarffIdM7+MEee+kYAdoViz6RUoScOASwMcXQxAiAcrus/j853JUlVm5qIRfbKBJwJq89znqOTedy3RetXLQ==',
      source: 'https://github.com/sendgrid/sendgrid-java EventWebhookTest, 2020',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    // 1m, 5m, 30m, 2h, 5h, 7h, 9h
    delaysMs: {
      value: [60_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 25_200_000, 32_400_000],
      certainty: 'us',
      note: 'it retries [doc], commonly said to be for 24 hours; the steps are ours',
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'pub' },
  body: {
    value: { format: 'json', tail: '\r\n' },
    certainty: 'pub',
    note: 'an array; re-serialising it before verifying loses its line breaks',
  },
  batch: {
    value: { shape: 'array', max: 1000, mixesEvents: true, join: ',\r\n' },
    certainty: 'inf',
    note: 'joined as in its own tests [pub]; the maximum number of events is inferred',
  },
  notes: [
    { text: 'OAuth 2 or a password in the URL may protect the endpoint instead', certainty: 'doc' },
    { text: '"Test your integration" sends one event of each kind', certainty: 'doc' },
  ],
} as const satisfies Vendor;
