import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeCertificateSet } from '../../src/certs/create/certificate-set.ts';
import { FULL_SAMPLE, makeEvent } from '../../src/flows/send/make-event.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { signRequest } from '../../src/sign/signature.ts';
import { INBOX, SHOP } from '../config/known.ts';
import { ACME } from '../config/vendor-files.ts';
import { secretFor, VENDORS } from '../helpers/vendors.ts';
import { CASES } from '../source/apache/cases.ts';
import { CONFIGURATIONS } from '../source/nginx/configurations.ts';

// What is right of each kind of input: the fuzzer begins with it.

export const NOW = Date.parse('2026-11-01T10:00:00.000Z');
export const clock = { now: (): number => NOW, sleep: (): Promise<void> => Promise.resolve() };
export const ids = makeIds(seededRandom('seeds'));

export const bytesOf = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'utf8'));
export const asJson = (...values: readonly unknown[]): Buffer[] =>
  bytesOf(...values.map((value) => JSON.stringify(value, null, 2)));

export const CONFIGURATION = {
  history: './history.db',
  envFile: '.env',
  webhooks: [
    SHOP,
    {
      ...INBOX,
      secret: { env: 'SECRET' },
      tls: { cert: 'client.pem', key: 'client.key', passphrase: { file: 'pass' }, cacert: 'ca.pem' },
      allow: ['192.0.2.0/24', '2001:db8::1'],
    },
  ],
};

export const VENDOR_FILES: readonly unknown[] = [
  ACME,
  { extends: 'stripe', id: 'own', title: 'Own' },
  { ...ACME, signature: { value: null } },
  // As `vendor show` prints them.
  ...VENDORS,
];

export const ROUTES = [
  { match: '*@example.org', action: 'webhook', destination: 'https://a.example/' },
  { match: '/^a.*@example\\.org$/', action: 'drop' },
];

const MAILS = resolve(import.meta.dirname, '../../fixtures/mail');
export const mails = (): Buffer[] =>
  readdirSync(MAILS)
    .filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(MAILS, name)));

