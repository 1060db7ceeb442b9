import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { learnSignature } from '../../../src/sign/learn/learn-signature.ts';
import type { LearnSubject } from '../../../src/sign/learn/learn-subject.ts';
import { digest, hmac } from './schemes.ts';

const SECRET = 'a secret of acme';
const subject = (headers: [string, string][], body: string, url = 'https://hooks.example.com/in'): LearnSubject => ({
  method: 'POST',
  urls: [url],
  headers,
  body: Buffer.from(body),
});

test('what one request leaves open is told, and a second one settles it', () => {
  const made = (n: number, url: string): LearnSubject => {
    const { pathname, search } = new URL(url);
    return subject([['X-Sig', hmac('sha256', SECRET, 'hex', `${pathname}${search}\n{"n":${n}}`)]], `{"n":${n}}`, url);
  };
  const one = made(1, 'https://hooks.example.com/in');
  const first = learnSignature([one], SECRET).found;
  expect(first?.alternatives.length).toBeGreaterThan(0);
  const both = learnSignature([one, made(2, 'https://hooks.example.com/in?n=2')], SECRET).found;
  expect(both).toMatchObject({ signature: { message: ['target', { text: '\n' }, 'body'] }, alternatives: [] });
});

/** The body's length decides which one is searched first. */
const NUMBERED = { repeat: 'numbered-header' };
const signed = (body: string, secret: string, header = 'X-Sig', text = body): LearnSubject =>
  subject([[header, hmac('sha256', secret, 'hex', text)]], body);

test.each<[what: string, subjects: LearnSubject[], parties: number[][]]>([
  ['the last', [signed('1', SECRET), signed('12', SECRET), signed('123', 'another')], [[0, 1]]],
  ['the shortest', [signed('123', SECRET), signed('1', 'another'), signed('12', SECRET)], [[0, 2]]],
  ['one of two', [signed('1', 'another'), signed('12', SECRET)], [[1]]],
  ['a changed body', [signed('1', SECRET), signed('12', SECRET, 'X-Sig', '21')], [[0]]],
  ['no signature', [signed('12', SECRET), subject([], '1')], [[0]]],
  [
    'another way',
    [signed('1', SECRET, 'X-Other', 'POST1'), signed('12', SECRET), signed('13', SECRET), signed('9', 'another')],
    [[1, 2], [0]],
  ],
])('captures that belong together, beside %s', (_, subjects, parties) => {
  const outcome = learnSignature(subjects, SECRET);
  expect(outcome.found).toBeNull();
  expect(outcome.parties.map(({ members }) => members)).toEqual(parties);
});

test.each([
  [
    'padded base64url',
    'X-Sig',
    `${hmac('sha256', SECRET, 'base64url', 'body of acme 2')}=`,
    { format: '{v}=', encoding: ['base64url'] },
  ],
  [
    'a scheme behind a blank',
    'X-Sig',
    `HMAC ${hmac('sha256', SECRET, 'hex', 'body of acme 2')}`,
    { format: 'HMAC {v}' },
  ],
  [
    'a name with a dash',
    'X-Sig',
    `sha256-${hmac('sha256', SECRET, 'hex', 'body of acme 2')}`,
    { format: 'sha256-{v}' },
  ],
  ['a quoted part', 'X-Sig', `k="1",s="${hmac('sha1', SECRET, 'hex', 'body of acme 2')}"`, { algorithm: 'hmac-sha1' }],
  [
    'with an unknown version',
    'X-Sig',
    `v1,${hmac('sha256', SECRET, 'base64', 'body of acme 2')} v2,${randomBytes(32).toString('base64')}`,
    { several: { repeat: 'all', separator: ' ' } },
  ],
])('%s', (_, header, value, expected) => {
  const { found } = learnSignature([subject([[header, value]], 'body of acme 2')], SECRET);
  expect(found?.signature).toMatchObject(expected);
});

test.each<[what: string, captures: [number: string, secret: string][][], signature: object]>([
  [
    'the first of two',
    [
      [
        ['1', SECRET],
        ['2', 'old'],
      ],
    ],
    { at: { header: 'X-Sig-1' }, several: NUMBERED },
  ],
  [
    'the second of two',
    [
      [
        ['1', 'new'],
        ['2', SECRET],
      ],
    ],
    { at: { header: 'X-Sig-1' }, several: NUMBERED },
  ],
  [
    'alone, then beside another',
    [
      [['1', SECRET]],
      [
        ['1', 'new'],
        ['2', SECRET],
      ],
    ],
    { at: { header: 'X-Sig-1' }, several: NUMBERED },
  ],
  ['alone', [[['1', SECRET]]], { at: { header: 'X-Sig-1' } }],
])('signatures in numbered headers: %s', (_, captures, signature) => {
  const made = captures.map((headers, index) => {
    const body = `body ${'of acme '.repeat(index)}`;
    return subject(
      headers.map(([number, secret]) => [`X-Sig-${number}`, hmac('sha256', secret, 'base64', body)]),
      body,
    );
  });
  const { found } = learnSignature(made, SECRET);
  expect(found?.signature).toMatchObject(signature);
  expect('several' in (found?.signature ?? {})).toBe('several' in signature);
  expect(found).toMatchObject({ further: [], alternatives: [] });
});

