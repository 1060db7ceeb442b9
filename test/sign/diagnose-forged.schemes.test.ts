import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Header } from '../../src/model/plan.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../src/sign/diagnosis.ts';
import { NOW_MS } from '../vendors/fixtures.ts';
import { SCHEMES, vendorOf, type SchemeName, type SignedExample } from './schemes.ts';

// What signers get wrong, by the ways to sign of many vendors. Every signature is made by Node's crypto.
const T = String(NOW_MS / 1000);
const BODY = '{"id":1,"text":"Grüße"}';
const SPACED = '{ "id": 1, "text": "Grüße" }';
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const INNER = KEY.slice(6);
const BYTES = Buffer.from(INNER, 'base64');
const HEX_KEY = '44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: typeof ec.publicKey): string => key.export({ format: 'pem', type: 'spki' }).toString();

interface HmacChoice {
  key?: string | Buffer;
  as?: 'hex' | 'base64' | 'base64url';
  hash?: string;
}
const hmac = (message: string | Buffer, { key = KEY, as = 'hex', hash = 'sha256' }: HmacChoice = {}): string =>
  createHmac(hash, key).update(message).digest(as);
const headerOf = (name: SchemeName, text: string, ...others: Header[]): SignedExample => ({
  headers: [[(SCHEMES[name].at as { header: string }).header, text], ...others],
  body: BODY,
});

const SLACK_TIME: Header = ['X-Slack-Request-Timestamp', T];
const slack = (text: string): SignedExample => headerOf('slack', text, SLACK_TIME);
const STANDARD_HEADERS: Header[] = [
  ['webhook-id', 'msg_1'],
  ['webhook-timestamp', T],
];
const CONTENT = `msg_1.${T}.${BODY}`;
const standard = (text: string): SignedExample => headerOf('standard', text, ...STANDARD_HEADERS);
const FORM = 'b=2&a=x%2By&c=';
const CALLED = 'https://hooks.example.org:8443/in?q=1';
const twilio = (url: string, fields = 'ax+yb2c'): SignedExample => ({
  ...headerOf('twilio', hmac(`${url}${fields}`, { as: 'base64', hash: 'sha1' }), [
    'Authorization',
    `Basic ${Buffer.from('u:p').toString('base64')}`,
  ]),
  body: FORM,
  url: CALLED,
});
const bird = (message: string | Buffer): SignedExample => ({
  ...headerOf('bird', hmac(message, { as: 'base64' }), ['messagebird-request-timestamp', T]),
  url: CALLED,
});
const bodyHash = (as: 'hex' | 'base64'): string => createHash('sha256').update(BODY).digest(as);
const adyen = (signature: string): SignedExample => ({
  headers: [],
  body: `{"pspReference":"79","amount":10,"success":true,"hmacSignature":"${signature}"}`,
});
const mailgun = (signature: string): SignedExample => ({
  headers: [],
  body: `{"signature":{"timestamp":"${T}","token":"abc","signature":"${signature}"},"event-data":{"a":1}}`,
});
const zepto = (message: string, write: (text: string) => string = encodeURIComponent): SignedExample =>
  headerOf('zeptomail', `ts=${NOW_MS};s=${write(hmac(message, { as: 'base64' }))};s-algorithm=HmacSHA256`);
const ISO = new Date(NOW_MS).toISOString().replace('.000', '');
const dated = (
  message: string,
  as: (hex: string) => string = (hex) => Buffer.from(hex).toString('base64'),
): SignedExample => ({
  ...headerOf('dated', as(hmac(message)), ['X-Date', ISO]),
  url: CALLED,
});
const sendgrid = (message: string, hash = 'sha256', raw = false): SignedExample =>
  headerOf(
    'sendgrid',
    sign(hash, Buffer.from(message), { key: ec.privateKey, dsaEncoding: raw ? 'ieee-p1363' : 'der' }).toString(
      'base64',
    ),
    ['X-Twilio-Email-Event-Webhook-Timestamp', T],
  );
