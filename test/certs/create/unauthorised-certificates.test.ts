import { type KeyObject, X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type TLSSocket, connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { issueCertificate, keyIdOf, commonName } from '../../../src/certs/create/issue-certificate.ts';
import { keyPem } from '../../../src/certs/create/make-key.ts';
import {
  WRONGS,
  type Wrong,
  issueByCa,
  issuerKeyType,
  makeImpostor,
  makeSelfSigned,
} from '../../../src/certs/create/unauthorised-certificates.ts';
import type { Identity } from '../../../src/certs/probe/probe.ts';
import { openServer } from '../../helpers/raw-server.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;

interface Ca {
  cert: X509Certificate;
  key: KeyObject;
  name: Uint8Array;
}

async function makeCa(key: KeyObject, name: Uint8Array = commonName('Real CA'), subjectKeyId = true): Promise<Ca> {
  const issuer = { name, key, keyId: subjectKeyId ? await keyIdOf(key) : null };
  const cert = await issueCertificate({
    subject: name,
    key,
    issuer,
    notBeforeMs: NOW - DAY_MS,
    notAfterMs: NOW + DAY_MS,
    ca: {},
    keyUsage: ['keyCertSign'],
    subjectKeyId,
  });
  return { cert, key, name };
}

const ecKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** What a Node server that trusts this CA says of a client. */
async function verdictOn({ cert, key }: Identity, ca: Ca): Promise<unknown> {
  const server = createServer({
    cert: ca.cert.toString(),
    key: keyPem(ca.key),
    ca: ca.cert.toString(),
    requestCert: true,
    rejectUnauthorized: false,
  });
  const port = await openServer(server);
  connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    cert: Buffer.from(cert ?? ''),
    key: Buffer.from(key ?? ''),
  }).on('error', () => undefined);
  const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
  return socket.authorizationError ?? 'accepted';
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

// One CN each; only the type of its string differs.
const NAMES: [string, Uint8Array][] = [
  ['UTF8String', hex('300d 310b 3009 0603550403 0c02 4341')],
  ['PrintableString', hex('300d 310b 3009 0603550403 1302 4341')],
  ['TeletexString', hex('300d 310b 3009 0603550403 1402 43e9')],
  ['BMPString', hex('300f 310d 300b 0603550403 1e04 00430041')],
  ['IA5String, an e-mail address', hex('3014 3112 3010 06092a864886f70d010901 1603 614062')],
  ['two parts in one, out of order', hex('301a 3118 300a 0603550403 0c03 7a7a7a 300a 060355040a 0c03 616161')],
];

const KEYS: [string, () => KeyObject][] = [
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['EC', ecKey],
  ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
];

/** A certificate of a user's own. */
async function makeUser(): Promise<X509Certificate> {
  const ca = await makeCa(ecKey());
  return issueCertificate({
    subject: commonName('user'),
    key: ecKey(),
    issuer: { name: ca.name, key: ca.key, keyId: null },
    notBeforeMs: NOW - DAY_MS,
    notAfterMs: NOW + DAY_MS,
    keyUsage: ['digitalSignature'],
    hosts: ['user.test'],
  });
}

test('a stranger looks like the user: name, serial number and whatever else a server may compare', async () => {
  const like = await makeUser();
  const strangers = await Promise.all([
    makeSelfSigned(NOW, { like, keyType: 'ec' }),
    makeImpostor(NOW, { issuerName: commonName('Real CA'), like, keyType: 'rsa', variant: 'unknown-issuer' }),
  ]);
  const [selfSigned, impostor] = strangers.map(({ cert = '' }) => new X509Certificate(cert));
  for (const stranger of [selfSigned, impostor]) {
    expect([stranger?.subject, stranger?.serialNumber, stranger?.subjectAltName]).toEqual([
      'CN=user',
      like.serialNumber,
      'DNS:user.test',
    ]);
    expect(stranger?.publicKey.equals(like.publicKey)).toBe(false);
  }
  expect([selfSigned?.issuer, impostor?.issuer]).toEqual(['CN=user', 'CN=Real CA']);
  expect(impostor?.publicKey.asymmetricKeyType).toBe('rsa');
});

