import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Signature, SignatureAlgorithm } from '../../../src/model/signature.ts';
import { computeSignature } from '../../../src/sign/scheme/compute.ts';
import type { SignedSubject } from '../../../src/sign/scheme/message.ts';
import { verifyRequest, type Verification } from '../../../src/sign/verify.ts';
import { messagebird } from '../../../src/vendors/messagebird.ts';
import published from './messagebird-vectors.json' with { type: 'json' };

const MESSAGEBIRD: Signature = messagebird.signature.value;
const SECRET = 'a secret for the tests alone';
const NOW_MS = 1_764_000_000_000;
const NOW = NOW_MS / 1000;
const URL_TEXT = 'https://shop.example.com/hooks?shop=7';
const BODY = '{"event":"order.paid","note":"Grüße"}';

const SPEC: Signature = {
  algorithm: 'hmac-sha256',
  message: [
    {
      jwt: {
        claims: {
          iss: 'acme',
          nbf: { time: -5 },
          exp: { time: 300 },
          jti: { id: 'uuid' },
          url: { text: [{ hash: 'sha256', of: ['url'] }] },
          body: { text: [{ hash: 'sha256', of: ['body'] }], withoutBody: 'left-out' },
        },
        header: { kid: 'key-1' },
      },
    },
  ],
  at: { header: 'Authorization' },
  format: 'Bearer {v}',
  timestamp: {
    unit: 's',
    toleranceMs: { value: 310_000, certainty: 'user' },
    futureToleranceMs: { value: 15_000, certainty: 'user' },
  },
};

const subject = (body = BODY, url = URL_TEXT): SignedSubject => ({
  method: 'POST',
  url: new URL(url),
  urlText: url,
  headers: [],
  body: Buffer.from(body),
});

const verify = (token: string, request = subject(), spec = SPEC, secret = SECRET, nowMs = NOW_MS): Verification =>
  verifyRequest(spec, secret, { ...request, headers: [['authorization', `Bearer ${token}`]] }, nowMs);

// Independent of the code that is tested: what RFC 7515 and 7519 say, in a few lines.
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface TokenParts {
  header?: object;
  claims?: object;
  signer?: (input: string) => Buffer;
}

function makeToken({ header = {}, claims = {}, signer = hmacOf('sha256', SECRET) }: TokenParts): string {
  const input = [
    encode({ alg: 'HS256', ...header }),
    encode({
      iss: 'acme',
      nbf: NOW - 5,
      exp: NOW + 300,
      jti: 'one',
      url: sha256(URL_TEXT),
      body: sha256(BODY),
      ...claims,
    }),
  ].join('.');
  return `${input}.${signer(input).toString('base64url')}`;
}

const hmacOf =
  (hash: string, secret: string) =>
  (input: string): Buffer =>
    createHmac(hash, secret).update(input).digest();

/** What each algorithm needs, and how node:crypto makes its signature. */
const PAIRS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed: generateKeyPairSync('ed25519'),
};
const pemOf = (pair: keyof typeof PAIRS): string =>
  PAIRS[pair].privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const signerOf =
  (pair: keyof typeof PAIRS, hash: string | null, options: object = {}) =>
  (input: string): Buffer =>
    sign(hash, Buffer.from(input), { key: PAIRS[pair].privateKey, ...options });

const ALGORITHMS: readonly [SignatureAlgorithm, alg: string, secret: string, (input: string) => Buffer][] = [
  ['hmac-sha256', 'HS256', SECRET, hmacOf('sha256', SECRET)],
  ['hmac-sha384', 'HS384', SECRET, hmacOf('sha384', SECRET)],
  ['hmac-sha512', 'HS512', SECRET, hmacOf('sha512', SECRET)],
  ['rsa-sha256', 'RS256', pemOf('rsa'), signerOf('rsa', 'sha256')],
  ['rsa-sha512', 'RS512', pemOf('rsa'), signerOf('rsa', 'sha512')],
  ['rsa-pss-sha512', 'PS512', pemOf('rsa'), signerOf('rsa', 'sha512', { padding: 6, saltLength: 64 })],
  ['ecdsa-p256-sha256', 'ES256', pemOf('ec'), signerOf('ec', 'sha256', { dsaEncoding: 'ieee-p1363' })],
  ['ed25519', 'EdDSA', pemOf('ed'), signerOf('ed', null)],
];

test.each(ALGORITHMS)('%s: what is sent is a JWT, and what others make is one', (algorithm, alg, secret, signer) => {
  const spec: Signature = { ...SPEC, algorithm };
  const own = computeSignature(spec, secret, { ...subject(), signedAtMs: NOW_MS }, String(NOW));
  const [header = '', claims = ''] = own.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  expect(JSON.parse(header)).toEqual({ alg, typ: 'JWT', kid: 'key-1' });
  expect(Object.entries(JSON.parse(claims) as object)).toEqual([
    ['iss', 'acme'],
    ['nbf', NOW - 5],
    ['exp', NOW + 300],
    ['jti', expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)],
    ['url', sha256(URL_TEXT)],
    ['body', sha256(BODY)],
  ]);
  expect(verify(own, subject(), spec, secret)).toEqual({ verdict: 'valid' });
  const other = makeToken({ header: { alg }, signer });
  expect(verify(other, subject(), spec, secret)).toEqual({ verdict: 'valid' });
  expect(verify(other, subject('{}'), spec, secret)).toMatchObject({ verdict: 'forged', reason: /claim body/ });
});

const tokenAt = (signedAtMs: number): string =>
  computeSignature(SPEC, SECRET, { ...subject(), signedAtMs }, String(NOW));