/** What every vendor sends, as a log of raw HTTP has it. */
export async function signedRequests(): Promise<Buffer[]> {
  const made: Buffer[] = [];
  for (const vendor of VENDORS) {
    const secret = vendor.signature.value === null ? null : secretFor(vendor);
    const target = { url: new URL('https://hooks.example.com/hook?x=1'), webhookUuid: ids.uuidV4() };
    const event = { event: vendor.events[0]?.name ?? '', deliveryId: ids.uuidV7(NOW) };
    const plan = await makeEvent({ ...FULL_SAMPLE, ...target, ...event }, vendor, secret, clock, ids);
    const { url, method, headers, body } = signRequest(plan, secret, clock);
    const head = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
    const lines = [...head, ...headers.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${body.length}`];
    made.push(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
  }
  return made;
}

/** Where the body of a log of raw HTTP begins. */
export const bodyAt = (request: Buffer): number => request.indexOf('\r\n\r\n') + 4;

/** The bodies that are JSON. */
export const bodiesOf = (requests: readonly Buffer[]): unknown[] =>
  requests.flatMap((request): unknown[] => {
    const body = request.subarray(bodyAt(request)).toString('utf8');
    return /^[[{]/.test(body) ? [JSON.parse(body) as unknown] : [];
  });

const HAR = {
  log: {
    entries: [
      {
        startedDateTime: '2026-11-01T10:00:00Z',
        request: {
          method: 'POST',
          url: 'https://hooks.example.com/hook',
          headers: [{ name: 'X-Acme-Signature', value: 't=1,v1=ab' }],
          postData: { mimeType: 'application/json', text: '{"a":1}' },
        },
      },
    ],
  },
};
const LISTENED = {
  event: 'request',
  receivedAt: '2026-11-01T10:00:00.000Z',
  method: 'POST',
  path: '/hook',
  headers: [['X-Mail2Many-Signature', 'ab']],
  bodyBase64: 'e30=',
  vendor: 'mail2many',
};
export const JSON_CAPTURES: readonly unknown[] = [HAR, LISTENED];
export const CAPTURES: readonly Buffer[] = bytesOf(
  JSON.stringify(HAR),
  JSON.stringify(LISTENED),
  `curl 'https://hooks.example.com/hook' -X POST -H 'X-A: b' --data-raw $'{"a":"\\u0041"}' --compressed`,
  `curl "https://hooks.example.com/hook" ^\r\n  -H "X-A: b" ^\r\n  --data "{^\\"a^\\":1}"`,
  '> POST /hook HTTP/1.1\r\n> Host: a\r\n> X-A: b\r\n> \r\n* upload completely sent off\r\n< HTTP/1.1 200 OK\r\n',
  '=> Send header, 30 bytes (0x1e)\n0000: POST /hook HTTP/1.1\n0015: Host: a\n001e: \n' +
    '=> Send data, 2 bytes (0x2)\n0000: 7b 7d {}\n',
);

export const nginxFiles = (): Buffer[] =>
  bytesOf(
    ...Object.values(CONFIGURATIONS).map(({ http }) => {
      const named = http.replaceAll('LISTEN', 'listen 80').replaceAll('UPSTREAM', '127.0.0.1:81');
      return `events {} http {\n${named.replaceAll('OTHER', '82')}\n}\n`;
    }),
  );

export const apacheFiles = (): Buffer[] =>
  bytesOf(...CASES.map(({ config }) => `Listen 80\n<VirtualHost *:80>\n${config}\n</VirtualHost>\n`));

export const LISTS: readonly Buffer[] = bytesOf(
  '192.0.2.7\n',
  '10.0.0.0/8\n2001:db8::/32\n',
  '10.0.0.0/8 # one\n2001:db8::/32\n192.0.2.0 255.255.255.0\n',
  'allow 10.0.0.1;\ndeny all;\n',
);

/** In PEM and in DER, with and without a passphrase. */
export async function certificateFiles(passphrase: string): Promise<Buffer[]> {
  const made: string[] = [];
  for (const one of [null, passphrase]) {
    const { files } = await makeCertificateSet(
      { name: 'client', hosts: ['localhost'], keyKind: { type: 'ec' }, days: 30, passphrase: one, pathLength: 0 },
      NOW,
    );
    made.push(...files.map(({ text }) => text));
  }
  const der = made.map((text) => Buffer.from(text.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
  return [...bytesOf(...made), ...der, Buffer.concat(der)];
}

const wordsOf = (text: string): string[] => text.split('|');

/** What means something to the reader of each kind. */
export const WORDS = {
  configuration: wordsOf('"secret": |"env"|"file"|"tls"|"allow": []|"vendors"|//|"history"|"select"'),
  vendor: wordsOf('"extends"|"pattern"|"generated"|"jwt"|"several"|"timestamp"|"addedQuery"|"idField"'),
  mail: wordsOf('Content-Type: |multipart/mixed; boundary=|=?utf-8?B?|?=|--|charset=|base64|\r\n\r\n|Received: '),
  signature: wordsOf('t=|v1=|sha256=|.|,|Bearer |eyJhbGciOiJub25lIn0.e30.'),
  capture: wordsOf(`-H |--data-raw '|-d @file|\r\n\r\n|$(id)|> |=> Send header|^|"entries"`),
  nginx: wordsOf('server {|location ~ |map $a $b {|geo {|allow |deny all;|include |set $a |if ($|return |rewrite ^ '),
  apache: wordsOf(
    '<Location "/hook">|</Location>|Require |RewriteRule |RewriteCond |SetEnvIf |<If "|Include |%{|expr=',
  ),
  list: wordsOf('/32|/0|/-0|::|255.255.255.0|allow |Require ip |#|10.0.0.0/8|::ffff:1.2.3.4'),
  date: wordsOf('2026-02-30|T24:00:00Z|+14:00|24h|30d|11:07|now|0000-01-01|-271821-04-20|Z|1e3s'),
  pem: wordsOf('-----BEGIN CERTIFICATE-----\n|-----END CERTIFICATE-----\n|-----BEGIN PRIVATE KEY-----\n|0\u0082'),
} as const;