describe('an impostor', () => {
  test.each(NAMES)('has the name of the CA byte for byte: %s', async (_, issuerName) => {
    const user = await makeUser();
    const { cert = '' } = await makeImpostor(NOW, {
      issuerName,
      like: user,
      keyType: 'ec',
      variant: 'forged-signature',
    });
    const { raw } = new X509Certificate(cert);
    expect(raw.includes(Buffer.from(issuerName))).toBe(true);
    expect(raw.includes(Buffer.from(commonName('user')))).toBe(true);
    expect(raw.includes(hex('0603551d23'))).toBe(false);
  });

  test.each(
    KEYS.flatMap(([kind, makeKey]) => [true, false].map((subjectKeyId) => [kind, subjectKeyId, makeKey] as const)),
  )(
    'makes a server check the signature: a CA with a key of the kind %s, key identifiers: %s',
    async (_, subjectKeyId, makeKey) => {
      const ca = await makeCa(makeKey(), NAMES[1]?.[1], subjectKeyId);
      const caKeyType = issuerKeyType(ca.cert);
      expect(
        await verdictOn(
          await makeImpostor(NOW, {
            issuerName: ca.name,
            like: null,
            keyType: 'ec',
            caKeyType,
            variant: 'forged-signature',
          }),
          ca,
        ),
      ).toBe('CERT_SIGNATURE_FAILURE');
      expect(
        await verdictOn(
          await makeImpostor(NOW, {
            issuerName: ca.name,
            like: ca.cert,
            keyType: 'ec',
            caKeyType,
            variant: 'forged-signature',
          }),
          ca,
        ),
      ).toBe('CERT_SIGNATURE_FAILURE');
      expect(
        await verdictOn(
          await makeImpostor(NOW, {
            issuerName: ca.name,
            like: null,
            keyType: 'ec',
            caKeyType,
            variant: 'unknown-issuer',
          }),
          ca,
        ),
      ).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    },
  );
});

const CODES: Record<Wrong, string> = {
  expired: 'CERT_HAS_EXPIRED',
  'not-yet-valid': 'CERT_NOT_YET_VALID',
  'server-only': 'INVALID_PURPOSE',
};

describe.each(KEYS)('issued by a CA with a key of the kind %s', (_, makeKey) => {
  test.each(WRONGS)('%s: that alone is wrong', async (kind) => {
    const ca = await makeCa(makeKey());
    const identity = await issueByCa(ca, kind, NOW, null);
    expect(await verdictOn(identity, ca)).toBe(CODES[kind]);
    const leaf = new X509Certificate(identity.cert ?? '');
    expect(leaf.verify(ca.cert.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca.cert)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(Buffer.from(identity.key ?? '')))).toBe(true);
  });
});

test('the private key of another CA is refused in words', async () => {
  await expect(issueByCa({ ...(await makeCa(ecKey())), key: ecKey() }, 'expired', NOW, null)).rejects.toMatchObject({
    kind: 'input',
    message: 'the private key of the CA does not belong to its certificate',
  });
});

test('the name of the CA is taken over from its certificate byte for byte', async () => {
  const ca = await makeCa(ecKey(), NAMES[1]?.[1]);
  const { cert = '' } = await issueByCa(ca, 'server-only', NOW, commonName('user'));
  expect(new X509Certificate(cert).raw.includes(Buffer.from(ca.name))).toBe(true);
});

test('it is signed by its own key, for clients, and no CA', async () => {
  const { cert = '' } = await makeSelfSigned(NOW);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.issuer).toBe(certificate.subject);
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(NOW);
});

test('no errors with it but that nobody vouches: a server that trusts it accepts it', async () => {
  const [own, stranger] = await Promise.all([makeSelfSigned(NOW), makeSelfSigned(NOW)]);
  const verdictOnShown = async (shown: typeof own): Promise<unknown> => {
    const server = createServer({
      cert: Buffer.from(own.cert ?? ''),
      key: Buffer.from(own.key ?? ''),
      ca: Buffer.from(own.cert ?? ''),
      requestCert: true,
      rejectUnauthorized: false,
    });
    const port = await openServer(server);
    connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      cert: Buffer.from(shown.cert ?? ''),
      key: Buffer.from(shown.key ?? ''),
    }).on('error', () => undefined);
    const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
    return socket.authorizationError ?? 'accepted';
  };
  expect(await verdictOnShown(own)).toBe('accepted');
  expect(await verdictOnShown(stranger)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});
