import { expect, test } from 'vitest';
import type { Signature } from '../../src/model/signature.ts';
import type { Vendor, VendorVector } from '../../src/model/vendor.ts';
import { checkVectors, requireVectors } from '../../src/sign/check-vectors.ts';
import { isSigned } from '../../src/vendors/facts.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';

const SIGNED = VENDORS.filter(isSigned);

test.each(SIGNED)('$id has vectors, and its signature fits them', (vendor) => {
  expect(vendor.vectors ?? []).not.toEqual([]);
  expect(checkVectors(vendor)).toEqual([]);
});

test.each(SIGNED)('$id: with another signature, secret or body its vectors do not fit', (vendor) => {
  const vectors = vendor.vectors ?? [];
  const other = (change: (vector: VendorVector) => Partial<VendorVector>): number =>
    checkVectors({ ...vendor, vectors: vectors.map((vector) => ({ ...vector, ...change(vector) })) }).length;
  expect(other(({ signature }) => ({ signature: flipLast(signature) }))).toBe(vectors.length);
  expect(
    other(({ secret, publicKey }) =>
      secret === undefined ? { publicKey: flip(publicKey ?? '') } : { secret: flip(secret) },
    ),
  ).toBe(vectors.length);
});

/** Another digit in the middle of the text; what it is written in stays the same. */
const flip = (text: string): string => {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
};
const flipLast = (text: string): string =>
  text.replace(/([0-9a-f])(?!.*[0-9a-f])/, (digit) => (digit === '0' ? '1' : '0'));

const HEX = 'c9f9ffa5cc1de1e1a27cd4ba16df2f26db7aca1ea5a2e7f7c4ab3f1ac94b0ed7';
/** `printf v0:x | openssl dgst -sha256 -hmac sk_1` */
const COMPUTED = '66af2086d9774dccf4877db6962e045819399010a986f4ecc47dfd85e260e12a';
const KEY_OF_ED25519 = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';

function withSignature(signature: Signature | null, vector: VendorVector): Vendor {
  return { ...findVendor('mail2many'), signature: { value: signature, certainty: 'user' }, vectors: [vector] };
}

const HMAC: Signature = { algorithm: 'hmac-sha256', message: ['body'], at: { header: 'x-sig' }, format: 'sha256={v}' };

test.each<[what: string, signature: Signature | null, vector: VendorVector, message: string]>([
  [
    'nothing is signed',
    null,
    { secret: 's', body: '', signature: HEX },
    'vector 1: the file describes no signature, so no vector can match',
  ],
  [
    'no secret',
    HMAC,
    { name: 'ours', body: '', signature: HEX },
    'vector 1 (ours): it has no "secret", which verifying hmac-sha256 needs',
  ],
  [
    'a secret for a key pair',
    { ...HMAC, algorithm: 'ed25519' },
    { secret: 's', body: '', signature: HEX },
    'vector 1: it has no "publicKey", which verifying ed25519 needs',
  ],
  [
    'a key that is none',
    { ...HMAC, algorithm: 'ed25519', encoding: ['base64'] },
    { publicKey: 'AAAA', body: '', signature: `sha256=${Buffer.alloc(64).toString('base64')}` },
    'vector 1: this is not a public key, which ed25519 needs',
  ],
  [
    'a secret of another form',
    { ...HMAC, key: { encoding: 'base64', prefix: 'whsec_' } },
    { secret: 'whsec_%', body: '', signature: HEX },
    'vector 1: the secret is not base64 after its prefix',
  ],
  [
    'a signature of another form',
    HMAC,
    { secret: 's', body: '', signature: 'v1,abc' },
    'vector 1: the signature is not 64 lower-case hex digits',
  ],
  [
    'a part that is not there',
    { ...HMAC, message: ['url', 'body'] },
    { secret: 's', body: '', signature: HEX },
    'vector 1: the signature covers the URL, but it is not known which URL was called',
  ],
  [
    'a URL that is none',
    HMAC,
    { secret: 's', url: '/hook', body: '', signature: HEX },
    'vector 1: its url is not a valid URL: /hook',
  ],
  [
    'a key pair that fits nothing',
    { ...HMAC, algorithm: 'ed25519', encoding: ['base64'] },
    { publicKey: KEY_OF_ED25519, body: 'x', signature: Buffer.alloc(64).toString('base64') },
    'vector 1: its signature is not ed25519 over the raw body, written as base64',
  ],
  [
    'another digest',
    { ...HMAC, message: [{ text: 'v0:' }, 'body'], key: { encoding: 'utf8', prefix: 'sk_', keepsPrefix: true } },
    { secret: 'sk_1', body: 'x', signature: HEX },
    `vector 1: its signature is ${HEX}, but ${COMPUTED} was computed: hmac-sha256 over "v0:", the raw body, with ` +
      `the key ` +
      `as text that begins with "sk_", written as lower-case hex`,
  ],
])('%s', (_, signature, vector, message) => {
  expect(checkVectors(withSignature(signature, vector))).toEqual([{ index: 0, message }]);
});

test('a static secret that does not fit is not told', () => {
  const signature: Signature = { algorithm: 'token', message: ['secret'], at: { header: 'x-token' }, format: '{v}' };
  const [problem] = checkVectors(withSignature(signature, { secret: 'hush-hush', body: '', signature: 'hush' }));
  expect(problem?.message).toBe('vector 1: its signature is not token over the secret');
});

test('a vendor that contradicts its vectors is refused by name', () => {
  const vendor = withSignature(HMAC, { secret: 's', body: '', signature: HEX });
  expect(() => requireVectors(vendor, './acme.vendor.json')).toThrow(
    expect.objectContaining({
      kind: 'config',
      message: expect.stringMatching(/^\.\/acme\.vendor\.json contradicts its own vectors: vector 1: /),
    }),
  );
  expect(() => requireVectors(findVendor('mailkite'), 'mailkite')).not.toThrow();
});
