// https://docs.github.com/en/webhooks; the verifier is public: https://github.com/octokit/webhooks-methods.js
import type { Field, Vendor } from '../model/vendor.ts';

const USER = [
  { name: 'login', type: 'string', certainty: 'inf', example: 'mia-mueller' },
  { name: 'id', type: 'integer', certainty: 'inf', example: 1700017 },
  { name: 'type', type: 'string', certainty: 'inf', example: 'User' },
] as const satisfies readonly Field[];

const REPOSITORY = {
  name: 'repository',
  type: 'object',
  certainty: 'inf',
  fields: [
    { name: 'id', type: 'integer', certainty: 'inf', example: 4200042 },
    { name: 'name', type: 'string', certainty: 'inf', example: 'shop' },
    { name: 'full_name', type: 'string', certainty: 'inf', example: 'example-org/shop' },
    { name: 'private', type: 'boolean', certainty: 'inf', example: true },
    { name: 'html_url', type: 'string', certainty: 'inf', example: 'https://github.example.com/example-org/shop' },
    { name: 'default_branch', type: 'string', certainty: 'inf', example: 'main' },
  ],
} as const satisfies Field;

const SENDER = { name: 'sender', type: 'object', certainty: 'inf', fields: USER } as const satisfies Field;

const PERSON = [
  { name: 'name', type: 'string', certainty: 'inf', prose: 'line', example: 'Mia Müller' },
  { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com' },
] as const satisfies readonly Field[];

const COMMIT = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{40}', shared: true } },
  { name: 'message', type: 'string', certainty: 'inf', prose: 'long', example: 'Grüße aus dem Shop: mend the totals' },
  { name: 'timestamp', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
  { name: 'author', type: 'object', certainty: 'inf', fields: PERSON },
] as const satisfies readonly Field[];

const PULL_REQUEST = [
  { name: 'id', type: 'integer', certainty: 'inf', example: 990000017 },
  { name: 'number', type: 'integer', certainty: 'inf', example: 17 },
  { name: 'state', type: 'string', certainty: 'inf', example: 'open' },
  { name: 'title', type: 'string', certainty: 'inf', prose: 'line', example: 'Totals with VAT – ä, ö, ü' },
  {
    name: 'body',
    type: 'string',
    certainty: 'inf',
    prose: 'long',
    nullable: true,
    example: 'Rounds once.',
    minimal: null,
  },
  { name: 'user', type: 'object', certainty: 'inf', fields: USER },
  { name: 'draft', type: 'boolean', certainty: 'inf', example: false },
  { name: 'created_at', type: 'string', certainty: 'inf', generated: { time: 'iso' } },
] as const satisfies readonly Field[];

export const github = {
  id: 'github',
  title: 'GitHub',
  documentation: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  publicSource: 'https://github.com/octokit/webhooks-methods.js/tree/da0cc1c',
  asOf: '2026-11-28',

  events: [
    {
      name: 'push',
      summary: 'commits were pushed',
      certainty: 'inf',
      fields: [
        { name: 'ref', type: 'string', certainty: 'inf', example: 'refs/heads/main' },
        { name: 'before', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{40}' } },
        { name: 'after', type: 'string', certainty: 'inf', generated: { id: '[0-9a-f]{40}', shared: true } },
        { name: 'created', type: 'boolean', certainty: 'inf', example: false },
        { name: 'deleted', type: 'boolean', certainty: 'inf', example: false },
        { name: 'forced', type: 'boolean', certainty: 'inf', example: false },
        { name: 'commits', type: 'array', certainty: 'inf', items: { type: 'object', fields: COMMIT } },
        { name: 'pusher', type: 'object', certainty: 'inf', fields: PERSON },
        REPOSITORY,
        SENDER,
      ],
    },
    {
      name: 'pull_request',
      summary: 'something happened to a pull request; action says what',
      certainty: 'inf',
      fields: [
        { name: 'action', type: 'string', certainty: 'inf', example: 'opened' },
        { name: 'number', type: 'integer', certainty: 'inf', example: 17 },
        { name: 'pull_request', type: 'object', certainty: 'inf', fields: PULL_REQUEST },
        REPOSITORY,
        SENDER,
      ],
      variants: { closed: { action: 'closed' } },
    },
    {
      name: 'ping',
      summary: 'the webhook was created',
      certainty: 'pub',
      fields: [
        { name: 'zen', type: 'string', certainty: 'inf', prose: 'line', example: 'Half a hook is no hook.' },
        { name: 'hook_id', type: 'integer', certainty: 'inf', example: 310000017 },
        REPOSITORY,
        SENDER,
      ],
    },
  ],
  headers: [
    {
      name: 'Content-Type',
      value: 'application/json',
      certainty: 'pub',
      note:
        'the webhook may be configured to send a form, whose field payload contains the JSON; then the raw ' +
        'form is signed',
    },
    {
      name: 'User-Agent',
      value: 'GitHub-Hookshot/hookproof',
      certainty: 'pub',
      note: 'it begins with GitHub-Hookshot/; what follows is ours',
    },
    {
      name: 'X-GitHub-Delivery',
      value: { generated: { id: 'uuid' } },
      certainty: 'pub',
      remarks: [{ text: 'whether a redelivery has the same one is not documented', certainty: 'us', about: 'meaning' }],
    },
    { name: 'X-GitHub-Event', value: { generated: 'event-name' }, certainty: 'pub' },
  ],
  signature: {
    value: {
      at: { header: 'X-Hub-Signature-256' },
      algorithm: 'hmac-sha256',
      message: ['body'],
      format: 'sha256={v}',
    },
    certainty: 'doc',
  },
  furtherSignatures: {
    value: [{ at: { header: 'X-Hub-Signature' }, algorithm: 'hmac-sha1', message: ['body'], format: 'sha1={v}' }],
    certainty: 'pub',
    note: 'with the same secret, for old receivers',
  },
  vectors: [
    {
      name: "GitHub's own",
      secret: "It's a Secret to Everybody",
      headers: { 'Content-Type': 'application/json' },
      body: 'Hello, World!',
      signature: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      source: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
    },
    {
      name: 'beyond ASCII, with escapes',
      secret: 'development',
      headers: { 'Content-Type': 'application/json' },
      body: '{\n  "foo": "Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K"\n}\n',
      signature: 'sha256=9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e',
      source: 'https://github.com/octokit/webhooks-methods.js test/verify.test.ts',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'pub', source: 'https://docs.github.com/en/webhooks/using-webhooks' },
  retries: {
    delaysMs: { value: [], certainty: 'doc', note: 'nothing is resent automatically; the API can resend a delivery' },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [{ text: 'its networks are listed under "hooks" at https://api.github.com/meta', certainty: 'pub' }],
} as const satisfies Vendor;
