import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  issueCertificate,
  keyIdOf,
  type CertificateSpec,
  type CertificateIssuer,
  commonName,
} from './issue-certificate.ts';
import { keyPem, makeKey, type KeyType } from './make-key.ts';
import { certificateFile, type NewFile } from './write-files.ts';

const DAY_MS = 86_400_000;

/** The fault of each lab certificate that the CA itself issues. */
const VARIANTS = [
  { name: 'expired', title: 'expired client certificate', days: [-30, -1], purpose: 'clientAuth' },
  {
    name: 'not-yet-valid',
    title: 'client certificate that becomes valid in ten years',
    days: [3650, 4015],
    purpose: 'clientAuth',
  },
  {
    name: 'wrong-eku',
    title: 'server-only certificate (EKU serverAuth)',
    days: [-1, 365],
    purpose: 'serverAuth',
  },
] as const;

/** Names of the files of a lab. */
export const LAB_FILES = [
  ...[...VARIANTS.map(({ name }) => name), 'impostor', 'two-intermediates'].flatMap((name) => [
    `${name}.pem`,
    `${name}.key`,
  ]),
  'impostor-ca.pem',
  'intermediate-1.pem',
  'intermediate-2.pem',
] as const;

/**
 * Makes certificates to test a server with: some that it must refuse, each for one reason, and a long chain. Their keys
 * are EC and not encrypted.
 */
export async function makeLab(ca: CertificateIssuer, days: number, nowMs: number): Promise<NewFile[]> {
  const valid = { notBeforeMs: nowMs - DAY_MS, notAfterMs: nowMs + days * DAY_MS };
  const variants = await Promise.all(
    VARIANTS.map(async ({ name, title, days: [from, to], purpose }) => {
      const { certificate, key } = await makeClient(
        name,
        ca,
        { notBeforeMs: nowMs + from * DAY_MS, notAfterMs: nowMs + to * DAY_MS },
        purpose,
      );
      return [certificateFile(`${name}.pem`, title, certificate), keyFile(name, key)];
    }),
  );
  return [...variants.flat(), ...(await impostorFiles(ca, valid)), ...(await longChainFiles(ca, valid))];
}

type Validity = Pick<CertificateSpec, 'notBeforeMs' | 'notAfterMs'>;

/**
 * A CA of the same name with another key. Its leaf has no authority key identifier, so a server must check the
 * signature.
 */
async function impostorFiles(ca: CertificateIssuer, valid: Validity): Promise<NewFile[]> {
  // Of the same kind: OpenSSL never checks a signature whose algorithm differs from that of the CA's key.
  const key = await makeKey({ type: ca.key.asymmetricKeyType as KeyType });
  const impostor: CertificateIssuer = { name: ca.name, key, keyId: null };
  const certificate = await issueCa(ca.name, key, impostor, valid, undefined);
  const leaf = await makeClient('impostor', impostor, valid);
  return [
    certificateFile('impostor-ca.pem', 'CA certificate with the same name as ca.pem, but another key', certificate),
    certificateFile('impostor.pem', 'client certificate signed by that impostor', leaf.certificate),
    keyFile('impostor', leaf.key),
  ];
}

async function longChainFiles(ca: CertificateIssuer, valid: Validity): Promise<NewFile[]> {
  const first = await makeIntermediate('lab intermediate 1', ca, valid, 1);
  const second = await makeIntermediate('lab intermediate 2', first.issuer, valid, 0);
  const leaf = await makeClient('two-intermediates', second.issuer, valid);
  return [
    certificateFile('intermediate-1.pem', 'intermediate CA certificate, issued by ca.pem', first.certificate),
    certificateFile(
      'intermediate-2.pem',
      'intermediate CA certificate, issued by intermediate-1.pem',
      second.certificate,
    ),
    certificateFile(
      'two-intermediates.pem',
      'client certificate, then its two intermediates',
      leaf.certificate,
      second.certificate,
      first.certificate,
    ),
    keyFile('two-intermediates', leaf.key),
  ];
}

async function makeIntermediate(
  name: string,
  issuer: CertificateIssuer,
  valid: Validity,
  pathLength: number,
): Promise<{ certificate: X509Certificate; issuer: CertificateIssuer }> {
  const key = await makeKey({ type: 'ec' });
  const subject = commonName(name);
  return {
    certificate: await issueCa(subject, key, issuer, valid, pathLength),
    issuer: { name: subject, key, keyId: await keyIdOf(key) },
  };
}

const issueCa = (
  subject: Uint8Array,
  key: KeyObject,
  issuer: CertificateIssuer,
  valid: Validity,
  pathLength: number | undefined,
): Promise<X509Certificate> =>
  issueCertificate({ ...valid, subject, key, issuer, ca: { pathLength }, keyUsage: ['keyCertSign', 'cRLSign'] });

async function makeClient(
  name: string,
  issuer: CertificateIssuer,
  valid: Validity,
  purpose: 'clientAuth' | 'serverAuth' = 'clientAuth',
): Promise<{ certificate: X509Certificate; key: KeyObject }> {
  const key = await makeKey({ type: 'ec' });
  return {
    key,
    certificate: await issueCertificate({
      ...valid,
      subject: commonName(`lab ${name}`),
      key,
      issuer,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [purpose],
    }),
  };
}

const keyFile = (name: string, key: KeyObject): NewFile => ({
  name: `${name}.key`,
  kind: 'private-key',
  title: `private key of ${name}.pem, EC P-256`,
  text: keyPem(key),
});
