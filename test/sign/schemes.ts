import type { Header } from '../../src/model/plan.ts';
import type { Signature } from '../../src/model/signature.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { findVendor } from '../helpers/vendors.ts';

// Ways to sign as public vendors have them, said in the grammar. Who signs by them in a test is Node's crypto alone.
const HMAC = { algorithm: 'hmac-sha256', format: '{v}', message: ['body'] } as const;
const SECONDS = { unit: 's', toleranceMs: { value: 300_000, certainty: 'doc' } } as const;

export const SCHEMES = {
  github: { ...HMAC, at: { header: 'X-Hub-Signature-256' }, format: 'sha256={v}' },
  stripe: {
    ...HMAC,
    at: { header: 'Stripe-Signature' },
    message: ['timestamp', { text: '.' }, 'body'],
    format: 't={t},v1={v}',
    key: { encoding: 'utf8', prefix: 'whsec_', keepsPrefix: true },
    timestamp: SECONDS,
    several: { repeat: 'part', separator: ',' },
  },
  slack: {
    ...HMAC,
    at: { header: 'X-Slack-Signature' },
    message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    format: 'v0={v}',
    timestamp: {
      ...SECONDS,
      at: { header: 'X-Slack-Request-Timestamp' },
      futureToleranceMs: { value: null, certainty: 'pub' },
    },
  },
  standard: {
    ...HMAC,
    at: { header: 'webhook-signature' },
    message: ['id', { text: '.' }, 'timestamp', { text: '.' }, 'body'],
    encoding: ['base64'],
    key: { encoding: 'base64', prefix: 'whsec_' },
    format: 'v1,{v}',
    timestamp: { ...SECONDS, at: { header: 'webhook-timestamp' } },
    several: { repeat: 'all', separator: ' ' },
  },
  shopify: { ...HMAC, at: { header: 'X-Shopify-Hmac-Sha256' }, encoding: ['base64'] },
  twilio: {
    ...HMAC,
    algorithm: 'hmac-sha1',
    at: { header: 'X-Twilio-Signature' },
    message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
    encoding: ['base64'],
  },
  mailgun: {
    ...HMAC,
    at: { json: 'signature.signature' },
    message: [{ json: 'signature.timestamp' }, { json: 'signature.token' }],
    timestamp: { unit: 's', at: { json: 'signature.timestamp' }, isOfEvent: true },
  },
  zeptomail: {
    ...HMAC,
    at: { header: 'producer-signature' },
    message: ['body'],
    encoding: ['base64', 'percent'],
    format: 'ts={t};s={v};s-algorithm=HmacSHA256',
    timestamp: { unit: 'ms', toleranceMs: { value: 300_000, certainty: 'pub' } },
  },
  bird: {
    ...HMAC,
    at: { header: 'messagebird-signature' },
    message: ['timestamp', { text: '\n' }, 'url', { text: '\n' }, { hash: 'sha256', as: 'raw', of: ['body'] }],
    encoding: ['base64'],
    timestamp: { ...SECONDS, at: { header: 'messagebird-request-timestamp' } },
  },
  adyen: {
    ...HMAC,
    at: { json: 'hmacSignature' },
    message: [{ fields: ['pspReference', 'amount', 'success'], from: 'json', each: '{value}', join: ':' }],
    encoding: ['base64'],
    key: { encoding: 'hex' },
  },
  digest: {
    algorithm: 'md5',
    at: { form: 'sign' },
    message: [{ form: 'order' }, { text: ':' }, 'secret'],
    format: '{v}',
  },
  dated: {
    ...HMAC,
    at: { header: 'X-Signature' },
    message: ['method', { text: '\n' }, 'target', { text: '\n' }, 'timestamp', { text: '\n' }, 'body'],
    encoding: ['hex', 'base64'],
    timestamp: { unit: 'iso', at: { header: 'X-Date' }, toleranceMs: { value: 60_000, certainty: 'user' } },
  },
  queried: { ...HMAC, at: { query: 'sig' }, encoding: ['base64'] },
  sendgrid: {
    algorithm: 'ecdsa-p256-sha256',
    at: { header: 'X-Twilio-Email-Event-Webhook-Signature' },
    message: ['timestamp', 'body'],
    encoding: ['base64'],
    format: '{v}',
    timestamp: { unit: 's', at: { header: 'X-Twilio-Email-Event-Webhook-Timestamp' } },
  },
  discord: {
    algorithm: 'ed25519',
    at: { header: 'X-Signature-Ed25519' },
    message: ['timestamp', 'body'],
    format: '{v}',
    timestamp: { unit: 's', at: { header: 'X-Signature-Timestamp' } },
  },
  rsa: {
    algorithm: 'rsa-sha256',
    at: { header: 'X-Signature' },
    message: ['body'],
    encoding: ['base64'],
    format: '{v}',
  },
  bearer: { algorithm: 'token', at: { header: 'Authorization' }, message: ['secret'], format: 'Bearer {v}' },
  basic: {
    algorithm: 'token',
    at: { header: 'Authorization' },
    message: ['secret'],
    encoding: ['base64'],
    format: 'Basic {v}',
  },
  token: { algorithm: 'token', at: { header: 'X-Gitlab-Token' }, message: ['secret'], format: '{v}' },
  jwt: { ...HMAC, message: [{ jwt: { claims: { iss: 'acme' } } }], at: { json: 'jwt' } },
  tokenInQuery: { algorithm: 'token', at: { query: 'key' }, message: ['secret'], format: '{v}' },
} as const satisfies Record<string, Signature>;

export type SchemeName = keyof typeof SCHEMES;

/** A vendor that signs so, and of which nothing else is known. */
export const vendorOf = (name: SchemeName): Vendor => ({
  ...findVendor('mail2many'),
  id: name,
  title: name,
  events: [],
  headers:
    name === 'standard'
      ? [{ name: 'webhook-id', value: { generated: { id: 'msg_[a-z]{20}' } }, certainty: 'doc' }]
      : [{ name: 'Content-Type', value: 'application/json', certainty: 'doc' }],
  signature: { value: SCHEMES[name], certainty: 'doc' },
});

/** A request as somebody has signed it. */
export interface SignedExample {
  headers: Header[];
  body: string | Uint8Array;
  url?: string;
}
