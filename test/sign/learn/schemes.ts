import {
  constants,
  createHash,
  createHmac,
  generateKeyPairSync,
  sign,
  type BinaryToTextEncoding,
  type KeyObject,
} from 'node:crypto';

/** Requests as vendors make them, by Node's own crypto and nothing of hookproof's. */

export interface MadeRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: string | Buffer;
}

export interface Scheme {
  name: string;
  secret: string;
  make: (n: number) => MadeRequest;
  /** What must be found; the parts of the message. */
  message: unknown;
  algorithm: string;
}

export const hmac = (
  hash: string,
  key: string | Buffer,
  encoding: BinaryToTextEncoding,
  ...parts: (string | Buffer)[]
): string => {
  const hashing = createHmac(hash, key);
  for (const part of parts) hashing.update(part);
  return hashing.digest(encoding);
};
export const digest = (hash: string, encoding: BinaryToTextEncoding, ...parts: (string | Buffer)[]): string => {
  const hashing = createHash(hash);
  for (const part of parts) hashing.update(part);
  return hashing.digest(encoding);
};

const URLS = 'https://hooks.example.com/in?tenant=7';
const PLAIN_URL = 'https://hooks.example.com/in';
const SECONDS = (n: number): string => String(1_764_000_000 + n * 137);
const MS = (n: number): string => String(1_764_000_000_123 + n * 137_001);
const ISO = (n: number): string => new Date(1_764_000_000_000 + n * 137_000).toISOString().replace(/\.\d+Z/, 'Z');
const UUID = (n: number): string => `2f1c9a6e-7b3d-4c58-9e21-0a5d6b7c8e${String(10 + n)}`;
const json = (n: number, extra: object = {}): string =>
  JSON.stringify({
    id: `evt_${n}7Qk2LmP`,
    type: 'order.created',
    data: { total: 1000 + n, email: `a${n}@b.de` },
    ...extra,
  });
const post = (
  headers: [string, string][],
  body: string | Buffer,
  url = URLS,
  type = 'application/json',
): MadeRequest => ({
  method: 'POST',
  url,
  headers: [['Host', 'hooks.example.com'], ['Content-Type', type], ['User-Agent', 'Acme/1.0'], ...headers],
  body,
});
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const sortedForm = (fields: Record<string, string>, each: (name: string, value: string) => string, join = ''): string =>
  Object.keys(fields)
    .toSorted()
    .map((name) => each(name, fields[name] ?? ''))
    .join(join);

const S = 'c2VjcmV0LW9mLWFjbWUtMDAx!plain';
const WHSEC = `whsec_${Buffer.from('an invented secret of 32 bytes!!').toString('base64')}`;
const HEX_KEY = 'a81b7e0c6d5f4e3d2c1b0a99887766554433221100ffeeddccbbaa9988776655';

export const ed25519 = generateKeyPairSync('ed25519');
export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const der = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const rawEd25519 = der(ed25519.publicKey).subarray(-32);