const discord = (message: string | Buffer, as: 'hex' | 'base64' = 'hex', body = BODY): SignedExample => ({
  ...headerOf('discord', sign(null, Buffer.from(message), ed.privateKey).toString(as), ['X-Signature-Timestamp', T]),
  body,
});
const ED_KEY = ed.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const rsaSigned = (message: string, hash: string, padding?: number): SignedExample =>
  headerOf(
    'rsa',
    sign(
      hash,
      Buffer.from(message),
      padding === undefined ? rsa.privateKey : { key: rsa.privateKey, padding },
    ).toString('base64'),
  );
const basicOf = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

type Row = [
  cause: string,
  name: SchemeName,
  what: string,
  example: SignedExample,
  explanation: RegExp,
  secret?: string,
];

const KEYS: Row[] = [
  [
    'secret-as-text',
    'standard',
    'the whole text',
    standard(`v1,${hmac(CONTENT, { as: 'base64' })}`),
    /as text, not decoded/,
  ],
  [
    'secret-as-text',
    'standard',
    'the text after whsec_',
    standard(`v1,${hmac(CONTENT, { key: INNER, as: 'base64' })}`),
    /as text without whsec_/,
  ],
  [
    'secret-with-prefix',
    'standard',
    'decoded with its prefix',
    standard(`v1,${hmac(CONTENT, { key: Buffer.from(KEY, 'base64'), as: 'base64' })}`),
    /whole secret decoded, whsec_ included/,
  ],
  [
    'secret-with-newline',
    'slack',
    'a line break',
    slack(`v0=${hmac(`v0:${T}:${BODY}`, { key: `${KEY}\n` })}`),
    /with a trailing line break/,
  ],
  [
    'base64-decoded-secret',
    'stripe',
    'decoded',
    headerOf('stripe', `t=${T},v1=${hmac(`${T}.${BODY}`, { key: BYTES })}`),
    /decoded from base64/,
  ],
  [
    'secret-without-prefix',
    'stripe',
    'without whsec_',
    headerOf('stripe', `t=${T},v1=${hmac(`${T}.${BODY}`, { key: INNER })}`),
    /without whsec_/,
  ],
  [
    'secret-as-text',
    'adyen',
    'hex as text',
    adyen(hmac('79:10:true', { key: HEX_KEY, as: 'base64' })),
    /as text, not decoded/,
    HEX_KEY,
  ],
  [
    'base64-decoded-secret',
    'adyen',
    'hex read as base64',
    adyen(hmac('79:10:true', { key: Buffer.from(HEX_KEY, 'base64'), as: 'base64' })),
    /decoded from base64/,
    HEX_KEY,
  ],
  [
    'quoted-secret',
    'standard',
    'quotes where it is kept',
    standard(`v1,${hmac(CONTENT, { key: BYTES, as: 'base64' })}`),
    /without its quotes/,
    `"${KEY}"`,
  ],
  [
    'unusable-secret',
    'standard',
    'a secret of another form',
    standard(`v1,${hmac(CONTENT, { key: BYTES, as: 'base64' })}`),
    /not base64/,
    'not base64!',
  ],
  ['unusable-secret', 'discord', 'a secret for a public key', discord(`${T}${BODY}`), /not a public key/, KEY],
  ['unusable-secret', 'discord', 'a key of another kind', discord(`${T}${BODY}`), /of type RSA/, pem(rsa.publicKey)],
];

