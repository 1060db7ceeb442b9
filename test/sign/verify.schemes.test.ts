import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import type { Signature } from '../../src/model/signature.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../src/sign/diagnosis.ts';
import { findVendor } from '../helpers/vendors.ts';
import { NOW_MS } from '../vendors/fixtures.ts';
import { SCHEMES, vendorOf, type SchemeName, type SignedExample } from './schemes.ts';

// Every signature here is made by Node's crypto, by the vendors' own descriptions.
const SECONDS = String(NOW_MS / 1000);
const ISO = new Date(NOW_MS).toISOString().replace('.000', '');
const BODY = '{"id":1,"text":"Grüße"}';
const URL_TEXT = 'https://hooks.example.org:8443/in?b=2&a=1';
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BYTES = Buffer.from(KEY.slice(6), 'base64');
const HEX_KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
const FORM = 'b=2&a=x%2By+z&b=1&c=';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: typeof ec.publicKey): string => key.export({ format: 'pem', type: 'spki' }).toString();

const hmac = (
  key: string | Buffer,
  message: string | Buffer,
  encoding: 'hex' | 'base64' | 'base64url' = 'hex',
  hash = 'sha256',
): string => createHmac(hash, key).update(message).digest(encoding);
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
const JWT_INPUT = ['{"alg":"HS256"}', '{"iss":"acme"}']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

const GOOD: Record<SchemeName, SignedExample & { secret: string }> = {
  github: { secret: KEY, headers: [['x-hub-signature-256', `sha256=${hmac(KEY, BODY)}`]], body: BODY },
  stripe: {
    secret: KEY,
    headers: [['stripe-signature', `t=${SECONDS},v1=${'0'.repeat(64)},v1=${hmac(KEY, `${SECONDS}.${BODY}`)},v0=x`]],
    body: BODY,
  },
  slack: {
    secret: KEY,
    headers: [
      ['x-slack-signature', `v0=${hmac(KEY, `v0:${SECONDS}:${BODY}`)}`],
      ['x-slack-request-timestamp', SECONDS],
    ],
    body: BODY,
  },
  standard: {
    secret: KEY,
    headers: [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', SECONDS],
      [
        'webhook-signature',
        `v1a,xx v1,${hmac('old', BODY, 'base64')} v1,${hmac(BYTES, `msg_1.${SECONDS}.${BODY}`, 'base64')}`,
      ],
    ],
    body: BODY,
  },
  shopify: { secret: KEY, headers: [['x-shopify-hmac-sha256', hmac(KEY, BODY, 'base64')]], body: BODY },
  twilio: {
    secret: KEY,
    headers: [
      ['x-twilio-signature', hmac(KEY, `${URL_TEXT}ax+y zb1b2c`, 'base64', 'sha1')],
      ['content-type', 'application/x-www-form-urlencoded'],
    ],
    body: FORM,
    url: URL_TEXT,
  },
  mailgun: {
    secret: KEY,
    headers: [],
    body: `{"signature":{"token":"abc","timestamp":"${SECONDS}","signature":"${hmac(KEY, `${SECONDS}abc`)}"},"event-data":{}}`,
  },
  zeptomail: {
    secret: KEY,
    headers: [
      ['producer-signature', `ts=${NOW_MS};s=${encodeURIComponent(hmac(KEY, BODY, 'base64'))};s-algorithm=HmacSHA256`],
    ],
    body: BODY,
  },
  bird: {
    secret: KEY,
    headers: [
      ['messagebird-request-timestamp', SECONDS],
      [
        'messagebird-signature',
        hmac(KEY, Buffer.concat([Buffer.from(`${SECONDS}\n${URL_TEXT}\n`), sha256(BODY)]), 'base64'),
      ],
    ],
    body: BODY,
    url: URL_TEXT,
  },
  adyen: {
    secret: HEX_KEY,
    headers: [],
    body: `{"pspReference":"7914","amount":1130,"success":true,"hmacSignature":"${hmac(Buffer.from(HEX_KEY, 'hex'), '7914:1130:true', 'base64')}"}`,
  },
  digest: {
    secret: KEY,
    headers: [],
    body: `order=7+8&sign=${createHash('md5').update(`7 8:${KEY}`).digest('hex')}`,
  },
  dated: {
    secret: KEY,
    headers: [
      ['x-date', ISO],
      ['x-signature', Buffer.from(hmac(KEY, `POST\n/in?b=2&a=1\n${ISO}\n${BODY}`)).toString('base64')],
    ],
    body: BODY,
    url: URL_TEXT,
  },
  queried: {
    secret: KEY,
    headers: [],
    body: BODY,
    url: `https://example.org/hook?sig=${encodeURIComponent(hmac(KEY, BODY, 'base64'))}`,
  },
  sendgrid: {
    secret: pem(ec.publicKey),
    headers: [
      ['x-twilio-email-event-webhook-timestamp', SECONDS],
      [
        'x-twilio-email-event-webhook-signature',
        sign('sha256', Buffer.from(`${SECONDS}${BODY}`), ec.privateKey).toString('base64'),
      ],
    ],
    body: BODY,
  },
  discord: {
    secret: ed.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex'),
    headers: [
      ['x-signature-timestamp', SECONDS],
      ['x-signature-ed25519', sign(null, Buffer.from(`${SECONDS}${BODY}`), ed.privateKey).toString('hex')],
    ],
    body: BODY,
  },
  rsa: {
    secret: pem(rsa.publicKey),
    headers: [['x-signature', sign('sha256', Buffer.from(BODY), rsa.privateKey).toString('base64')]],
    body: BODY,
  },
  bearer: { secret: KEY, headers: [['authorization', `Bearer ${KEY}`]], body: BODY },
  basic: {
    secret: 'user:pass',
    headers: [['authorization', `Basic ${Buffer.from('user:pass').toString('base64')}`]],
    body: BODY,
  },
  token: { secret: KEY, headers: [['x-gitlab-token', KEY]], body: BODY },
  jwt: { secret: KEY, headers: [], body: `{"jwt":"${JWT_INPUT}.${hmac(KEY, JWT_INPUT, 'base64url')}"}` },
  tokenInQuery: { secret: KEY, headers: [], body: BODY, url: `https://example.org/hook?key=${KEY}` },
};

