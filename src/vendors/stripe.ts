// https://docs.stripe.com/webhooks; the verifier is public: https://github.com/stripe/stripe-node
import type { Field, Vendor } from '../model/vendor.ts';

const HEAD = [
  { name: 'id', type: 'string', certainty: 'pub', generated: { id: 'evt_[a-zA-Z0-9]{24}' } },
  { name: 'object', type: 'string', certainty: 'pub', example: 'event' },
  {
    name: 'api_version',
    type: 'string',
    certainty: 'inf',
    example: '2026-10-29.clover',
    nullable: true,
    minimal: null,
  },
  { name: 'created', type: 'integer', certainty: 'inf', generated: { time: 's' } },
] as const satisfies readonly Field[];

const TAIL = [
  { name: 'livemode', type: 'boolean', certainty: 'inf', example: false },
  { name: 'pending_webhooks', type: 'integer', certainty: 'inf', example: 1 },
  {
    name: 'request',
    type: 'object',
    certainty: 'inf',
    fields: [
      { name: 'id', type: 'string', certainty: 'inf', nullable: true, example: 'req_hookproof', minimal: null },
      { name: 'idempotency_key', type: 'string', certainty: 'inf', nullable: true, example: 'order-17', minimal: null },
    ],
  },
  { name: 'type', type: 'string', certainty: 'pub', generated: 'event-name' },
] as const satisfies readonly Field[];

const CREATED = { name: 'created', type: 'integer', certainty: 'inf', generated: { time: 's' } } as const;

const CUSTOMER = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'cus_[a-zA-Z0-9]{14}' } },
  { name: 'object', type: 'string', certainty: 'inf', example: 'customer' },
  CREATED,
  {
    name: 'email',
    type: 'string',
    certainty: 'inf',
    nullable: true,
    example: 'mia.mueller@example.com',
    minimal: null,
  },
  {
    name: 'name',
    type: 'string',
    certainty: 'inf',
    prose: 'line',
    nullable: true,
    example: 'Mia Müller',
    minimal: null,
  },
  { name: 'metadata', type: 'object', certainty: 'inf', anyKeys: true, example: { shop: '17' }, minimal: {} },
] as const satisfies readonly Field[];

const PAYMENT = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'pi_[a-zA-Z0-9]{24}' } },
  { name: 'object', type: 'string', certainty: 'inf', example: 'payment_intent' },
  { name: 'amount', type: 'integer', certainty: 'inf', example: 4990, note: 'in the smallest unit of the currency' },
  CREATED,
  { name: 'currency', type: 'string', certainty: 'inf', example: 'eur' },
  { name: 'customer', type: 'string', certainty: 'inf', nullable: true, example: 'cus_hookproof0017', minimal: null },
  {
    name: 'description',
    type: 'string',
    certainty: 'inf',
    prose: 'line',
    nullable: true,
    example: 'Tee für zwei',
    minimal: null,
  },
  { name: 'metadata', type: 'object', certainty: 'inf', anyKeys: true, example: { order: '17' }, minimal: {} },
  { name: 'status', type: 'string', certainty: 'inf', example: 'succeeded' },
] as const satisfies readonly Field[];

const INVOICE = [
  { name: 'id', type: 'string', certainty: 'inf', generated: { id: 'in_[a-zA-Z0-9]{24}' } },
  { name: 'object', type: 'string', certainty: 'inf', example: 'invoice' },
  { name: 'amount_paid', type: 'integer', certainty: 'inf', example: 4990 },
  CREATED,
  { name: 'currency', type: 'string', certainty: 'inf', example: 'eur' },
  { name: 'customer', type: 'string', certainty: 'inf', example: 'cus_hookproof0017' },
  {
    name: 'customer_name',
    type: 'string',
    certainty: 'inf',
    prose: 'line',
    nullable: true,
    example: 'Mia Müller',
    minimal: null,
  },
  { name: 'status', type: 'string', certainty: 'inf', example: 'paid' },
] as const satisfies readonly Field[];