const MESSAGES: Row[] = [
  ['other-message', 'slack', 'without v0:', slack(`v0=${hmac(`${T}:${BODY}`)}`), /time, colon, body|without "v0:"/],
  ['other-message', 'slack', 'only the body', slack(`v0=${hmac(BODY)}`), /only the body/],
  [
    'other-message',
    'standard',
    'without the id',
    standard(`v1,${hmac(`${T}.${BODY}`, { key: BYTES, as: 'base64' })}`),
    /time, dot, body|without id/,
  ],
  [
    'other-message',
    'standard',
    'without the time',
    standard(`v1,${hmac(`msg_1.${BODY}`, { key: BYTES, as: 'base64' })}`),
    /without time/,
  ],
  [
    'other-message',
    'standard',
    'time before id',
    standard(`v1,${hmac(`${T}.msg_1.${BODY}`, { key: BYTES, as: 'base64' })}`),
    /different order \(time, ".", id/,
  ],
  [
    'other-message',
    'standard',
    'no dots',
    standard(`v1,${hmac(`msg_1${T}${BODY}`, { key: BYTES, as: 'base64' })}`),
    /nothing between|without a dot/,
  ],
  [
    'standard-webhooks',
    'stripe',
    'as Standard Webhooks',
    headerOf('stripe', `t=${T},v1=${hmac(`msg_1.${T}.${BODY}`)}`, ['svix-id', 'msg_1']),
    /id \(svix-id\), time and body/,
  ],
  [
    'milliseconds-for-seconds',
    'slack',
    'milliseconds signed',
    slack(`v0=${hmac(`v0:${T}000:${BODY}`)}`),
    /multiplied by 1000/,
  ],
  ['seconds-for-iso', 'dated', 'seconds signed', dated(`POST\n/in?q=1\n${T}\n${BODY}`), /written as seconds/],
  ['other-message', 'dated', 'no method', dated(`/in?q=1\n${ISO}\n${BODY}`), /without the method/],
  ['other-url', 'dated', 'the path alone', dated(`POST\n/in\n${ISO}\n${BODY}`), /without its query/],
  ['other-message', 'mailgun', 'token before time', mailgun(hmac(`abc${T}`)), /a different order/],
  [
    'other-message',
    'adyen',
    'without colons',
    adyen(hmac('7910true', { key: Buffer.from(HEX_KEY, 'hex'), as: 'base64' })),
    /only the values of its fields/,
    HEX_KEY,
  ],
  ['other-message', 'bird', 'the hash as hex', bird(`${T}\n${CALLED}\n${bodyHash('hex')}`), /SHA256 as hex/],
  ['other-message', 'bird', 'the hash as base64', bird(`${T}\n${CALLED}\n${bodyHash('base64')}`), /SHA256 as base64/],
  ['other-message', 'bird', 'the body itself', bird(`${T}\n${CALLED}\n${BODY}`), /the raw body in place of its SHA256/],
  ['other-message', 'zeptomail', 'time and body', zepto(`${NOW_MS}${BODY}`), /time and body without a dot/],
  ['unsorted-fields', 'twilio', 'unsorted', twilio(CALLED, 'b2ax+yc'), /in the order received/],
  ['undecoded-fields', 'twilio', 'undecoded', twilio(CALLED, 'ax%2Byb2c'), /not decoded/],
  [
    'undecoded-fields',
    'twilio',
    'undecoded, a name alone among them',
    { ...twilio(CALLED, 'ax%2Byb2c'), body: FORM.replace('c=', 'c') },
    /not decoded/,
  ],
  ['other-message', 'twilio', 'the raw body', twilio(CALLED, FORM), /raw body in place/],
  ['other-message', 'twilio', 'the URL alone', twilio(CALLED, ''), /without all form fields/],
  [
    'reserialised-body',
    'github',
    'a form as JSON',
    { headers: [['X-Hub-Signature-256', `sha256=${hmac('{"a":"1 2","b":"x"}')}`]], body: 'a=1+2&b=x' },
    /fields written as JSON/,
  ],
  [
    'reserialised-body',
    'github',
    'a form written anew',
    { headers: [['X-Hub-Signature-256', `sha256=${hmac('a=1+2&b=%C3%BC')}`]], body: 'a=1%202&b=%c3%bc' },
    /re-encoded, spaces as \+/,
  ],
  [
    'reserialised-body',
    'bird',
    're-serialised JSON, hashed',
    {
      ...bird(Buffer.concat([Buffer.from(`${T}\n${CALLED}\n`), createHash('sha256').update(BODY).digest()])),
      body: SPACED,
    },
    /JSON written compact/,
  ],
];

const URLS: Row[] = [
  [
    'other-url',
    'twilio',
    'http behind a proxy',
    twilio('http://hooks.example.org:8443/in?q=1'),
    /with http instead of https/,
  ],
  ['other-url', 'twilio', 'no port', twilio('https://hooks.example.org/in?q=1'), /without its port/],
  ['other-url', 'twilio', 'no query', twilio('https://hooks.example.org:8443/in'), /without its query/],
  ['other-url', 'twilio', 'a slash', twilio('https://hooks.example.org:8443/in/?q=1'), /with a trailing slash/],
  [
    'other-url',
    'twilio',
    'credentials',
    twilio('https://u:p@hooks.example.org:8443/in?q=1'),
    /with the user and password/,
  ],
  [
    'other-url',
    'twilio',
    'http, no port, no query',
    twilio('http://hooks.example.org/in'),
    /http instead of https and without its port and without its query/,
  ],
  [
    'other-url',
    'bird',
    'no port',
    bird(
      Buffer.concat([
        Buffer.from(`${T}\nhttps://hooks.example.org/in?q=1\n`),
        createHash('sha256').update(BODY).digest(),
      ]),
    ),
    /without its port/,
  ],
  [
    'unknown-url',
    'twilio',
    'nobody knows it',
    { headers: twilio(CALLED).headers, body: FORM },
    /not known which URL was called/,
  ],
];

test('under another URL: the one of the request is tried, and where none fits that is said', () => {
  const { headers, body } = twilio('http://10.0.0.1:3000/in');
  const judge = (otherUrls: string[]): SignatureDiagnosis => {
    const request = {
      method: 'POST',
      headers,
      body: Buffer.from(body),
      urls: () => [CALLED],
      otherUrls: () => otherUrls,
    };
    return diagnoseRequest(vendorOf('twilio'), [KEY], request, NOW_MS);
  };
  expect(judge(['http://10.0.0.1:3000/in'])).toMatchObject({
    cause: 'other-url',
    explanation: 'the signature matches the URL http://10.0.0.1:3000/in',
  });
  expect(judge([])).toMatchObject({
    cause: 'other-secret',
    explanation: expect.stringContaining(`or it was called at a URL other than ${CALLED} (--public-url)`),
  });
});

const FORMS: Row[] = [
  ['hex-for-base64', 'shopify', 'hex', headerOf('shopify', hmac(BODY)), /read as hex/],
  [
    'base64url-for-base64',
    'shopify',
    'base64url',
    headerOf('shopify', hmac(BODY, { as: 'base64url' })),
    /read as base64/,
  ],
  [
    'base64-of-hex-for-base64',
    'shopify',
    'base64 of hex',
    headerOf('shopify', Buffer.from(hmac(BODY)).toString('base64')),
    /base64 of hex/,
  ],
  [
    'base64-for-hex',
    'github',
    'base64',
    headerOf('github', `sha256=${hmac(BODY, { as: 'base64' })}`),
    /read as base64/,
  ],
  ['hex-for-hex-base64', 'dated', 'hex alone', dated(`POST\n/in?q=1\n${ISO}\n${BODY}`, (hex) => hex), /read as hex/],
  ['malformed-signature', 'github', 'no prefix', headerOf('github', hmac(BODY)), /not have the form sha256=/],
  [
    'malformed-signature',
    'standard',
    'another version',
    standard(`v2,${hmac(CONTENT, { key: BYTES, as: 'base64' })}`),
    /not have the form v1,/,
  ],
  ['base64-for-base64-percent', 'zeptomail', 'not percent-encoded', zepto(BODY, (text) => text), /read as base64/],
  [
    'other-algorithm',
    'github',
    'SHA-1',
    headerOf('github', `sha256=${hmac(BODY, { hash: 'sha1' })}`),
    /SHA-1 instead of SHA-256/,
  ],
  [
    'two-headers',
    'github',
    'two',
    {
      headers: [
        ['X-Hub-Signature-256', `sha256=${hmac(BODY)}`],
        ['X-Hub-Signature-256', 'x'],
      ],
      body: BODY,
    },
    /header 2 times/,
  ],
  [
    'hmac-for-hash',
    'digest',
    'HMAC',
    { headers: [], body: `order=7&sign=${hmac(`7:${KEY}`, { hash: 'md5' })}` },
    /HMAC with the secret as its key/,
  ],
];

const PUBLIC_KEYS: Row[] = [
  ['other-message', 'discord', 'the time is missing', discord(BODY), /only the body/, ED_KEY],
  [
    'reserialised-body',
    'discord',
    're-serialised JSON',
    discord(`${T}${BODY}`, 'hex', SPACED),
    /JSON written compact/,
    ED_KEY,
  ],
  ['base64-for-hex', 'discord', 'base64', discord(`${T}${BODY}`, 'base64'), /read as base64/, ED_KEY],
  [
    'hashed-message',
    'discord',
    'a hash signed',
    discord(createHash('sha256').update(`${T}${BODY}`).digest()),
    /SHA-256 of the message/,
    ED_KEY,
  ],
  [
    'trailing-newline',
    'discord',
    'a line break',
    discord(`${T}${BODY}`, 'hex', `${BODY}\n`),
    /without its trailing line break/,
    ED_KEY,
  ],
  [
    'raw-signature-for-der',
    'sendgrid',
    '64 bytes',
    sendgrid(`${T}${BODY}`, 'sha256', true),
    /as 64 bytes instead/,
    pem(ec.publicKey),
  ],
  ['other-algorithm', 'sendgrid', 'SHA-384', sendgrid(`${T}${BODY}`, 'sha384'), /sha384 instead of/, pem(ec.publicKey)],
  ['other-message', 'sendgrid', 'a dot between', sendgrid(`${T}.${BODY}`), /time, dot, body/, pem(ec.publicKey)],
  ['other-algorithm', 'rsa', 'SHA-1', rsaSigned(BODY, 'sha1'), /rsa-sha1 instead/, pem(rsa.publicKey)],
  ['other-algorithm', 'rsa', 'PSS', rsaSigned(BODY, 'sha256', 6), /rsa-pss-sha256 instead/, pem(rsa.publicKey)],
  [
    'missing-time',
    'sendgrid',
    'no time',
    { headers: sendgrid(`${T}${BODY}`).headers.slice(0, 1), body: BODY },
    /X-Twilio-Email-Event-Webhook-Timestamp header with its time is missing/,
    pem(ec.publicKey),
  ],
];

const TOKENS: Row[] = [
  ['other-scheme', 'bearer', 'no scheme', headerOf('bearer', KEY), /without a scheme/],
  ['other-scheme', 'bearer', 'Basic', headerOf('bearer', basicOf(KEY)), /after the scheme Basic, in base64/],
  ['other-scheme', 'bearer', 'as the password', headerOf('bearer', basicOf(`api:${KEY}`)), /as user or password/],
  [
    'other-scheme',
    'basic',
    'not in base64',
    headerOf('basic', 'Basic user:pass'),
    /after the scheme Basic/,
    'user:pass',
  ],
  ['other-scheme', 'basic', 'as Bearer', headerOf('basic', 'Bearer user:pass'), /after the scheme Bearer/, 'user:pass'],
  ['other-scheme', 'token', 'as Bearer', headerOf('token', `Bearer ${KEY}`), /after the scheme Bearer/],
  ['other-letter-case', 'token', 'upper case', headerOf('token', KEY.toUpperCase()), /different letter case/],
  ['quoted-secret', 'token', 'quotes there', headerOf('token', `"${KEY}"`), /with quotes around/],
  [
    'quoted-secret',
    'bearer',
    'quotes where it is kept',
    headerOf('bearer', `Bearer ${KEY}`),
    /without its quotes/,
    `"${KEY}"`,
  ],
  [
    'trimmed-secret',
    'token',
    'blanks where it is kept',
    headerOf('token', KEY),
    /without surrounding white space/,
    `${KEY} `,
  ],
  [
    'percent-encoded',
    'token',
    'percent',
    headerOf('token', encodeURIComponent('a+b/c==')),
    /percent-encoded/,
    'a+b/c==',
  ],
  ['other-secret', 'token', 'the beginning alone', headerOf('token', KEY.slice(0, -1)), /a different secret/],
  ['two-headers', 'token', 'twice', headerOf('token', KEY, ['X-Gitlab-Token', KEY]), /ambiguous/],
];

test.each([...KEYS, ...MESSAGES, ...URLS, ...FORMS, ...PUBLIC_KEYS, ...TOKENS])(
  '%s of %s: %s',
  (cause, name, _, { headers, body, url }, explanation, secret = KEY) => {
    const request = {
      method: 'POST',
      headers,
      body: Buffer.from(body),
      ...(url !== undefined && { urls: () => [url] }),
    };
    for (const effort of ['brief', 'thorough'] as const) {
      const found = diagnoseRequest(vendorOf(name), [secret], request, NOW_MS, { effort });
      expect(found).toMatchObject({
        verdict: cause === 'unknown-url' ? 'missing' : 'forged',
        cause,
        explanation: expect.stringMatching(explanation),
        fix: expect.any(String),
      });
      expect(JSON.stringify(found)).not.toContain(INNER);
    }
  },
);

test.each<[name: SchemeName, what: string, headers: Header[], body: string]>([
  [
    'twilio',
    'millions of fields',
    headerOf('twilio', hmac('', { as: 'base64', hash: 'sha1' })).headers,
    'a&'.repeat(3_000_000),
  ],
  [
    'twilio',
    'a field of megabytes',
    headerOf('twilio', hmac('', { as: 'base64', hash: 'sha1' })).headers,
    `a=${'%41'.repeat(1_000_000)}`,
  ],
  [
    'mailgun',
    'depth',
    [],
    `{"signature":{"timestamp":"1","token":"","signature":"${hmac('')}"},"a":${'['.repeat(1_000_000)}`,
  ],
  [
    'mailgun',
    'a text of megabytes',
    [],
    `{"signature":{"timestamp":"1","token":"","signature":"${'0'.repeat(3_000_000)}"}}`,
  ],
  ['adyen', 'many keys', [], `{${'"a":1,'.repeat(300_000)}"hmacSignature":"${hmac('', { as: 'base64' })}"}`],
  [
    'adyen',
    'names that every object has',
    [],
    `{"__proto__":{"success":1},"constructor":1,"hmacSignature":"${hmac('', { as: 'base64' })}"}`,
  ],
  ['standard', 'thousands of signatures', standard(`v1,${hmac('', { as: 'base64' })} `.repeat(300)).headers, BODY],
  [
    'discord',
    'many signatures',
    headerOf('discord', `${'0'.repeat(128)},`.repeat(100), ['X-Signature-Timestamp', T]).headers,
    BODY,
  ],
  [
    'zeptomail',
    'half a percent sign',
    headerOf('zeptomail', `ts=${NOW_MS};s=%E0%A4%A;s-algorithm=HmacSHA256`).headers,
    BODY,
  ],
  ['dated', 'a time without an end', headerOf('dated', hmac(''), ['X-Date', '2025-11-27T'.repeat(1000)]).headers, BODY],
  ['jwt', 'a word of kilobytes and no token', [], `{"jwt":"${'a'.repeat(16_000)}"}`],
  ['jwt', 'a word of megabytes and no token', [], `{"jwt":"${'a'.repeat(3_000_000)}"}`],
  ['jwt', 'a header of many lists', [], `{"jwt":"${Buffer.from('['.repeat(10_000)).toString('base64url')}.e30.e30"}`],
  ['bearer', 'a token of kilobytes', headerOf('bearer', `Bearer ${'a:'.repeat(8000)}`).headers, BODY],
])('hostile, for %s: %s', (name, _, headers, body) => {
  const secret = name === 'discord' ? ED_KEY : name === 'adyen' ? HEX_KEY : KEY;
  const request = { method: 'POST', headers, body: Buffer.from(body), urls: () => [CALLED] };
  for (const effort of ['brief', 'thorough'] as const)
    expect(diagnoseRequest(vendorOf(name), [secret], request, NOW_MS, { effort }).verdict).toBe('forged');
});