test('a token is new each time, and with the same clock the same', () => {
  expect(tokenAt(NOW_MS)).toBe(tokenAt(NOW_MS));
  expect(tokenAt(NOW_MS + 1)).not.toBe(tokenAt(NOW_MS));
});

const publicPem = createPublicKey(PAIRS.rsa.privateKey).export({ format: 'pem', type: 'spki' }).toString();
const RSA: Signature = { ...SPEC, algorithm: 'rsa-sha256' };
const nothing = (): Buffer => Buffer.alloc(0);

test.each<[what: string, token: string, reason: RegExp, Signature?, secret?: string]>([
  ['alg none', makeToken({ header: { alg: 'none' }, signer: nothing }), /alg is "none"/],
  ['alg none in other letters', makeToken({ header: { alg: 'nOnE' }, signer: nothing }), /alg is "nOnE"/],
  ['no signature', makeToken({ signer: nothing }), /its signature does not match/],
  ['no alg', makeToken({ header: { alg: undefined } }), /alg is not the name/],
  ['another HMAC', makeToken({ header: { alg: 'HS512' }, signer: hmacOf('sha512', SECRET) }), /alg is "HS512"/],
  [
    'HMAC by the public key',
    makeToken({ signer: hmacOf('sha256', publicPem) }),
    /alg is "HS256", but the vendor signs with RS256/,
    RSA,
    publicPem,
  ],
  ['another secret', makeToken({ signer: hmacOf('sha256', 'another') }), /its signature does not match/],
  ['another issuer', makeToken({ claims: { iss: 'other' } }), /claim iss is not "acme"/],
  ['no exp', makeToken({ claims: { exp: undefined } }), /claim exp is missing/],
  ['exp as a text', makeToken({ claims: { exp: 'tomorrow' } }), /claim exp is not a time/],
  ['no id', makeToken({ claims: { jti: undefined } }), /claim jti is missing/],
  ['no hash of the body', makeToken({ claims: { body: undefined } }), /claim body is missing/],
  ['the hash of another URL', makeToken({ claims: { url: sha256(`${URL_TEXT}&x=1`) } }), /claim url does not match/],
  ['an extension', makeToken({ header: { crit: ['b64'], b64: false } }), /crit/],
  ['two parts', makeToken({}).split('.').slice(0, 2).join('.'), /./],
  ['four parts', `${makeToken({})}.x`, /not a JWT/],
  ['no JSON', `${Buffer.from('{').toString('base64url')}.e30.e30`, /its header is not a JSON/],
  ['a list', `${encode([])}.e30.e30`, /its header is not a JSON/],
])('%s is refused', (_, token, reason, spec = SPEC, secret = SECRET) => {
  expect(verify(token, subject(), spec, secret)).toEqual({ verdict: 'forged', reason: expect.stringMatching(reason) });
});

test('a claim that stands twice is refused: receivers differ in which one counts', () => {
  const claims = `{"iss":"acme","nbf":${NOW},"exp":${NOW + 300},"jti":"1","url":"${sha256(URL_TEXT)}","body":"x","body":"${sha256(BODY)}"}`;
  const input = `${encode({ alg: 'HS256' })}.${Buffer.from(claims).toString('base64url')}`;
  const token = `${input}.${hmacOf('sha256', SECRET)(input).toString('base64url')}`;
  expect(verify(token)).toMatchObject({ verdict: 'forged', reason: /twice/ });
});

test.each([
  ['until it expires, and what clocks differ by', 310_000, 'valid'],
  ['no longer', 311_000, 'stale'],
  ['from when it is good on, less what clocks differ by', -15_000, 'valid'],
  ['no earlier', -16_000, 'stale'],
] as const)('a token is good %s', (_, laterMs, verdict) => {
  expect(verify(makeToken({}), subject(), SPEC, SECRET, NOW_MS + laterMs).verdict).toBe(verdict);
});

test('the token itself says until when it is good', () => {
  const longer = makeToken({ claims: { exp: NOW + 3600 } });
  expect(verify(longer, subject(), SPEC, SECRET, NOW_MS + 3_600_000).verdict).toBe('valid');
  expect(verify(longer, subject(), SPEC, SECRET, NOW_MS + 3_611_000).verdict).toBe('stale');
});

/** The reasons of the vendor's own library, and ours. */
const REASONS: Readonly<Record<string, string>> = {
  'invalid jwt: claim nbf is in the future': 'stale',
  'invalid jwt: claim exp is in the past': 'stale',
  'invalid jwt: claim url_hash is invalid': 'its claim url_hash does not match this request',
  'invalid jwt: claim payload_hash is invalid': 'its claim payload_hash does not match this request',
  'invalid jwt: signature is invalid': 'its signature does not match these claims and this key',
  'invalid jwt: claim payload_hash is set but actual payload is missing':
    'its claim payload_hash is present, although the body is empty',
  'invalid jwt: claim payload_hash is not set but payload is present': 'its claim payload_hash is missing',
  'invalid jwt: signing method none is invalid': 'its alg is "none", but the vendor signs with HS256',
};

test.each(published.requests.flatMap(({ methods, ...one }) => methods.map((method) => ({ ...one, method }))))(
  'MessageBird, $method: $name',
  ({ url, body, token, reason, method }) => {
    const headers = [['MessageBird-Signature-JWT', published.tokens[token] ?? '']] as const;
    const request = { ...subject(body, url), method, headers };
    const verification = verifyRequest(MESSAGEBIRD, published.secret, request, Date.parse(published.receivedAt));
    const told = verification.verdict === 'forged' ? verification.reason : verification.verdict;
    expect(told).toBe(reason === null ? 'valid' : REASONS[reason]);
  },
);

test('there are as many published requests as its library has', () => {
  expect(published.requests.flatMap(({ methods }) => methods)).toHaveLength(44);
});
