import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TokenClaim } from '../../../src/model/signature.ts';
import { fitsSubject, type LearnSubject } from '../../../src/sign/learn/learn-subject.ts';
import { listUnread } from '../../../src/sign/learn/jwts.ts';
import { learnSignature } from '../../../src/sign/learn/learn-signature.ts';

const SECRET = 'a secret for the tests alone';
const NOW = 1_764_000_000;
const URL_TEXT = 'https://shop.example.com/hooks?shop=7';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const hash = (text: string, encoding: 'hex' | 'base64'): string => createHash('sha256').update(text).digest(encoding);

interface Scheme {
  alg: string;
  header: string;
  scheme?: string;
  claims: (body: string) => object;
  signer: (input: string) => Buffer;
}

/** The same scheme with another event, another id and another time. */
function capture(
  { alg, header, scheme = '', claims, signer }: Scheme,
  turn: number,
  body = bodyOf(turn),
): LearnSubject {
  const input = `${encode({ alg, typ: 'JWT', kid: 'k1' })}.${encode({ jti: `id-${turn}`, ...claims(bodyOf(turn)), iat: NOW + turn })}`;
  const token = `${scheme}${input}.${signer(input).toString('base64url')}`;
  return { method: 'POST', urls: [URL_TEXT], headers: [[header, token]], body: Buffer.from(body) };
}

const bodyOf = (turn: number): string => JSON.stringify({ type: 'order.paid', order: { number: `A-${1000 + turn}` } });
const hs =
  (name: string, key: string | Buffer = SECRET) =>
  (input: string): Buffer =>
    createHmac(name, key).update(input).digest();
const [rsa, ec, ed] = [
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ed25519'),
];
const pem = ({ publicKey }: { publicKey: KeyObject }): string =>
  publicKey.export({ format: 'pem', type: 'spki' }).toString();

const SCHEMES: readonly [what: string, secret: string, Scheme, claims: Record<string, TokenClaim>][] = [
  [
    'HS256 as bearer, of the hash of the body',
    SECRET,
    {
      alg: 'HS256',
      header: 'Authorization',
      scheme: 'Bearer ',
      claims: (body) => ({ iss: 'acme', exp: NOW, sha: hash(body, 'hex') }),
      signer: hs('sha256'),
    },
    { iss: 'acme', sha: { text: [{ hash: 'sha256', of: ['body'] }] } },
  ],
  [
    'HS512 with a decoded secret, of URL and body',
    `whsec_${Buffer.from(SECRET).toString('base64')}`,
    {
      alg: 'HS512',
      header: 'X-Token',
      claims: (body) => ({ url: hash(URL_TEXT, 'hex'), body: hash(body, 'base64') }),
      signer: hs('sha512'),
    },
    {
      url: { text: [{ hash: 'sha256', of: ['url'] }] },
      body: { text: [{ encode: ['base64'], of: [{ hash: 'sha256', as: 'raw', of: ['body'] }] }] },
    },
  ],
  [
    'RS256',
    pem(rsa),
    {
      alg: 'RS256',
      header: 'X-Token',
      claims: (body) => ({ body: hash(body, 'hex') }),
      signer: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
    },
    { body: { text: [{ hash: 'sha256', of: ['body'] }] } },
  ],
  [
    'ES256',
    pem(ec),
    {
      alg: 'ES256',
      header: 'X-Token',
      claims: (body) => ({ body: hash(body, 'hex') }),
      signer: (input) => sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
    },
    { body: { text: [{ hash: 'sha256', of: ['body'] }] } },
  ],
  [
    'EdDSA, of a value of the body',
    pem(ed),
    {
      alg: 'EdDSA',
      header: 'X-Token',
      claims: (body) => ({ order: (JSON.parse(body) as { order: { number: string } }).order.number }),
      signer: (input) => sign(null, Buffer.from(input), ed.privateKey),
    },
    { order: { text: [{ json: 'order.number' }] } },
  ],
];

test.each(SCHEMES)(
  '%s is learned, fits another request, and not one with another body',
  (_, secret, scheme, claims) => {
    const { found } = learnSignature([capture(scheme, 1)], secret);
    expect(found?.signature.message).toEqual([
      { jwt: { claims: expect.objectContaining({ ...claims, jti: { id: 'uuid' }, iat: { time: 0 } }) } },
    ]);
    expect(found?.alternatives).toEqual([]);
    const spec = found?.signature;
    if (spec === undefined) throw new Error('nothing was found');
    expect(fitsSubject(spec, secret, capture(scheme, 2))).toBe(true);
    expect(fitsSubject(spec, secret, capture(scheme, 2, bodyOf(3)))).toBe(false);
  },
);

test('what a claim is made of, and nobody knows, is told', () => {
  const [, , scheme] = SCHEMES[0] ?? [];
  if (scheme === undefined) throw new Error('no scheme');
  const plan = capture({ ...scheme, claims: () => ({ plan: 'gold' }) }, 1);
  const { found } = learnSignature([plan], SECRET);
  expect(found && listUnread(found.signature, plan)).toEqual(['plan']);
});

test('a token of another secret is not learned', () => {
  const [, , scheme] = SCHEMES[0] ?? [];
  if (scheme === undefined) throw new Error('no scheme');
  expect(learnSignature([capture({ ...scheme, signer: hs('sha256', 'another') }, 1)], SECRET).found).toBeNull();
});