function diagnose(name: SchemeName, example: SignedExample & { secret: string }, nowMs = NOW_MS): SignatureDiagnosis {
  const { secret, headers, body, url } = example;
  const request = { method: 'POST', headers, body: Buffer.from(body), ...(url !== undefined && { urls: () => [url] }) };
  return diagnoseRequest(vendorOf(name), [secret], request, nowMs, { effort: 'thorough' });
}

const NAMES = Object.keys(SCHEMES) as SchemeName[];

test.each(NAMES)('%s: a request that Node signed is valid', (name) => {
  expect(diagnose(name, GOOD[name])).toMatchObject({ verdict: 'valid', cause: null, fix: null });
});

test.each(NAMES)('%s: another secret is forged, and no usual mistake is claimed', (name) => {
  const { secret, ...example } = GOOD[name];
  const other = secret.startsWith('-----')
    ? pem(
        name === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
          : generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      )
    : secret.replaceAll(/[4-9]/g, '3').replaceAll('e', 'f');
  expect(diagnose(name, { ...example, secret: other })).toMatchObject({ verdict: 'forged', cause: 'other-secret' });
});

/** What the signature does not cover, anybody can change. */
const UNSIGNED_BODY: ReadonlySet<SchemeName> = new Set<SchemeName>([
  'mailgun',
  'adyen',
  'digest',
  'bearer',
  'basic',
  'token',
  'tokenInQuery',
  'jwt',
]);

