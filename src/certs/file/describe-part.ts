import type { KeyObject, X509Certificate } from 'node:crypto';
import { issuerNameOf, subjectNameOf, describeName } from '../der.ts';
import { daysLeft, readDetails, usageName } from './certificate-details.ts';
import { describeKey, describePublicKey, keyText } from './own-certificate.ts';
import type { CertificateSigningRequest } from './read-request.ts';

/** What `certs inspect` reports about each thing in a file; it goes into the JSON unchanged. */
export type DescribedPart = DescribedCertificate | DescribedKey | DescribedRequest | { kind: 'other'; label: string };

export type DescribedCertificate = {
  kind: 'certificate';
  subject: string;
  issuer: string;
  /** `itself`, or where the issuer was found: `certificate 2 of chain.pem`. Null when it was not. */
  issuedBy: string | null;
  /** Hexadecimal. */
  serialNumber: string;
  version: number;
  /** ISO 8601; null when it is no time. */
  notBefore: string | null;
  notAfter: string | null;
  daysLeft: number | null;
  /** `RSA 2048` */
  key: string;
  signature: string;
  /** `DNS:example.com`, `IP Address:127.0.0.1` */
  names: string[];
  isCa: boolean;
  pathLength: number | null;
  /** Null: no such extension. */
  keyUsage: string[] | null;
  extendedKeyUsage: string[] | null;
  fingerprint256: string;
  /** The file with its private key, where that is at hand. */
  privateKey: string | null;
};

export type DescribedKey = {
  kind: 'private-key' | 'public-key';
  /** Null when it was not opened. */
  key: string | null;
  /** `AES-256-CBC, PBKDF2`; null for a key in clear. */
  encryption: string | null;
  /** `certificate 1 of client.pem`; null when none of the given is its. */
  belongsTo: string | null;
};

export type DescribedRequest = {
  kind: 'request';
  subject: string;
  key: string;
  signature: string;
  isSignatureGood: boolean | null;
  names: string[];
  privateKey: string | null;
};

const MAX_NAMES = 100;

export function describeCertificate(
  certificate: X509Certificate,
  nowMs: number,
  found: { issuedBy: string | null; privateKey: string | null },
): DescribedCertificate {
  const { version, signature, notBefore, notAfter, basicConstraints, keyUsage, extendedKeyUsage } =
    readDetails(certificate);
  return {
    kind: 'certificate',
    subject: describeName(subjectNameOf(certificate)),
    issuer: describeName(issuerNameOf(certificate)),
    issuedBy: found.issuedBy,
    serialNumber: certificate.serialNumber,
    version,
    notBefore: isoOf(notBefore),
    notAfter: isoOf(notAfter),
    daysLeft: Number.isNaN(notAfter) ? null : daysLeft(certificate, nowMs),
    key: keyText(describePublicKey(certificate)),
    signature,
    names: splitNames(certificate.subjectAltName ?? ''),
    isCa: basicConstraints?.ca ?? false,
    pathLength: basicConstraints?.pathLength ?? null,
    keyUsage: keyUsage === null ? null : [...keyUsage],
    extendedKeyUsage: extendedKeyUsage?.map(usageName) ?? null,
    fingerprint256: certificate.fingerprint256,
    privateKey: found.privateKey,
  };
}

export function describeRequest(
  { subject, publicKey, names, signature, isSignatureGood }: CertificateSigningRequest,
  privateKey: string | null,
): DescribedRequest {
  return {
    kind: 'request',
    subject,
    key: keyText(describeKey(publicKey)),
    signature,
    isSignatureGood,
    names: names.slice(0, MAX_NAMES),
    privateKey,
  };
}

export function describeKeyPart(
  kind: DescribedKey['kind'],
  key: KeyObject | null,
  encryption: string | null,
  belongsTo: string | null,
): DescribedKey {
  return { kind, key: key === null ? null : keyText(describeKey(key)), encryption, belongsTo };
}

/** Node writes all names in one line and quotes those that contain a comma. */
function splitNames(text: string): string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).slice(0, MAX_NAMES).map((name) => name.trim());
}

const isoOf = (ms: number): string | null => (Number.isNaN(ms) ? null : new Date(ms).toISOString());
