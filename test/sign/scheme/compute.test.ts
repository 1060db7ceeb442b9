import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Signature } from '../../../src/model/signature.ts';
import { computeSignature, findUnusable, fitsSignature, makeSecret } from '../../../src/sign/scheme/compute.ts';
import { makePrivateKey } from '../../../src/sign/scheme/keys.ts';
import type { SignedSubject } from '../../../src/sign/scheme/message.ts';
import { secretPrefixOf } from '../../../src/vendors/facts.ts';
import { VENDORS } from '../../helpers/vendors.ts';

// Vectors that vendors and their SDKs publish: nothing here was computed by this project.
const STANDARD = 'https://github.com/standard-webhooks/standard-webhooks';
const HEADER = { at: { header: 'X-Signature' }, format: '{v}' } as const;

interface Published {
  spec: Signature;
  secret: string;
  request: Partial<Omit<SignedSubject, 'body'>> & { body: string };
  timestamp?: string;
  value: string;
}

const ID = { idHeader: 'webhook-id' } as const;
const STANDARD_MESSAGE = ['id', { text: '.' }, 'timestamp', { text: '.' }, 'body'] as const;
const TWILIO_FORM = 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212';

const PUBLISHED: Record<string, Published> = {
  'GitHub: the body, hex': {
    spec: { ...HEADER, algorithm: 'hmac-sha256', message: ['body'] },
    secret: "It's a Secret to Everybody",
    request: { body: 'Hello, World!' },
    value: '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  },
  'Standard Webhooks: id, time, body; a base64 key behind its prefix': {
    spec: {
      ...HEADER,
      algorithm: 'hmac-sha256',
      message: STANDARD_MESSAGE,
      encoding: ['base64'],
      key: { encoding: 'base64', prefix: 'whsec_' },
    },
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    request: { ...ID, headers: [['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek']], body: '{"test": 2432232314}' },
    timestamp: '1614265330',
    value: 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  'Standard Webhooks: Ed25519': {
    spec: { ...HEADER, algorithm: 'ed25519', message: STANDARD_MESSAGE, encoding: ['base64'] },
    secret: '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
    request: { ...ID, headers: [['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek']], body: '{"test": 2432232314}' },
    timestamp: '1614265330',
    value: 'hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  },
  'Mailgun: values of the body': {
    spec: {
      ...HEADER,
      algorithm: 'hmac-sha256',
      message: [{ json: 'signature.timestamp' }, { json: 'signature.token' }],
    },
    secret: 'key-0p6mqbf74lb20gzq9f4dhpn9rg3zyk26',
    request: {
      body: '{"event-data":{"signature":{"token":"no"}},"signature":{"timestamp":"1661621787","token":"d1931d9645b65e60f6fddf94448e982ff8db9256144a7fcb15"}}',
    },
    value: '1aed11dcc25700d6b75f9a6d568343ea02ecdd3fc89cc3209e2883a19e5cdd50',
  },
  'Mailtrap: the body': {
    spec: { ...HEADER, algorithm: 'hmac-sha256', message: ['body'] },
    secret: '8d9a3c0e7f5b2d4a6c1e9f8b3a7d5c2e',
    request: {
      body: '{"event":"delivery","sending_stream":"transactional","category":"welcome","message_id":"a8b1d8f6-1f8d-4a3c-9b2e-1a2b3c4d5e6f","email":"recipient@example.com","event_id":"f1e2d3c4-b5a6-7890-1234-567890abcdef","timestamp":1716070000}',
    },
    value: '6d262e2611cd09be1f948382b5c611d63b0e585c4c9c5e40139d6ac3876d5433',
  },
  'Twilio: the URL and all form fields, sorted': {
    spec: {
      ...HEADER,
      algorithm: 'hmac-sha1',
      message: ['url', { fields: 'sorted', from: 'form', each: '{name}{value}' }],
      encoding: ['base64'],
    },
    secret: '12345',
    request: { url: new URL('https://mycompany.com/myapp.php?foo=1&bar=2'), body: TWILIO_FORM },
    value: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  },
  'Twilio: of JSON the URL alone, which carries its hash': {
    spec: { ...HEADER, algorithm: 'hmac-sha1', message: ['url'], encoding: ['base64'] },
    secret: '12345',
    request: {
      url: new URL(
        'https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620',
      ),
      body: '{"property": "value", "boolean": true}',
    },
    value: 'a9nBmqA0ju/hNViExpshrM61xv4=',
  },
};

function subjectOf({ request }: Published): SignedSubject {
  return { method: 'POST', url: null, headers: [], ...request, body: Buffer.from(request.body) };
}

test.each(Object.entries(PUBLISHED))('%s', (_, published) => {
  const { spec, secret, timestamp, value } = published;
  expect(computeSignature(spec, secret, subjectOf(published), timestamp)).toBe(value);
});

const subject = (body: string): SignedSubject => ({ method: 'POST', url: null, headers: [], body: Buffer.from(body) });

describe.each(['ed25519', 'ecdsa-p256-sha256', 'rsa-sha1', 'rsa-sha256', 'rsa-sha512', 'rsa-pss-sha512'] as const)(
  '%s',
  (algorithm) => {
    const spec: Signature = { ...HEADER, algorithm, message: ['body'], encoding: ['base64'] };
    const [key, other] = [makePrivateKey(algorithm), makePrivateKey(algorithm)];
    const value = computeSignature(spec, key, subject('{}'));
    const publicKey = createPublicKey(key);

    test('is verified by the public key, in PEM or base64', () => {
      const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
      const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      for (const given of [pem, der]) expect(fitsSignature(spec, given, subject('{}'), undefined, value)).toBe(true);
    });

    test('does not fit another body, key or text', () => {
      expect(fitsSignature(spec, key, subject('{ }'), undefined, value)).toBe(false);
      expect(fitsSignature(spec, other, subject('{}'), undefined, value)).toBe(false);
      expect(fitsSignature(spec, key, subject('{}'), undefined, `${value}=`)).toBe(false);
      expect(fitsSignature(spec, key, subject('{}'), undefined, '')).toBe(false);
    });
  },
);

test.each([
  ['ed25519', 'rsa-sha256'],
  ['rsa-sha256', 'ed25519'],
  ['ecdsa-p256-sha256', 'rsa-sha256'],
  ['rsa-pss-sha512', 'ecdsa-p256-sha256'],
] as const)('for %s a key of %s is of no use', (algorithm, other) => {
  const spec: Signature = { ...HEADER, algorithm, message: ['body'], encoding: ['base64'] };
  const key = makePrivateKey(other);
  const isOfNoUse = expect.objectContaining({
    kind: 'usage',
    message: expect.stringContaining(`does not verify ${algorithm}`),
  });
  expect(() => computeSignature(spec, key, subject('{}'))).toThrow(isOfNoUse);
  expect(() => fitsSignature(spec, key, subject('{}'), undefined, 'AAAA')).toThrow(isOfNoUse);
});

test.each(['whsec_', 'whsec_A'])('%j holds no key: it would sign, and prove nothing', (secret) => {
  for (const encoding of ['utf8', 'base64'] as const) {
    if (encoding === 'utf8' && secret !== 'whsec_') continue;
    const spec: Signature = {
      ...HEADER,
      algorithm: 'hmac-sha256',
      message: ['body'],
      key: { encoding, prefix: 'whsec_' },
    };
    expect(() => computeSignature(spec, secret, subject('{}'))).toThrow(expect.objectContaining({ kind: 'usage' }));
  }
});

test('a curve other than P-256 is of no use', () => {
  const spec: Signature = { ...HEADER, algorithm: 'ecdsa-p256-sha256', message: ['body'], encoding: ['base64'] };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  expect(() => computeSignature(spec, pem, subject('{}'))).toThrow(/of type EC secp256k1/);
});

test(`what is no secret of the vendor's form is a usage error, as ${STANDARD} has it`, () => {
  const published = PUBLISHED['Standard Webhooks: id, time, body; a base64 key behind its prefix'] as Published;
  expect(() => computeSignature(published.spec, 'whsec_no base64!', subjectOf(published), '1')).toThrow(
    expect.objectContaining({ kind: 'usage', hint: expect.stringContaining('base64') }),
  );
});

const BY_VERSION: Signature = {
  algorithm: 'rsa-sha1',
  algorithmBy: { json: 'v', values: { '2': 'rsa-sha256' } },
  message: ['body'],
  encoding: ['base64'],
  at: { header: 'X-Sig' },
  format: '{v}',
};
const RSA_KEY = makePrivateKey('rsa-sha1');

test.each([
  ['{"v":"2"}', 'sha256'],
  ['{"v":2}', 'sha256'],
  ['{"v":"1"}', 'sha1'],
  ['{"v":"3"}', 'sha1'],
  ['{"v":"toString"}', 'sha1'],
  ['{}', 'sha1'],
  ['no JSON', 'sha1'],
])('%s is signed by RSA-%s', (body, hash) => {
  const value = computeSignature(BY_VERSION, RSA_KEY, subject(body));
  expect(verify(hash, Buffer.from(body), createPublicKey(RSA_KEY), Buffer.from(value, 'base64'))).toBe(true);
  expect(fitsSignature(BY_VERSION, RSA_KEY, subject(body), undefined, value)).toBe(true);
  const other = computeSignature(
    { ...BY_VERSION, algorithmBy: undefined, algorithm: 'rsa-sha512' },
    RSA_KEY,
    subject(body),
  );
  expect(fitsSignature(BY_VERSION, RSA_KEY, subject(body), undefined, other)).toBe(false);
});

test('a key of another kind is not asked for what it cannot do', () => {
  const key = makePrivateKey('ed25519');
  const spec: Signature = { ...BY_VERSION, algorithm: 'ed25519' };
  const value = computeSignature(spec, key, subject('{"v":"2"}'));
  expect(fitsSignature(spec, key, subject('{"v":"2"}'), undefined, value)).toBe(true);
});

test('a secret that is made is one of the vendor, and another each time', () => {
  const made = VENDORS.flatMap((vendor) => {
    const spec = vendor.signature.value;
    if (spec === null) return [];
    const [secret, other] = [makeSecret(spec), makeSecret(spec)];
    const isWhole = secret.startsWith(secretPrefixOf(vendor) ?? '') && secret !== other;
    return [[vendor.id, isWhole, findUnusable(spec, secret)]];
  });
  expect(made.length).toBeGreaterThan(15);
  expect(made.filter(([, isWhole, why]) => !isWhole || why !== null)).toEqual([]);
});
