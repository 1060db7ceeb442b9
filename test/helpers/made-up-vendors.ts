import type { MessagePart, Signature } from '../../src/model/signature.ts';
import type { Field, Vendor, VendorEvent, VendorHeader } from '../../src/model/vendor.ts';

// Vendors that there are not, one for each way to sign: as a user's own file would describe them.

const FIELDS: readonly Field[] = [
  { name: 'id', type: 'string', certainty: 'user', generated: { id: 'evt_[a-z0-9]{16}' } },
  { name: 'type', type: 'string', certainty: 'user', generated: 'event-name' },
  { name: 'at', type: 'string', certainty: 'user', generated: { time: 'iso' } },
  { name: 'note', type: 'string', certainty: 'user', prose: 'line', example: 'Grüße', optional: true },
];

const eventOf = (name: string, fields: readonly Field[]): VendorEvent => ({
  name,
  summary: name,
  certainty: 'user',
  fields,
  idField: 'id',
});

interface Shape {
  fields?: readonly Field[];
  headers?: readonly VendorHeader[];
  /** Which field holds the id; null: a header does. */
  idField?: string | null;
}

function vendor(
  id: string,
  signature: Signature | null,
  { fields = FIELDS, headers = [], idField }: Shape = {},
): Vendor {
  const events = ['order.created', 'order.paid'].map((name): VendorEvent => {
    const { idField: inBody, ...event } = eventOf(name, fields);
    return idField === null ? event : { ...event, idField: idField ?? inBody ?? 'id' };
  });
  return {
    id,
    title: id,
    documentation: `https://${id}.example/docs`,
    asOf: '2026-11-29',
    events,
    headers: [{ name: 'Content-Type', value: 'application/json', certainty: 'user' }, ...headers],
    signature: { value: signature, certainty: 'user' },
    success: { value: { statuses: '2xx' }, certainty: 'user' },
    timeoutMs: { value: 10_000, certainty: 'user' },
    retries: { delaysMs: { value: [60_000, 7_200_000], certainty: 'user' } },
    trust: {},
    jsonStyle: { value: 'compact', certainty: 'user' },
  };
}

const FORM = 'application/x-www-form-urlencoded';
const ID_HEADER: VendorHeader = { name: 'Webhook-Id', value: { generated: { id: 'uuid' } }, certainty: 'user' };
const IN_HEADER: Shape = { fields: FIELDS.slice(1), headers: [ID_HEADER], idField: null };
const FIVE_MINUTES = { toleranceMs: { value: 300_000, certainty: 'user' } } as const;
const hmac = (more: Partial<Signature>): Signature => ({
  algorithm: 'hmac-sha256',
  message: ['body'],
  at: { header: 'X-Signature' },
  format: '{v}',
  ...more,
});

const JWT_OF_BODY: readonly MessagePart[] = [
  {
    jwt: {
      claims: {
        iss: 'acme',
        iat: { time: 0 },
        exp: { time: 300 },
        jti: { id: 'uuid' },
        event: { text: ['event'] },
        sha256: { text: [{ hash: 'sha256', of: ['body'] }] },
      },
      header: { kid: 'key-1' },
    },
  },
];
const AGES = {
  timestamp: {
    unit: 's',
    toleranceMs: { value: 300_000, certainty: 'user' },
    futureToleranceMs: { value: null, certainty: 'user' },
  },
} as const satisfies Partial<Signature>;

