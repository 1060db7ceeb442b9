import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OwnCertificate } from '../../../src/certs/file/own-certificate.ts';
import { judgeKeyMatch, judgeKeyRule, judgeKeyStrength, withArticle } from '../../../src/certs/judge/key.ts';
import { makeSecureContext } from '../../../src/deliver/client-certificate.ts';
import { integer, makeCertificate, sequence } from '../../helpers/chain-maker.ts';

/** A file may be called anything: a command to copy must name it, and run nothing else. */
const PATH = "my key's; touch x.pem";
const QUOTED = String.raw`'my key'\''s; touch x.pem'`;
const key = { type: 'rsa', bits: 2048, curve: null, encrypted: false };
const own = (differs: Partial<OwnCertificate>): OwnCertificate => ({
  identity: null,
  unusable: null,
  format: 'PEM',
  certificates: [],
  key,
  keyMatches: false,
  keyPosition: null,
  encryption: null,
  path: PATH,
  keyPath: PATH,
  ...differs,
});
const rule = { value: { type: 'rsa', encrypted: true }, certainty: 'doc' } as const;

test.each<[string, () => string | null]>([
  ['encrypt a key', () => judgeKeyRule(own({}), rule, 'V').fix],
  ['export a PKCS#12 file', () => judgeKeyRule(own({ format: 'PKCS#12' }), rule, 'V').fix],
  ['compare', () => judgeKeyMatch(own({})).fix],
])('fix: %s', (_, advise) => {
  expect(advise()).toContain(`-in ${QUOTED} `);
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const der = makeCertificate({ name: 'X', key: privateKey }).certificate.raw;
/** A sequence of version 3 and a sequence, as PKCS#12 is. */
const pkcs12 = sequence(integer(Buffer.from([3])), sequence(Buffer.alloc(123)));

test.each([
  ['a certificate in DER', { cert: der }],
  ['a certificate in PKCS#12', { cert: pkcs12 }],
  ['a CA in PKCS#12', { ca: pkcs12 }],
])('hint: %s', async (_, given) => {
  const options = Object.fromEntries(Object.entries(given).map(([name, bytes]) => [name, { path: PATH, bytes }]));
  const pem = { path: 'k.pem', bytes: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  await expect(makeSecureContext({ ...options, ...('cert' in options ? { key: pem } : {}) })).rejects.toMatchObject({
    hint: expect.stringContaining(QUOTED) as string,
  });
});

test('a or an, as it is spoken', () => {
  const names = ['RSA 1024', 'DSA 1024', 'EC P-192', 'Ed25519', 'X25519', 'SM2 256', 'Unknown'];
  expect(names.map(withArticle).map((text) => text.split(' ')[0])).toEqual(['an', 'a', 'an', 'an', 'an', 'an', 'a']);
  expect(judgeKeyStrength(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey).detail).toContain(
    'has an RSA 1024 key, which is too short',
  );
});