test.each([
  ['sha256', 'hex', [{ hash: 'sha256', of: ['body'] }]],
  ['sha1', 'base64', [{ encode: ['base64'], of: [{ hash: 'sha1', as: 'raw', of: ['body'] }] }]],
] as const)('a hash of the body that the vendor adds to the URL: %s in %s', (hash, encoding, parts) => {
  const body = 'body of acme';
  const url = `https://hooks.example.com/in?a=1&sum=${encodeURIComponent(digest(hash, encoding, body))}`;
  const { found } = learnSignature([subject([['X-Sig', hmac('sha1', SECRET, 'base64', url)]], body, url)], SECRET);
  expect(found).toMatchObject({ signature: { message: ['url'], addedQuery: { sum: parts } }, further: [] });
});

test.each([
  ['md5', (text: string) => digest('md5', 'hex', text), SECRET, { json: 'auth' }, ['secret']],
  ['an HMAC', (text: string) => hmac('sha256', SECRET, 'hex', text), '', { json: 'auth' }, [{ text: '' }]],
  ['of a form', (text: string) => digest('sha1', 'hex', text), SECRET, { form: 'auth' }, ['secret']],
] as const)('a digest in its own place: %s', (_, sign, before, place, of) => {
  const made = [1, 2].map((n) => {
    const bodyOf = (auth: string): string =>
      'form' in place
        ? `n=${n}&auth=${encodeURIComponent(auth)}&note=x+y`
        : `{"auth":${JSON.stringify(auth)},"events":[{"n": ${n}}]}`;
    return subject([['Content-Type', 'x']], bodyOf(sign(bodyOf(before))));
  });
  const { found } = learnSignature(made, SECRET);
  expect(found).toMatchObject({ signature: { at: place, message: [{ bodyWith: place, of }] }, alternatives: [] });
});

test('a signature among the fields of a multipart form', async () => {
  const form = new FormData();
  form.append('timestamp', '1764000000');
  form.append('token', 'a1b2c3d4e5f6');
  form.append('signature', hmac('sha256', SECRET, 'hex', '1764000000a1b2c3d4e5f6'));
  form.append('attachment', new Blob([new Uint8Array([0xff, 0])]), 'a.bin');
  const sent = new Response(form);
  const headers: [string, string][] = [['content-type', sent.headers.get('content-type') ?? '']];
  const made = { ...subject(headers, ''), body: Buffer.from(await sent.arrayBuffer()) };
  expect(learnSignature([made], SECRET).found?.signature).toMatchObject({
    message: ['timestamp', { form: 'token' }],
    at: { form: 'signature' },
    timestamp: { unit: 's', at: { form: 'timestamp' }, isOfEvent: true },
  });
});

test('a body that only holds the secret is no proof', () => {
  const made = subject([['X-Sig', 'none']], JSON.stringify({ note: `it is ${SECRET}, you know` }));
  expect(learnSignature([made], SECRET).found).toBeNull();
});

test('the search for what is not there ends: in a body of 100 KB, with many keys and many values', () => {
  const items = Array.from({ length: 1500 }, (_, n) => ({ id: `it_${n}`, hash: hmac('md5', 'x', 'hex', String(n)) }));
  const body = JSON.stringify({ id: 'evt_1', created: 1_764_000_000, key: 'abc', order: 'A1', items });
  const secret = `whsec_${Buffer.from('another secret of acme').toString('base64')}`;
  const { found, tried } = learnSignature(
    [
      subject(
        [
          ['X-Sig', hmac('sha512', 'x', 'hex', body)],
          ['X-Time', '1764000000'],
          ['X-Id', 'a-1'],
        ],
        body,
      ),
    ],
    secret,
  );
  expect(found).toBeNull();
  expect(tried).toBeGreaterThan(1000);
  expect(tried).toBeLessThan(1_000_000);
});

const lookAlikes = (name: number): string =>
  Array.from({ length: 30 }, (_, n) => hmac('sha256', 'x', 'hex', `${name} ${n}`)).join(', ');

test('of thousands of texts in a body that look like a signature some are tried, and those of headers all', () => {
  const body = JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`sig${n}`, lookAlikes(n)])));
  const { found, trace } = learnSignature([subject([['X-Hook', hmac('sha256', SECRET, 'hex', body)]], body)], SECRET);
  expect(found?.signature).toMatchObject({ at: { header: 'X-Hook' } });
  expect([trace.slots.length > 1000, trace.slots.length < 1100]).toEqual([true, true]);
});