export const stripe = {
  id: 'stripe',
  title: 'Stripe',
  documentation: 'https://docs.stripe.com/webhooks',
  publicSource: 'https://github.com/stripe/stripe-node/blob/6639421/src/Webhooks.ts',
  asOf: '2026-11-28',

  events: [
    {
      name: 'customer.updated',
      summary: 'a customer was changed',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'data',
          type: 'object',
          certainty: 'pub',
          fields: [{ name: 'object', type: 'object', certainty: 'pub', fields: CUSTOMER }],
        },
        ...TAIL,
      ],
      idField: 'id',
    },
    {
      name: 'payment_intent.succeeded',
      summary: 'a payment was made',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'data',
          type: 'object',
          certainty: 'pub',
          fields: [{ name: 'object', type: 'object', certainty: 'pub', fields: PAYMENT }],
        },
        ...TAIL,
      ],
      idField: 'id',
    },
    {
      name: 'invoice.paid',
      summary: 'an invoice was paid',
      certainty: 'inf',
      fields: [
        ...HEAD,
        {
          name: 'data',
          type: 'object',
          certainty: 'pub',
          fields: [{ name: 'object', type: 'object', certainty: 'pub', fields: INVOICE }],
        },
        ...TAIL,
      ],
      idField: 'id',
    },
  ],
  headers: [{ name: 'Content-Type', value: 'application/json; charset=utf-8', certainty: 'us' }],
  signature: {
    value: {
      at: { header: 'Stripe-Signature' },
      algorithm: 'hmac-sha256',
      message: ['timestamp', { text: '.' }, 'body'],
      format: 't={t},v1={v}',
      // The whole secret, never base64-decoded.
      key: { encoding: 'utf8', prefix: 'whsec_', keepsPrefix: true },
      timestamp: {
        unit: 's',
        toleranceMs: { value: 300_000, certainty: 'pub' },
        futureToleranceMs: {
          value: null,
          certainty: 'pub',
          note: 'the SDK for Node only checks for times in the past',
        },
      },
      several: { repeat: 'part', separator: ',' },
    },
    certainty: 'pub',
    note: 'a part v0= may accompany it: a receiver must not accept that one alone',
  },
  vectors: [
    {
      name: 'indented, beyond ASCII',
      secret: 'whsec_of_the_vectors',
      timestamp: '1700000000',
      headers: { 'Content-Type': 'application/json' },
      body:
        '{\n' +
        '  "id": "evt_1NVectorForHookproof",\n' +
        '  "object": "event",\n' +
        '  "type": "customer.updated",\n' +
        '  "data": {\n' +
        '    "object": {\n' +
        '      "id": "cus_1NVector",\n' +
        '      "name": "Grüße 🎉"\n' +
        '    }\n' +
        '  }\n' +
        '}',
      signature: 't=1700000000,v1=247fc3040fafd2a93968b1fca31ada46fd1847474c848f8e528ca6f65722eccc',
      source: 'stripe 23.1.0 webhooks.generateTestHeaderString; recomputed with openssl dgst',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: {
    // 5m, 30m, 2h, 5h, 10h, 12h, 18h, 24h
    delaysMs: {
      value: [300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 43_200_000, 64_800_000, 86_400_000],
      certainty: 'us',
      note:
        'live for three days, at increasing intervals [inf]; in a sandbox three times within hours; the ' +
        'steps are ours',
    },
  },
  trust: {},
  jsonStyle: { value: 'pretty', certainty: 'pub', note: 'two spaces per level' },
  notes: [
    { text: "a tolerance of 0 disables the SDK's time check", certainty: 'pub' },
    { text: 'thin events (v2) have "object": "v2.core.event" and hold only the id of what changed', certainty: 'pub' },
  ],
} as const satisfies Vendor;