test.each(NAMES)('%s: a changed body is forged where it is signed, and where it is not that is said', (name) => {
  const good = GOOD[name];
  const body = Buffer.from(good.body);
  const changed =
    name === 'twilio' || name === 'digest' ? `${good.body}&x=1` : body.toString().replace(/\}$/, ',"x":1}');
  const { verdict, explanation } = diagnose(name, { ...good, body: changed });
  expect(verdict).toBe(UNSIGNED_BODY.has(name) ? 'valid' : 'forged');
  if (verdict === 'valid') expect(explanation).toMatch(/body is not signed|neither the body nor the time/);
});

test.each(NAMES.filter((name) => (SCHEMES[name] as Signature).timestamp?.toleranceMs !== undefined))(
  '%s: later it is stale, with how far it may be off',
  (name) => {
    const { verdict, cause, byMs, explanation } = diagnose(name, GOOD[name], NOW_MS + 600_000);
    expect({ verdict, cause, byMs }).toEqual({ verdict: 'stale', cause: 'too-old', byMs: 600_000 });
    expect(explanation).toMatch(/10 min ago, and \w+ allows [15] min \((its|your)/);
    const early = diagnose(name, GOOD[name], NOW_MS - 600_000);
    expect(early.verdict).toBe(name === 'slack' ? 'valid' : 'stale');
  },
);

const DOCUSIGN: Signature = {
  algorithm: 'hmac-sha256',
  message: ['body'],
  encoding: ['base64'],
  at: { header: 'X-DocuSign-Signature-1' },
  format: '{v}',
  several: { repeat: 'numbered-header' },
};
const BOX: Signature = {
  ...DOCUSIGN,
  at: { header: 'BOX-SIGNATURE-PRIMARY' },
  several: { repeat: 'other-headers', headers: ['BOX-SIGNATURE-SECONDARY'] },
};
const OWN = hmac(KEY, BODY, 'base64');
const OLD = hmac('old', BODY, 'base64');
test.each<[what: string, spec: Signature, headers: Header[], expected: object]>([
  [
    'the first fits',
    DOCUSIGN,
    [
      ['x-docusign-signature-1', OWN],
      ['x-docusign-signature-2', OLD],
    ],
    { verdict: 'valid' },
  ],
  [
    'the last fits',
    DOCUSIGN,
    [
      ['X-DocuSign-Signature-10', OWN],
      ['X-DocuSign-Signature-2', OLD],
    ],
    { verdict: 'valid' },
  ],
  ['the second alone', DOCUSIGN, [['X-DocuSign-Signature-2', OWN]], { verdict: 'valid' }],
  [
    'none matches',
    DOCUSIGN,
    [
      ['X-DocuSign-Signature-1', OLD],
      ['X-DocuSign-Signature-2', OLD],
    ],
    { verdict: 'forged', cause: 'other-secret' },
  ],
  [
    'one is empty',
    DOCUSIGN,
    [
      ['X-DocuSign-Signature-1', ''],
      ['X-DocuSign-Signature-2', OWN],
    ],
    { verdict: 'valid' },
  ],
  [
    'one stands twice',
    DOCUSIGN,
    [
      ['X-DocuSign-Signature-1', OWN],
      ['X-DocuSign-Signature-1', OLD],
    ],
    { verdict: 'forged', cause: 'two-headers' },
  ],
  ['no number', DOCUSIGN, [['X-DocuSign-Signature-', OWN]], { verdict: 'missing' }],
  [
    'a hundred others',
    DOCUSIGN,
    [
      ...Array.from({ length: 99 }, (_, n): Header => [`X-DocuSign-Signature-${n + 2}`, OLD]),
      ['X-DocuSign-Signature-1', OWN],
    ],
    { verdict: 'valid' },
  ],
  [
    'too many',
    DOCUSIGN,
    Array.from({ length: 101 }, (_, n): Header => [`X-DocuSign-Signature-${n + 1}`, OWN]),
    { verdict: 'forged' },
  ],
  [
    'by name, the other',
    BOX,
    [
      ['BOX-SIGNATURE-PRIMARY', OLD],
      ['BOX-SIGNATURE-SECONDARY', OWN],
    ],
    { verdict: 'valid' },
  ],
  ['by name, the other alone', BOX, [['BOX-SIGNATURE-SECONDARY', OWN]], { verdict: 'valid' }],
  [
    'by name, none',
    BOX,
    [
      ['BOX-SIGNATURE-PRIMARY', OLD],
      ['BOX-SIGNATURE-TERTIARY', OWN],
    ],
    { verdict: 'forged' },
  ],
])('signatures in headers of their own: %s', (_, spec, headers, expected) => {
  const request = { method: 'POST', headers, body: Buffer.from(BODY) };
  const vendor = { ...vendorOf('shopify'), signature: { value: spec, certainty: 'doc' as const } };
  expect(diagnoseRequest(vendor, [KEY], request, NOW_MS)).toMatchObject(expected);
});

const IN_PLACE: Signature = {
  algorithm: 'md5',
  message: [{ bodyWith: { json: 'auth' }, of: ['secret'] }],
  at: { json: 'auth' },
  format: '{v}',
};
const FORM_IN_PLACE: Signature = {
  ...IN_PLACE,
  message: [{ bodyWith: { form: 'auth' }, of: ['secret'] }],
  at: { form: 'auth' },
};
/** As the vendor's own documentation has it: of the whole text, with the key where the digest comes. */
const inPlace = (text: string): string =>
  text.replace('KEY', createHash('md5').update(text.replace('KEY', KEY)).digest('hex'));
test.each<[what: string, spec: Signature, body: string, expected: object]>([
  ['JSON with odd spaces', IN_PLACE, inPlace('{ "auth":"KEY" ,"n": 1.0,"t":"Gr\\u00fc\\/e"}\n'), { verdict: 'valid' }],
  [
    'changed beside it',
    IN_PLACE,
    inPlace('{"auth":"KEY","n":1}').replace(':1', ':2'),
    { verdict: 'forged', cause: 'other-secret' },
  ],
  [
    'written anew',
    IN_PLACE,
    inPlace('{"auth":"KEY","n":1}').replace(':1', ': 1'),
    { verdict: 'forged', cause: 'reserialised-body' },
  ],
  ['no such field', IN_PLACE, '{"n":1}', { verdict: 'missing' }],
  ['a form', FORM_IN_PLACE, inPlace('b=2&auth=KEY&a=x%2By+z'), { verdict: 'valid' }],
  ['a form, changed', FORM_IN_PLACE, inPlace('b=2&auth=KEY&a=x%2By+z').replace('b=2', 'b=3'), { verdict: 'forged' }],
  ['a form, twice there', FORM_IN_PLACE, `${inPlace('b=2&auth=KEY')}&auth=x`, { verdict: 'forged' }],
])('a digest in its own place: %s', (_, spec, body, expected) => {
  const vendor = { ...vendorOf('shopify'), signature: { value: spec, certainty: 'doc' as const } };
  const request = { method: 'POST', headers: [], body: Buffer.from(body) };
  expect(diagnoseRequest(vendor, [KEY], request, NOW_MS)).toMatchObject(expected);
});

const IN_URL: Signature = {
  algorithm: 'hmac-sha1',
  message: ['url'],
  encoding: ['base64'],
  at: { header: 'X-Twilio-Signature' },
  format: '{v}',
  addedQuery: { bodySHA256: [{ hash: 'sha256', of: ['body'] }] },
};
const withHash = (text: string): string => `https://example.org/in?a=1&bodySHA256=${sha256(text).toString('hex')}`;
test.each<[what: string, url: string, body: string, expected: object]>([
  ['it matches', withHash(BODY), BODY, { verdict: 'valid' }],
  [
    'the body was changed',
    withHash(BODY),
    BODY.replace('1', '2'),
    {
      verdict: 'forged',
      cause: 'other-query',
      explanation: expect.stringMatching(/^the signature matches the URL, but its bodySHA256 does not match/),
    },
  ],
  [
    'the body was written anew',
    withHash(BODY),
    BODY.replace(':1,', ': 1, '),
    {
      verdict: 'forged',
      cause: 'reserialised-body',
      explanation: expect.stringMatching(/^the signature matches the URL, but its bodySHA256 matches/),
    },
  ],
  ['it is missing', 'https://example.org/in?a=1', BODY, { verdict: 'forged', cause: 'other-query' }],
  ['it stands there twice', `${withHash(BODY)}&bodySHA256=1`, BODY, { verdict: 'forged', cause: 'other-query' }],
])('what the vendor adds to the URL: %s', (_, url, body, expected) => {
  const request = {
    method: 'POST',
    headers: [['X-Twilio-Signature', hmac(KEY, url, 'base64', 'sha1')]] satisfies Header[],
    body: Buffer.from(body),
    urls: () => [url],
  };
  const vendor = { ...vendorOf('shopify'), signature: { value: IN_URL, certainty: 'doc' as const } };
  expect(diagnoseRequest(vendor, [KEY], request, NOW_MS)).toMatchObject(expected);
});

test('a time that is not signed is said', () => {
  expect(diagnose('zeptomail', GOOD.zeptomail).explanation).toContain('its time is not signed');
  expect(diagnose('slack', GOOD.slack).explanation).not.toContain('not signed');
  expect(diagnose('mailgun', GOOD.mailgun).explanation).not.toContain('its time');
});

test('of a vendor that signs the URL, the one that was called is said, without its secrets', () => {
  const url = 'https://user:pa55word@example.org/hook?token=s3cr3tS3cr3tS3cr3t';
  const body = 'a=1';
  const headers: [string, string][] = [['x-twilio-signature', hmac(KEY, `${url}a1`, 'base64', 'sha1')]];
  const { verdict, explanation } = diagnose('twilio', { secret: KEY, headers, body, url });
  expect(verdict).toBe('valid');
  expect(explanation).toContain('example.org/hook');
  expect(explanation).not.toMatch(/pa55word|s3cr3t/);
});

const github = findVendor('github');
const sha = (hash: 'sha1' | 'sha256'): string => `${hash}=${createHmac(hash, KEY).update(BODY).digest('hex')}`;
test.each<[what: string, headers: Header[], verdict: string, explanation: RegExp]>([
  [
    'both fit',
    [
      ['X-Hub-Signature-256', sha('sha256')],
      ['X-Hub-Signature', sha('sha1')],
    ],
    'valid',
    /with this secret$/,
  ],
  [
    'the other one does not',
    [
      ['X-Hub-Signature-256', sha('sha256')],
      ['X-Hub-Signature', 'sha1=x'],
    ],
    'valid',
    /its X-Hub-Signature header does not match$/,
  ],
  ['the other one alone', [['X-Hub-Signature', sha('sha1')]], 'missing', /X-Hub-Signature header is there and matches/],
])('of a vendor with two signatures: %s', (_, headers, verdict, explanation) => {
  const request = { method: 'POST', headers, body: Buffer.from(BODY) };
  const found = diagnoseRequest(github, [KEY], request, NOW_MS);
  expect(found).toMatchObject({ verdict, explanation: expect.stringMatching(explanation) });
});

test('several signatures are in order where a secret is replaced so, and none of them fits says that alone', () => {
  const signed = (...keys: string[]): SignatureDiagnosis => {
    const headers: Header[] = [
      ['stripe-signature', `t=${SECONDS},${keys.map((key) => `v1=${hmac(key, `${SECONDS}.${BODY}`)}`).join(',')}`],
    ];
    return diagnose('stripe', { secret: KEY, headers, body: BODY });
  };
  for (const keys of [
    [KEY, 'old'],
    ['old', KEY],
    [KEY, KEY],
  ])
    expect(signed(...keys).verdict).toBe('valid');
  expect(signed('old', 'older')).toMatchObject({ verdict: 'forged', cause: 'other-secret' });
  expect(signed('old', KEY.slice(6))).toMatchObject({ verdict: 'forged', cause: 'secret-without-prefix' });
});