/** One a row: what is signed, as text with `${…}` written out, is said by `make` alone. */
export const SCHEMES: Scheme[] = [
  {
    name: 'stripe',
    secret: 'whsec_4f8Zc1QpLk',
    algorithm: 'hmac-sha256',
    message: ['timestamp', { text: '.' }, 'body'],
    make: (n) => {
      const body = JSON.stringify(JSON.parse(json(n)), null, 2);
      const v1 = hmac('sha256', 'whsec_4f8Zc1QpLk', 'hex', `${SECONDS(n)}.${body}`);
      return post([['Stripe-Signature', `t=${SECONDS(n)},v1=${v1},v0=${digest('sha256', 'hex', `x${n}`)}`]], body);
    },
  },
  {
    name: 'slack',
    secret: S,
    algorithm: 'hmac-sha256',
    message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    make: (n) => {
      const body = form({ token: `tok${n}`, command: '/hi', text: `x ${n}` });
      return post(
        [
          ['X-Slack-Request-Timestamp', SECONDS(n)],
          ['X-Slack-Signature', `v0=${hmac('sha256', S, 'hex', `v0:${SECONDS(n)}:${body}`)}`],
        ],
        body,
        URLS,
        'application/x-www-form-urlencoded',
      );
    },
  },
  {
    name: 'github',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['body'],
    make: (n) =>
      post(
        [
          ['X-GitHub-Event', 'push'],
          ['X-GitHub-Delivery', UUID(n)],
          ['X-Hub-Signature', `sha1=${hmac('sha1', S, 'hex', json(n))}`],
          ['X-Hub-Signature-256', `sha256=${hmac('sha256', S, 'hex', json(n))}`],
        ],
        json(n),
      ),
  },
  {
    name: 'shopify',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['body'],
    make: (n) =>
      post(
        [
          ['X-Shopify-Topic', 'orders/create'],
          ['X-Shopify-Webhook-Id', UUID(n)],
          ['X-Shopify-Hmac-Sha256', hmac('sha256', S, 'base64', json(n))],
        ],
        json(n),
      ),
  },
  {
    name: 'standard webhooks',
    secret: WHSEC,
    algorithm: 'hmac-sha256',
    message: [{ header: 'webhook-id' }, { text: '.' }, 'timestamp', { text: '.' }, 'body'],
    make: (n) => {
      const key = Buffer.from(WHSEC.slice(6), 'base64');
      return post(
        [
          ['webhook-id', `msg_${n}KwQ8rT5yXz`],
          ['webhook-timestamp', SECONDS(n)],
          ['webhook-signature', `v1,${hmac('sha256', key, 'base64', `msg_${n}KwQ8rT5yXz.${SECONDS(n)}.${json(n)}`)}`],
        ],
        json(n),
      );
    },
  },
  {
    name: 'twilio',
    secret: S,
    algorithm: 'hmac-sha1',
    message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
    make: (n) => {
      const fields = { To: '+18005551212', From: `+1415555010${n}`, CallSid: `CA${n}`, Digits: '12 34' };
      const text = URLS + sortedForm(fields, (name, value) => name + value);
      return post(
        [['X-Twilio-Signature', hmac('sha1', S, 'base64', text)]],
        form(fields),
        URLS,
        'application/x-www-form-urlencoded',
      );
    },
  },
  {
    name: 'mandrill',
    secret: S,
    algorithm: 'hmac-sha1',
    message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
    make: (n) => {
      const events = `[{"event":"send","_id":"x${n}"}]`;
      const body = form({ mandrill_events: events });
      const value = hmac('sha1', S, 'base64', `${URLS}mandrill_events${events}`);
      return post([['X-Mandrill-Signature', value]], body, URLS, 'application/x-www-form-urlencoded');
    },
  },
  {
    name: 'mailgun',
    secret: 'key-0p6mqbf74lb20gzq9f4d',
    algorithm: 'hmac-sha256',
    message: ['timestamp', { json: 'signature.token' }],
    make: (n) => {
      const token = digest('sha256', 'hex', `token${n}`).slice(0, 50);
      const value = hmac('sha256', 'key-0p6mqbf74lb20gzq9f4d', 'hex', SECONDS(n) + token);
      return post(
        [],
        JSON.stringify({
          signature: { timestamp: SECONDS(n), token, signature: value },
          'event-data': { event: 'opened', id: `x${n}` },
        }),
      );
    },
  },
  {
    name: 'sendgrid',
    secret: der(p256.publicKey).toString('base64'),
    algorithm: 'ecdsa-p256-sha256',
    message: ['timestamp', 'body'],
    make: (n) => {
      const body = `[{"event":"open","n":${n}}]\r\n`;
      return post(
        [
          ['X-Twilio-Email-Event-Webhook-Timestamp', SECONDS(n)],
          [
            'X-Twilio-Email-Event-Webhook-Signature',
            sign('sha256', Buffer.from(SECONDS(n) + body), p256.privateKey).toString('base64'),
          ],
        ],
        body,
      );
    },
  },
  {
    name: 'adyen',
    secret: HEX_KEY,
    algorithm: 'hmac-sha256',
    message: null,
    make: (n) => {
      const values = [`psp${n}`, '', 'AcmeShop', `ref-${n}`, '1130', 'EUR', 'AUTHORISATION', 'true'];
      const hmacSignature = hmac('sha256', Buffer.from(HEX_KEY, 'hex'), 'base64', values.join(':'));
      const item = {
        additionalData: { hmacSignature },
        amount: { currency: 'EUR', value: 1130 },
        pspReference: `psp${n}`,
        eventCode: 'AUTHORISATION',
        merchantAccountCode: 'AcmeShop',
        merchantReference: `ref-${n}`,
        success: 'true',
      };
      return post([], JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: item }] }));
    },
  },
  {
    name: 'twitch',
    secret: S,
    algorithm: 'hmac-sha256',
    message: [{ header: 'Twitch-Eventsub-Message-Id' }, 'timestamp', 'body'],
    make: (n) =>
      post(
        [
          ['Twitch-Eventsub-Message-Id', UUID(n)],
          ['Twitch-Eventsub-Message-Timestamp', ISO(n)],
          ['Twitch-Eventsub-Message-Signature', `sha256=${hmac('sha256', S, 'hex', UUID(n) + ISO(n) + json(n))}`],
        ],
        json(n),
      ),
  },
  {
    name: 'zendesk',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['timestamp', 'body'],
    make: (n) =>
      post(
        [
          ['X-Zendesk-Webhook-Signature-Timestamp', ISO(n)],
          ['X-Zendesk-Webhook-Signature', hmac('sha256', S, 'base64', ISO(n) + json(n))],
        ],
        json(n),
      ),
  },
  {
    name: 'square',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['url', 'body'],
    make: (n) => post([['X-Square-HmacSha256-Signature', hmac('sha256', S, 'base64', URLS + json(n))]], json(n)),
  },
  {
    name: 'bird',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['timestamp', { text: '\n' }, 'url', { text: '\n' }, { hash: 'sha256', as: 'raw', of: ['body'] }],
    make: (n) => {
      const raw = createHash('sha256').update(json(n)).digest();
      return post(
        [
          ['messagebird-request-timestamp', SECONDS(n)],
          ['messagebird-signature', hmac('sha256', S, 'base64', `${SECONDS(n)}\n${URLS}\n`, raw)],
        ],
        json(n),
      );
    },
  },
  {
    name: 'customer.io',
    secret: S,
    algorithm: 'hmac-sha256',
    message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    make: (n) =>
      post(
        [
          ['X-CIO-Timestamp', SECONDS(n)],
          ['X-CIO-Signature', hmac('sha256', S, 'hex', `v0:${SECONDS(n)}:${json(n)}`)],
        ],
        json(n),
      ),
  },
  {
    name: 'zeptomail',
    secret: S,
    algorithm: 'hmac-sha256',
    message: [{ form: 'data' }],
    make: (n) => {
      const value = encodeURIComponent(hmac('sha256', S, 'base64', json(n)));
      return post(
        [['producer-signature', `ts=${MS(n)};s=${value};s-algorithm=HmacSHA256`]],
        form({ data: json(n) }),
        URLS,
        'application/x-www-form-urlencoded',
      );
    },
  },
  {
    name: 'paddle',
    secret: 'pdl_ntfset_01hx_abcDEF',
    algorithm: 'hmac-sha256',
    message: ['timestamp', { text: ':' }, 'body'],
    make: (n) =>
      post(
        [
          [
            'Paddle-Signature',
            `ts=${SECONDS(n)};h1=${hmac('sha256', 'pdl_ntfset_01hx_abcDEF', 'hex', `${SECONDS(n)}:${json(n)}`)}`,
          ],
        ],
        json(n),
      ),
  },
  {
    name: 'zoom',
    secret: S,
    algorithm: 'hmac-sha256',
    message: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    make: (n) =>
      post(
        [
          ['x-zm-request-timestamp', SECONDS(n)],
          ['x-zm-signature', `v0=${hmac('sha256', S, 'hex', `v0:${SECONDS(n)}:${json(n)}`)}`],
        ],
        json(n),
      ),
  },
  {
    name: 'xero',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['body'],
    make: (n) => post([['x-xero-signature', hmac('sha256', S, 'base64', json(n))]], json(n)),
  },
  {
    name: 'gitlab token',
    secret: S,
    algorithm: 'token',
    message: ['secret'],
    make: (n) =>
      post(
        [
          ['X-Gitlab-Token', S],
          ['X-Gitlab-Event', 'Push Hook'],
        ],
        json(n),
      ),
  },
  {
    name: 'basic',
    secret: 'shop:correct horse battery',
    algorithm: 'token',
    message: ['secret'],
    make: (n) =>
      post([['Authorization', `Basic ${Buffer.from('shop:correct horse battery').toString('base64')}`]], json(n)),
  },
  {
    name: 'basic, the password alone',
    secret: 'correct-horse-battery',
    algorithm: 'token',
    message: [{ text: 'shop:' }, 'secret'],
    make: (n) =>
      post([['Authorization', `Basic ${Buffer.from('shop:correct-horse-battery').toString('base64')}`]], json(n)),
  },
  {
    name: 'bearer',
    secret: S,
    algorithm: 'token',
    message: ['secret'],
    make: (n) => post([['Authorization', `Bearer ${S}`]], json(n)),
  },
  {
    name: 'query token',
    secret: 'tok-81jq0zx',
    algorithm: 'token',
    message: ['secret'],
    make: (n) => post([], json(n), `${PLAIN_URL}?token=tok-81jq0zx`),
  },
  {
    name: 'discord',
    secret: rawEd25519.toString('hex'),
    algorithm: 'ed25519',
    message: ['timestamp', 'body'],
    make: (n) =>
      post(
        [
          ['X-Signature-Timestamp', SECONDS(n)],
          ['X-Signature-Ed25519', sign(null, Buffer.from(SECONDS(n) + json(n)), ed25519.privateKey).toString('hex')],
        ],
        json(n),
      ),
  },
  {
    name: 'rsa over the body',
    secret: pem(rsa.publicKey),
    algorithm: 'rsa-sha256',
    message: ['body'],
    make: (n) =>
      post([['X-Signature-Sha256', sign('sha256', Buffer.from(json(n)), rsa.privateKey).toString('base64')]], json(n)),
  },
  {
    name: 'rsa-pss over time and body',
    secret: pem(rsa.publicKey),
    algorithm: 'rsa-pss-sha512',
    message: ['timestamp', { text: '.' }, 'body'],
    make: (n) => {
      const key = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 };
      return post(
        [
          ['X-Timestamp', MS(n)],
          ['X-Signature', sign('sha512', Buffer.from(`${MS(n)}.${json(n)}`), key).toString('base64')],
        ],
        json(n),
      );
    },
  },
  {
    name: 'sns',
    secret: pem(rsa.publicKey),
    algorithm: 'rsa-sha1',
    message: null,
    make: (n) => {
      const fields = {
        Message: `{"n":${n}}`,
        MessageId: UUID(n),
        Timestamp: ISO(n),
        TopicArn: 'arn:aws:sns:eu:1:x',
        Type: 'Notification',
      };
      const text = Object.entries(fields)
        .map(([name, value]) => `${name}\n${value}\n`)
        .join('');
      const Signature = sign('sha1', Buffer.from(text), rsa.privateKey).toString('base64');
      return post(
        [],
        JSON.stringify({ ...fields, SignatureVersion: '1', Signature, SigningCertURL: 'https://x.example/c.pem' }),
        URLS,
        'text/plain; charset=UTF-8',
      );
    },
  },
  {
    name: 'hubspot v3',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['method', 'url', 'body', 'timestamp'],
    make: (n) =>
      post(
        [
          ['X-HubSpot-Request-Timestamp', MS(n)],
          ['X-HubSpot-Signature-v3', hmac('sha256', S, 'base64', `POST${URLS}${json(n)}${MS(n)}`)],
        ],
        json(n),
      ),
  },
  {
    name: 'hubspot v1: a plain hash',
    secret: S,
    algorithm: 'sha256',
    message: ['secret', 'body'],
    make: (n) => post([['X-HubSpot-Signature', digest('sha256', 'hex', S + json(n))]], json(n)),
  },
  {
    name: 'sha512 in upper hex under a hex key',
    secret: HEX_KEY,
    algorithm: 'hmac-sha512',
    message: ['body'],
    make: (n) =>
      post(
        [['X-ANET-Signature', `sha512=${hmac('sha512', Buffer.from(HEX_KEY, 'hex'), 'hex', json(n)).toUpperCase()}`]],
        json(n),
      ),
  },
  {
    name: 'hex within base64',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['body'],
    make: (n) => post([['signature', Buffer.from(hmac('sha256', S, 'hex', json(n))).toString('base64')]], json(n)),
  },
  {
    name: 'md5 of fields and the secret, in a form',
    secret: S,
    algorithm: 'md5',
    message: [
      { fields: ['amount', 'merchant', 'order'], from: 'form', each: '{name}={value}', join: '&' },
      { text: '&key=' },
      'secret',
    ],
    make: (n) => {
      const fields = { order: `A${n}`, amount: '10.00', merchant: 'acme' };
      const text = sortedForm(fields, (name, value) => `${name}=${value}`, '&');
      return post(
        [],
        form({ ...fields, sign: digest('md5', 'hex', `${text}&key=${S}`) }),
        URLS,
        'application/x-www-form-urlencoded',
      );
    },
  },
  {
    name: 'midtrans: values and the secret',
    secret: S,
    algorithm: 'sha512',
    message: [{ json: 'order_id' }, { json: 'status_code' }, { json: 'gross_amount' }, 'secret'],
    make: (n) => {
      const fields = { order_id: `order-${n}`, status_code: '200', gross_amount: `10${n}.00` };
      return post(
        [],
        JSON.stringify({
          ...fields,
          transaction_id: UUID(n),
          signature_key: digest('sha512', 'hex', Object.values(fields).join('') + S),
        }),
      );
    },
  },
  {
    name: 'rotation: two in one header, sha1 of the path',
    secret: S,
    algorithm: 'hmac-sha1',
    message: ['method', { text: '\n' }, 'target', { text: '\n' }, 'timestamp', { text: '\n' }, 'body'],
    make: (n) => {
      const text = `POST\n/in?tenant=7\n${ISO(n)}\n${json(n)}`;
      return post(
        [
          ['X-Time', ISO(n)],
          ['X-Sig', `v1=${hmac('sha1', 'old', 'hex', text)} v1=${hmac('sha1', S, 'hex', text)}`],
        ],
        json(n),
      );
    },
  },
  {
    name: 'a query signature over the path and time, base64url',
    secret: S,
    algorithm: 'hmac-sha256',
    message: ['path', { text: '|' }, { header: 'X-Nonce' }, { text: '|' }, 'body'],
    make: (n) => {
      const value = hmac('sha256', S, 'base64url', `/in|n-${n}-7|${json(n)}`);
      return post([['X-Nonce', `n-${n}-7`]], json(n), `${PLAIN_URL}?tenant=7&sig=${value}`);
    },
  },
];