export const MADE_UP_VENDORS: readonly Vendor[] = [
  vendor(
    'rotating',
    hmac({
      message: ['id', { text: '.' }, 'timestamp', { text: '.' }, 'body'],
      encoding: ['base64'],
      key: { encoding: 'base64', prefix: 'whsec_' },
      at: { header: 'webhook-signature' },
      format: 'v1,{v}',
      timestamp: { unit: 's', at: { header: 'webhook-timestamp' }, ...FIVE_MINUTES },
      several: { repeat: 'all', separator: ' ' },
    }),
    IN_HEADER,
  ),
  vendor(
    'rotating-parts',
    hmac({
      message: ['timestamp', { text: '.' }, 'body'],
      format: 't={t},v1={v}',
      timestamp: { unit: 's', ...FIVE_MINUTES },
      several: { repeat: 'part', separator: ',' },
    }),
  ),
  vendor(
    'numbered-headers',
    hmac({
      encoding: ['base64'],
      at: { header: 'X-Acme-Signature-1' },
      several: { repeat: 'numbered-header' },
    }),
  ),
  vendor(
    'other-headers',
    hmac({
      message: ['body', 'timestamp'],
      at: { header: 'ACME-SIGNATURE-PRIMARY' },
      format: 'v1={v}',
      timestamp: { unit: 'iso', at: { header: 'ACME-DELIVERY-TIMESTAMP' }, ...FIVE_MINUTES },
      several: { repeat: 'other-headers', headers: ['ACME-SIGNATURE-SECONDARY'] },
    }),
  ),
  vendor(
    'hash-in-url',
    hmac({
      algorithm: 'hmac-sha1',
      message: ['url'],
      encoding: ['base64'],
      addedQuery: { bodySHA256: [{ hash: 'sha256', of: ['body'] }] },
    }),
  ),
  vendor('named-hash', hmac({ at: { header: 'X-Hub-Signature-256' }, format: 'sha256={v}' }), IN_HEADER),
  vendor('two-headers', hmac({ at: { header: 'X-Signature-256' }, format: 'sha256={v}' }), IN_HEADER),
  vendor(
    'token-of-body',
    hmac({ message: JWT_OF_BODY, at: { header: 'Authorization' }, format: 'Bearer {v}', ...AGES }),
  ),
  vendor(
    'token-of-key-pair',
    hmac({ algorithm: 'ecdsa-p256-sha256', message: JWT_OF_BODY, at: { header: 'X-Token' }, ...AGES }),
  ),
  vendor('base64-of-sha1', hmac({ algorithm: 'hmac-sha1', encoding: ['base64'] })),
  vendor('upper-hex-of-sha512', hmac({ algorithm: 'hmac-sha512', encoding: ['HEX'], key: { encoding: 'hex' } })),
  vendor('prefix-cut', hmac({ encoding: ['base64url'], key: { encoding: 'utf8', prefix: 'sk_' } })),
  vendor(
    'past-alone',
    hmac({
      message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
      format: 'v0={v}',
      timestamp: {
        unit: 's',
        at: { header: 'X-Request-Timestamp' },
        ...FIVE_MINUTES,
        futureToleranceMs: { value: null, certainty: 'user' },
      },
    }),
  ),
  vendor(
    'iso-time',
    hmac({
      message: ['timestamp', { text: '\n' }, 'url', { text: '\n' }, { hash: 'sha256', as: 'raw', of: ['body'] }],
      encoding: ['base64'],
      timestamp: { unit: 'iso', at: { header: 'X-Time' } },
    }),
  ),
  vendor(
    'unsigned-time',
    hmac({
      encoding: ['base64', 'percent'],
      format: 'ts={t};s={v};s-algorithm=HmacSHA256',
      timestamp: { unit: 'ms' },
    }),
  ),
  vendor(
    'signs-in-body',
    hmac({
      message: [{ json: 'signature.timestamp' }, { json: 'signature.token' }],
      at: { json: 'signature.value' },
      timestamp: { unit: 'iso', at: { json: 'signature.timestamp' }, isOfEvent: true },
    }),
    {
      fields: [
        {
          name: 'signature',
          type: 'object',
          certainty: 'user',
          fields: [
            { name: 'timestamp', type: 'string', certainty: 'user', generated: { time: 'iso' } },
            { name: 'token', type: 'string', certainty: 'user', generated: { id: '[a-z0-9]{20}' } },
            { name: 'value', type: 'string', certainty: 'user', example: '' },
          ],
        },
        ...FIELDS,
      ],
    },
  ),
  vendor(
    'digest-in-place',
    {
      algorithm: 'md5',
      message: [{ bodyWith: { json: 'auth' }, of: ['secret'] }],
      at: { json: 'auth' },
      format: '{v}',
    },
    { fields: [{ name: 'auth', type: 'string', certainty: 'user', example: '' }, ...FIELDS] },
  ),
  vendor(
    'hmac-in-place',
    hmac({
      message: ['timestamp', { bodyWith: { json: 'meta.sign' }, of: [{ text: '' }] }],
      at: { json: 'meta.sign' },
      timestamp: { unit: 's', at: { header: 'X-Time' }, ...FIVE_MINUTES },
    }),
  ),
  {
    ...vendor(
      'form-in-place',
      {
        algorithm: 'sha256',
        message: [{ bodyWith: { form: 'sign' }, of: ['secret'] }],
        at: { form: 'sign' },
        format: '{v}',
      },
      { fields: [{ name: 'sign', type: 'string', certainty: 'user', example: '' }, ...FIELDS] },
    ),
    headers: [{ name: 'Content-Type', value: FORM, certainty: 'user' }],
    body: { value: { format: 'form' }, certainty: 'user' },
  },
  vendor('signs-url', hmac({ message: ['method', 'target', 'body'], at: { query: 'sig' } })),
  vendor('plain-digest', {
    algorithm: 'sha256',
    message: ['body', 'secret'],
    at: { header: 'X-Digest' },
    format: '{v}',
  }),
  vendor('id-alone', hmac({ message: ['id'] }), IN_HEADER),
  vendor('token-header', { algorithm: 'token', message: ['secret'], at: { header: 'X-Token' }, format: '{v}' }),
  vendor('bearer', { algorithm: 'token', message: ['secret'], at: { header: 'Authorization' }, format: 'Bearer {v}' }),
  vendor('basic', {
    algorithm: 'token',
    message: ['secret'],
    encoding: ['base64'],
    at: { header: 'Authorization' },
    format: 'Basic {v}',
  }),
  vendor('token-plain-name', {
    algorithm: 'token',
    message: ['secret'],
    at: { header: 'X-Acme-Caller' },
    format: '{v}',
  }),
  vendor(
    'token-body',
    { algorithm: 'token', message: ['secret'], at: { json: 'caller' }, format: '{v}' },
    {
      fields: [...FIELDS, { name: 'caller', type: 'string', certainty: 'user', example: '' }],
    },
  ),
  // Computed, and the same in every request all the same.
  vendor('fixed-hmac', hmac({ message: ['method', { text: ' acme' }] })),
  vendor('fixed-digest', {
    algorithm: 'sha256',
    message: [{ hash: 'sha1', as: 'raw', of: ['secret'] }, 'secret'],
    encoding: ['base64'],
    at: { query: 'key' },
    format: '{v}',
  }),
  vendor('fixed-in-body', {
    algorithm: 'md5',
    message: ['secret'],
    at: { json: 'caller' },
    format: '{v}',
  }),
  vendor('fixed-ed25519', {
    algorithm: 'ed25519',
    message: [{ text: 'acme' }],
    at: { header: 'X-Signature' },
    format: '{v}',
  }),
  vendor('token-query', { algorithm: 'token', message: ['secret'], at: { query: 'token' }, format: '{v}' }),
  vendor('ed25519', {
    algorithm: 'ed25519',
    message: ['timestamp', 'body'],
    at: { header: 'X-Signature' },
    format: '{v}',
    timestamp: { unit: 's', at: { header: 'X-Time' }, ...FIVE_MINUTES },
  }),
  vendor('ecdsa', {
    algorithm: 'ecdsa-p256-sha256',
    message: ['body'],
    encoding: ['base64'],
    at: { header: 'X-Signature' },
    format: '{v}',
  }),
  // No two of its signatures are the same, and of a URL without a query it signs what it would sign without one.
  vendor('ecdsa-of-query', {
    algorithm: 'ecdsa-p256-sha256',
    message: ['method', 'query', 'body'],
    encoding: ['base64'],
    at: { header: 'X-Signature' },
    format: '{v}',
  }),
  vendor('rsa', {
    algorithm: 'rsa-sha256',
    message: ['body'],
    encoding: ['base64'],
    at: { header: 'X-Signature' },
    format: '{v}',
  }),
  {
    ...vendor('drops-4xx', hmac({})),
    retries: {
      delaysMs: { value: [60_000, 7_200_000], certainty: 'user' },
      onlyOn: { value: ['5xx', 408, 429, 'no-answer'], certainty: 'user' },
    },
  },
  {
    ...vendor('drops-406', hmac({})),
    retries: {
      delaysMs: { value: [60_000], certainty: 'user' },
      neverOn: { value: [406], certainty: 'user' },
    },
  },
  {
    ...vendor(
      'url-and-form',
      hmac({
        algorithm: 'hmac-sha1',
        message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
        encoding: ['base64'],
      }),
    ),
    headers: [{ name: 'Content-Type', value: FORM, certainty: 'user' }],
    body: { value: { format: 'form' }, certainty: 'user' },
  },
  {
    ...vendor('form-of-json', hmac({})),
    headers: [{ name: 'Content-Type', value: FORM, certainty: 'user' }],
    body: { value: { format: 'form-json', field: 'events' }, certainty: 'user' },
    batch: { value: { shape: 'array', max: 100, mixesEvents: true }, certainty: 'user' },
  },
  {
    ...vendor(
      'parts',
      hmac({
        message: ['timestamp', { form: 'token' }],
        at: { form: 'signature' },
        timestamp: { unit: 's', at: { form: 'timestamp' } },
      }),
      { fields: [...FIELDS, { name: 'token', type: 'string', certainty: 'user', generated: { id: '[a-z0-9]{20}' } }] },
    ),
    headers: [{ name: 'Content-Type', value: 'multipart/form-data', certainty: 'user' }],
    body: { value: { format: 'multipart' }, certainty: 'user' },
  },
  {
    ...vendor('signed-parts', hmac({ encoding: ['base64'] })),
    headers: [{ name: 'Content-Type', value: 'multipart/form-data', certainty: 'user' }],
    body: { value: { format: 'multipart' }, certainty: 'user' },
  },
  {
    ...vendor('xml', hmac({}), {
      fields: [
        {
          name: 'xml',
          type: 'string',
          certainty: 'user',
          prose: 'line',
          example: '<order id="1"><note>Grüße</note></order>',
        },
      ],
      idField: null,
    }),
    headers: [ID_HEADER, { name: 'Content-Type', value: 'application/xml', certainty: 'user' }],
    body: { value: { format: 'xml', field: 'xml' }, certainty: 'user' },
  },
  {
    ...vendor('array', hmac({ encoding: ['base64'] })),
    batch: { value: { shape: 'array', max: 100, mixesEvents: true }, certainty: 'user' },
  },
  {
    ...vendor('wrapped', hmac({})),
    batch: { value: { shape: { wrappedIn: 'events' }, max: 100, mixesEvents: false }, certainty: 'user' },
  },
  {
    ...vendor('lines', hmac({})),
    headers: [{ name: 'Content-Type', value: 'application/x-ndjson', certainty: 'user' }],
    body: { value: { format: 'json-lines' }, certainty: 'user' },
  },
  {
    ...vendor('in-query', hmac({ message: ['query'] })),
    headers: [],
    body: { value: { format: 'query' }, certainty: 'user' },
  },
  // As a file with one sample alone describes it: every event has the same bytes.
  {
    ...vendor(
      'one-sample',
      hmac({ message: ['timestamp', 'body'], timestamp: { unit: 's', at: { header: 'X-Time' } } }),
    ),
    events: [
      {
        name: 'order.created',
        summary: '',
        certainty: 'user',
        fields: [{ name: 'note', type: 'string', certainty: 'user', example: 'paid' }],
      },
    ],
    retries: { delaysMs: { value: [], certainty: 'us' } },
  },
  vendor('unsigned', null),
];
