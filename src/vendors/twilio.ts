// https://www.twilio.com/docs/usage/webhooks/webhooks-security
// The verifier is public: https://github.com/twilio/twilio-node
import type { Field, Vendor } from '../model/vendor.ts';

const SID = { id: 'SM[0-9a-f]{32}', shared: true } as const;

const MESSAGE = [
  { name: 'MessageSid', type: 'string', certainty: 'inf', generated: SID },
  { name: 'SmsSid', type: 'string', certainty: 'inf', generated: SID },
  { name: 'AccountSid', type: 'string', certainty: 'inf', example: 'AC00000000000000000000000000000017' },
  { name: 'From', type: 'string', certainty: 'inf', example: '+15005550006' },
  { name: 'To', type: 'string', certainty: 'inf', example: '+15005550017' },
] as const satisfies readonly Field[];

export const twilio = {
  id: 'twilio',
  title: 'Twilio',
  documentation: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  publicSource: 'https://github.com/twilio/twilio-node/blob/45d3d65/src/webhooks/webhooks.ts',
  asOf: '2026-11-28',

  events: [
    {
      name: 'message.received',
      summary: 'someone wrote to the number; the name is ours',
      certainty: 'us',
      fields: [
        ...MESSAGE,
        {
          name: 'Body',
          type: 'string',
          certainty: 'inf',
          prose: 'long',
          example: 'Grüße! Ist 17 Uhr frei?',
          minimal: '',
        },
        { name: 'NumMedia', type: 'string', certainty: 'inf', example: '0' },
        { name: 'NumSegments', type: 'string', certainty: 'inf', example: '1' },
        { name: 'ApiVersion', type: 'string', certainty: 'inf', example: '2010-04-01' },
      ],
      idField: 'MessageSid',
    },
    {
      name: 'message.status',
      summary: 'the status of a message changed; the name is ours',
      certainty: 'us',
      fields: [
        ...MESSAGE,
        { name: 'SmsStatus', type: 'string', certainty: 'inf', example: 'delivered' },
        { name: 'MessageStatus', type: 'string', certainty: 'inf', example: 'delivered' },
        { name: 'ApiVersion', type: 'string', certainty: 'inf', example: '2010-04-01' },
      ],
      keyField: 'MessageSid',
    },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/x-www-form-urlencoded', certainty: 'pub' },
    { name: 'User-Agent', value: 'TwilioProxy/1.1', certainty: 'inf' },
  ],
  signature: {
    value: {
      at: { header: 'X-Twilio-Signature' },
      algorithm: 'hmac-sha1',
      message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
      encoding: ['base64'],
      format: '{v}',
    },
    certainty: 'pub',
    note: "the secret is the account's auth token; the SDK accepts the URL with and without its port",
  },
  vectors: [
    {
      name: 'a form',
      secret: '12345',
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
      signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
    {
      name: 'a non-default port, over HTTP',
      secret: '12345',
      url: 'http://mycompany.com:1234/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
      signature: 'Zmvh+3yNM1Phv2jhDCwEM3q5ebU=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
    {
      name: 'a name and a password in the URL',
      secret: '12345',
      url: 'https://user:pass@mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
      signature: 'CukzLTc1tT5dXEDIHm/tKBanW10=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
    {
      name: 'a name in the URL',
      secret: '12345',
      url: 'https://user@mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
      signature: '2YRLlVAflCqxaNicjMpJcSTgzSs=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
    {
      name: 'a repeated field',
      secret: '12345',
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx',
      signature: '83O6e2vORAoJHUNzJjDWN1jz+BA=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
    {
      name: 'a repeated value counts once',
      secret: '12345',
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234',
      signature: 'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
      source: 'https://github.com/twilio/twilio-node spec/validation.spec.js',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 15_000, certainty: 'pub', note: 'the maximum that the fragment of the URL can set' },
  retries: {
    delaysMs: {
      value: [],
      certainty: 'us',
      note: "tries and time-outs are the customer's, in the URL's fragment: #rc=3&rp=all&ct=2000&rt=5000 [pub]",
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  body: { value: { format: 'form' }, certainty: 'pub' },
  notes: [
    {
      text: 'for JSON only the URL is signed, which has the hash of the body as bodySHA256: see twilio-event-streams',
      certainty: 'pub',
    },
  ],
} as const satisfies Vendor;
