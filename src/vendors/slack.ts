// https://docs.slack.dev/apis/events-api; the verifier is public: https://github.com/slackapi/bolt-js
import type { Field, Vendor } from '../model/vendor.ts';

const HEAD = [
  {
    name: 'token',
    type: 'string',
    certainty: 'inf',
    generated: { id: '[a-zA-Z0-9]{24}' },
    note: 'legacy: not for verification',
  },
  { name: 'team_id', type: 'string', certainty: 'inf', example: 'T0HOOK017' },
  { name: 'api_app_id', type: 'string', certainty: 'inf', example: 'A0HOOK017' },
] as const satisfies readonly Field[];

const TAIL = [
  { name: 'type', type: 'string', certainty: 'inf', example: 'event_callback' },
  { name: 'event_id', type: 'string', certainty: 'inf', generated: { id: 'Ev[A-Z0-9]{9}' } },
  { name: 'event_time', type: 'integer', certainty: 'inf', generated: { time: 's' } },
] as const satisfies readonly Field[];

const SAID = [
  { name: 'type', type: 'string', certainty: 'inf', generated: 'event-name' },
  { name: 'user', type: 'string', certainty: 'inf', example: 'U0HOOK017' },
  { name: 'text', type: 'string', certainty: 'inf', prose: 'long', example: '<@U0HOOKBOT> Grüße aus dem Shop' },
  { name: 'ts', type: 'string', certainty: 'inf', example: '1764237151.000200' },
  { name: 'channel', type: 'string', certainty: 'inf', example: 'C0HOOK017' },
  { name: 'event_ts', type: 'string', certainty: 'inf', example: '1764237151.000200' },
] as const satisfies readonly Field[];

export const slack = {
  id: 'slack',
  title: 'Slack',
  documentation: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  publicSource: 'https://github.com/slackapi/bolt-js/blob/main/src/receivers/verify-request.ts',
  asOf: '2026-11-28',

  events: [
    {
      name: 'app_mention',
      summary: 'someone wrote to the app in a channel',
      certainty: 'inf',
      fields: [...HEAD, { name: 'event', type: 'object', certainty: 'inf', fields: SAID }, ...TAIL],
      idField: 'event_id',
    },
    {
      name: 'message',
      summary: 'a message was written in a channel or to the app',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'event',
          type: 'object',
          certainty: 'inf',
          fields: [...SAID, { name: 'channel_type', type: 'string', certainty: 'inf', example: 'channel' }],
        },
        ...TAIL,
      ],
      idField: 'event_id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'pub' }],
  signature: {
    value: {
      at: { header: 'X-Slack-Signature' },
      algorithm: 'hmac-sha256',
      message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
      format: 'v0={v}',
      timestamp: {
        unit: 's',
        at: { header: 'X-Slack-Request-Timestamp' },
        toleranceMs: { value: 300_000, certainty: 'pub' },
        futureToleranceMs: { value: null, certainty: 'pub', note: 'the SDK only checks for times in the past' },
      },
    },
    certainty: 'doc',
  },
  handshakes: {
    value: [
      {
        id: 'url-verification',
        title: 'the challenge that a new URL gets comes back',
        when: 'create',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: { token: 'hookproof', challenge: '{challenge}', type: 'url_verification' },
        isSigned: true,
        answer: { statuses: '2xx', bodies: [{ json: { challenge: '{challenge}' } }, { text: '{challenge}' }] },
      },
    ],
    certainty: 'inf',
  },
  vectors: [
    {
      name: 'a slash command',
      secret: '8f742231b10e8888abcd99yyyzzz85a5',
      timestamp: '1531420618',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Slack-Request-Timestamp': '1531420618' },
      body:
        'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9' +
        'T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&' +
        'text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F9' +
        '6rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b670' +
        '3c',
      signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      source: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
    },
  ],
  success: {
    value: { statuses: '2xx', redirects: { follow: 2 } },
    certainty: 'inf',
    note: 'two redirects are followed at most',
  },
  timeoutMs: { value: 3000, certainty: 'pub', source: 'https://docs.slack.dev/apis/events-api' },
  retries: {
    delaysMs: { value: [0, 60_000, 300_000], certainty: 'inf', note: 'at once, after a minute, after five' },
    stopHeader: { value: { name: 'X-Slack-No-Retry', value: '1' }, certainty: 'inf' },
    attemptHeaders: [{ name: 'X-Slack-Retry-Num', value: 'retry', isOfRetries: true, certainty: 'inf' }],
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    {
      text: 'commands and interactions come as forms, signed in the same way; they are not built in',
      certainty: 'doc',
    },
    { text: 'X-Slack-Retry-Reason, which says why an event comes again, is not sent here', certainty: 'us' },
  ],
} as const satisfies Vendor;
