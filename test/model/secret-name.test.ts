import { expect, test } from 'vitest';
import { isSecretHeader, isSecretParameter } from '../../src/model/secret-name.ts';
import type { Header } from '../../src/model/plan.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { signatureHeaderOf } from '../../src/vendors/facts.ts';
import { secretFor, VENDORS } from '../helpers/vendors.ts';
import { signedHeaders, planAt, NOW_MS } from '../vendors/fixtures.ts';

const PLAIN = 'hunter2';
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${'x'.repeat(43)}`;

const words = (list: string): string[] => list.trim().split(/\s+/);

test.each(
  words(`
    Authorization Proxy-Authorization cookie Set-Cookie X-Api-Key apikey Api-Key X-APIKEY X-Auth-Token
    X-Gitlab-Token X-Telegram-Bot-Api-Secret-Token X-Hook-Secret X-Webhook-Secret X-Access-Key
    Ocp-Apim-Subscription-Key X-Functions-Key X-Auth X-Auth-Key X-Password X-Pass X-Amz-Security-Token
    X-CSRF-Token X-Session-Id Cf-Access-Jwt-Assertion X-Client-Secret X-Pin X-Goog-Channel-Token
    X-Forwarded-Access-Token X-Signature-Secret X-Hmac-Key X-Basic-Credentials X-Forwarded-Authorization
    X-Original-Authorization Proxy-Auth AuthKey X-Vault-Token x_api_key verif-hash X-Origin-Verify X-WSSE
    X-Signature-Pass X-Password-Hash X-Signature-Key
  `),
)('%s is a secret by its name', (name) => {
  expect(isSecretHeader(name, PLAIN)).toBe(true);
});

test.each(
  words(`
    X-Hub-Signature-256 Stripe-Signature webhook-signature X-Shopify-Hmac-Sha256 X-Signature-Ed25519
    X-Twilio-Email-Event-Webhook-Signature Content-Digest Content-MD5 X-Content-Hash X-Auth-Signature
    Paypal-Transmission-Sig Paypal-Auth-Algo X-Amz-Content-Sha256 Signature-Input X-GitHub-Delivery
    X-Event-Id Svix-Id webhook-id Idempotency-Key X-Event-Key X-Request-Id X-Event-Date Date X-Amz-Date
    X-Key-Id traceparent CF-Ray ETag Host X-Forwarded-For User-Agent Content-Type Referer WWW-Authenticate
    Authentication-Results X-RateLimit-Limit-Tokens X-Trello-Webhook Plaid-Verification X-Pusher-Key X-Ably-Key
    X-Pusher-Signature X-Auth-Signature-V2 X-Api-Sign X-Zm-Signature X-Square-HmacSHA256-Signature b3 X-Commit
  `),
)('%s is none, however random its value', (name) => {
  expect(isSecretHeader(name, 'a1b2c3d4e5f6a7b8c9d0e1f2')).toBe(false);
});

test.each([
  ['X-Partner', '8f14e45fceea167a5a36dedd4bea2543', true],
  ['X-Partner', 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MDEy==', true],
  ['X-Partner', JWT, true],
  ['X-Partner', 'Bearer abcdefgh', true],
  ['X-Partner', `sk_${'live'}_abcdefgh`, true],
  ['X-Partner', 'acme', false],
  ['X-Partner', 'Acme and friends, Inc. since 1999', false],
  ['X-Partner', '72d3162e-cc78-11e3-81ab-4c9367dc0958', false],
  ['X-Partner', '20261128T190000Z', false],
  ['X-Partner', 'hooks1.example2.com', false],
  ['X-Partner', 'mail2many-Webhook/1.0', false],
  ['X-Partner', '12345678901234567890', false],
  ['X-Jws-Signature', JWT, false],
  ['Plaid-Verification', JWT, false],
  ['X-Relay', 'bearer f3a9c1d2e4', true],
  ['X-Relay', 'TOKEN f3a9c1d2e4', true],
  ['X-Server', 'Bearer abcdefgh', true],
  ['X-Message', `sk_${'live'}_abcdefgh`, true],
  ['X-Message', 'Basic facts', false],
  ['WWW-Authenticate', 'Basic realm="site1"', false],
])('%s: %s by its looks is a secret: %s', (name, value, isSecret) => {
  expect(isSecretHeader(name, value)).toBe(isSecret);
});

const isToken = ({ signature }: Vendor): boolean => signature.value?.algorithm === 'token';
const headersOf = (vendors: readonly Vendor[]): Header[] =>
  vendors.flatMap((vendor) =>
    vendor.events.flatMap((event) => {
      const plan = planAt(vendor, { event: event.name });
      return signedHeaders(vendor, plan.headers, plan.body, secretFor(vendor), NOW_MS);
    }),
  );

test('no header of any vendor is one: verify and replay need them', () => {
  const headers = headersOf(VENDORS.filter((vendor) => !isToken(vendor)));
  expect(headers.length).toBeGreaterThan(20);
  expect(headers.filter(([name, value]) => isSecretHeader(name, value))).toEqual([]);
});

test('the header in which a vendor sends the secret itself is one', () => {
  for (const vendor of VENDORS.filter(isToken)) {
    const header = headersOf([vendor]).find(([name]) => name === signatureHeaderOf(vendor));
    expect(isSecretHeader(...(header ?? ['', '']))).toBe(true);
  }
});

test('in a query a signature is a secret, too: it opens what the link leads to', () => {
  const names = ['sig', 'signature', 'hmac', 'code', 'hash', 'api_key', 'apiKey', 'session', 'access_token', 'sign'];
  expect(names.filter((name) => !isSecretParameter(name, PLAIN))).toEqual([]);
  expect(['list', 'exp', 'keyword', 'page', 'event'].filter((name) => isSecretParameter(name, PLAIN))).toEqual([]);
});
