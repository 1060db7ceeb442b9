import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, type X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  issueCertificate,
  keyIdOf,
  type CertificateSpec,
  makeRequest,
  commonName,
} from '../../../src/certs/create/issue-certificate.ts';
import { makeKey } from '../../../src/certs/create/make-key.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;
const openssl = (args: readonly string[], input: string | Buffer = ''): string =>
  execFileSync('openssl', args, { input, stdio: 'pipe' }).toString();
const textOf = (certificate: X509Certificate): string =>
  openssl(['x509', '-noout', '-text'], certificate.toString()).replaceAll(/\s*\n +/g, ' ');
const caKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

async function spec(more: Partial<CertificateSpec> = {}, signer: KeyObject = caKey): Promise<CertificateSpec> {
  return {
    subject: commonName('leaf'),
    key: await makeKey({ type: 'ec' }),
    issuer: { name: commonName('the CA'), key: signer, keyId: await keyIdOf(signer) },
    notBeforeMs: NOW - DAY_MS,
    notAfterMs: NOW + DAY_MS,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    ...more,
  };
}

const caSpec = async (key: KeyObject): Promise<CertificateSpec> => ({
  ...(await spec(
    { subject: commonName('the CA'), key, ca: { pathLength: 0 }, keyUsage: ['keyCertSign', 'cRLSign'] },
    key,
  )),
  extendedKeyUsage: [],
});

const CA_KEYS: [string, () => KeyObject, RegExp][] = [
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, /sha256WithRSAEncryption/],
  ['RSA-PSS', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, /rsassaPss[\s\S]*sha256/],
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, /ecdsa-with-SHA256/],
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, /ecdsa-with-SHA256/],
  ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, /ecdsa-with-SHA256/],
  ['Ed25519', () => generateKeyPairSync('ed25519').privateKey, /ED25519/],
  ['Ed448', () => generateKeyPairSync('ed448').privateKey, /ED448/],
];

describe.skipIf(!hasOpenssl)('openssl judges', () => {
  test.each(CA_KEYS)('a leaf of a CA with a key of the kind %s is valid', async (_, makeCaKey, algorithm) => {
    const key = makeCaKey();
    const folder = testFolder();
    writeFileSync(join(folder, 'ca.pem'), (await issueCertificate(await caSpec(key))).toString());
    const leaf = await issueCertificate(await spec({}, key));
    writeFileSync(join(folder, 'leaf.pem'), leaf.toString());
    expect(
      openssl([
        'verify',
        '-x509_strict',
        '-purpose',
        'sslclient',
        '-CAfile',
        join(folder, 'ca.pem'),
        join(folder, 'leaf.pem'),
      ]),
    ).toMatch(/: OK/);
    expect(openssl(['x509', '-noout', '-text'], leaf.toString())).toMatch(algorithm);
  });

  test('every extension, as it is meant', async () => {
    const leaf = textOf(
      await issueCertificate(
        await spec({
          hosts: ['hooks.example', '127.0.0.1', '::1'],
          keyUsage: ['digitalSignature', 'keyEncipherment'],
          extendedKeyUsage: ['serverAuth', 'clientAuth'],
        }),
      ),
    );
    for (const part of [
      'Version: 3',
      'Basic Constraints: critical CA:FALSE',
      'Key Usage: critical Digital Signature, Key Encipherment',
      'TLS Web Server Authentication, TLS Web Client Authentication',
      'Subject Alternative Name: DNS:hooks.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
      'Subject Key Identifier',
      'Authority Key Identifier',
    ])
      expect(leaf).toContain(part);
    expect(textOf(await issueCertificate(await caSpec(caKey)))).toContain(
      'Basic Constraints: critical CA:TRUE, pathlen:0',
    );
    expect(textOf(await issueCertificate(await spec({ ca: {} })))).toMatch(/CA:TRUE X509v3/);
  });

  test('key identifiers can be left out', async () => {
    const { issuer } = await spec();
    const certificate = await issueCertificate(await spec({ subjectKeyId: false, issuer: { ...issuer, keyId: null } }));
    expect(openssl(['x509', '-noout', '-text'], certificate.toString())).not.toContain('Key Identifier');
  });

  test.each([
    ['2049-12-31T23:59:59Z', 'UTCTIME', '491231235959Z'],
    ['2050-01-01T00:00:00Z', 'GENERALIZEDTIME', '20500101000000Z'],
    ['9999-12-31T23:59:59Z', 'GENERALIZEDTIME', '99991231235959Z'],
  ])('valid until %s: %s', async (end, type, digits) => {
    const certificate = await issueCertificate(await spec({ notAfterMs: Date.parse(end) + 999 }));
    expect(new Date(certificate.validTo).toISOString()).toBe(end.replace('Z', '.000Z'));
    expect(openssl(['asn1parse', '-inform', 'DER'], certificate.raw)).toMatch(new RegExp(`${type} +:${digits}`));
  });

  test.each(['rsa', 'ec', 'ed25519'] as const)('a request for a key of the kind %s', async (type) => {
    const pem = await makeRequest(commonName('a, "client"\\'), await makeKey({ type }));
    expect(openssl(['req', '-verify', '-noout', '-subject', '-nameopt', 'sep_multiline,utf8'], pem)).toContain(
      'CN=a, "client"\\',
    );
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n[\s\S]*-----END CERTIFICATE REQUEST-----\n$/);
  });
});

test('serial numbers are positive, of 16 bytes, and never the same', async () => {
  const one = await spec();
  const serials = await Promise.all(Array.from({ length: 50 }, async () => (await issueCertificate(one)).serialNumber));
  expect(new Set(serials).size).toBe(50);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
});

test('a key that cannot sign is refused in words', async () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  await expect(issueCertificate(await spec({}, key))).rejects.toMatchObject({
    kind: 'input',
    message: expect.stringContaining('secp256k1'),
  });
});

test.each([
  ['garbage', Buffer.from('garbage')],
  ['nothing', Buffer.alloc(0)],
  ['a length that lies', Buffer.from('3084ffffffff', 'hex')],
  ['broken UTF-8', Buffer.from('300d310b300906035504030c02ff41', 'hex')],
  ['deep nesting', Buffer.alloc(20_000, Buffer.from('3080', 'hex'))],
])('a name that is %s is refused in words', async (_, subject) => {
  await expect(issueCertificate(await spec({ subject }))).rejects.toMatchObject({ kind: 'input' });
});
