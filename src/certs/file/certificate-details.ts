import type { X509Certificate } from 'node:crypto';
import { type DerValue, oidOf, readWholeDer, TAG, valuesIn } from '../der.ts';

/** What RFC 5280 puts in a certificate and Node does not show, or not in every version. */
export interface CertificateDetails {
  /** 1, 2 or 3. */
  version: number;
  /** `sha256WithRSAEncryption`, or the object identifier of an algorithm without a name here. */
  signature: string;
  /** SHA-1 or older. */
  isSignatureWeak: boolean;
  /** Milliseconds since the epoch; NaN when it is no time. */
  notBefore: number;
  notAfter: number;
  /** `pathLength`: how many intermediates may stand below; null for any number. Null without the extension. */
  basicConstraints: { ca: boolean; pathLength: number | null } | null;
  /** Null without the extension: every usage is allowed. */
  keyUsage: readonly KeyUsage[] | null;
  /** Object identifiers; null without the extension. */
  extendedKeyUsage: readonly string[] | null;
  subjectKeyId: Buffer | null;
  authority: AuthorityIdentifier;
}

/** RFC 5280 §4.2.1.1: which certificate of its issuer a certificate was signed with; null where it does not say. */
export interface AuthorityIdentifier {
  keyId: Buffer | null;
  /** Raw DER of a Name. */
  issuer: Buffer | null;
  serialNumber: Buffer | null;
}

/** RFC 5280 §4.2.1.3, in the order of its bits. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const ANY_USAGE = '2.5.29.37.0';

const USAGE_NAMES: Record<string, string> = {
  [SERVER_AUTH]: 'serverAuth',
  [CLIENT_AUTH]: 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  [ANY_USAGE]: 'anyExtendedKeyUsage',
};

/** `clientAuth` for its object identifier, and the identifier itself where it has no name here. */
export const usageName = (oid: string): string => USAGE_NAMES[oid] ?? oid;

const RSA_PSS = '1.2.840.113549.1.1.10';
const SIGNATURES: Record<string, string> = {
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.3.14.3.2.29': 'sha1WithRSA',
  '1.2.840.10040.4.3': 'dsa-with-sha1',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '2.16.840.1.101.3.4.3.2': 'dsa-with-sha256',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};
const PSS_HASHES: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};

const known = new WeakMap<X509Certificate, CertificateDetails>();

/** Reads a certificate's DER. OpenSSL has read it before, so a field that is missing here is not in it. */
export function readDetails(certificate: X509Certificate): CertificateDetails {
  const seen = known.get(certificate);
  if (seen !== undefined) return seen;
  const details = detailsOf(certificate.raw);
  known.set(certificate, details);
  return details;
}

/** RFC 5280 §4.1: version [0], serial number, algorithm, issuer, validity, …, extensions [3]. */
function detailsOf(der: Uint8Array): CertificateDetails {
  const [body, algorithm] = valuesIn(readWholeDer(der));
  const fields = valuesIn(body);
  const hasVersion = fields[0]?.tag === 0xa0;
  const [, , , validity] = hasVersion ? fields.slice(1) : fields;
  const extensions = extensionsOf(valuesIn(fields.find(({ tag }) => tag === 0xa3))[0]);
  const signature = signatureName(valuesIn(algorithm));
  const [notBefore, notAfter] = valuesIn(validity).map(timeOf);
  return {
    version: hasVersion ? (valuesIn(fields[0])[0]?.content.at(-1) ?? 0) + 1 : 1,
    signature,
    isSignatureWeak: /md[245]|sha-?1(?!\d)/i.test(signature),
    notBefore: notBefore ?? Number.NaN,
    notAfter: notAfter ?? Number.NaN,
    basicConstraints: readConstraints(extensions.get('2.5.29.19')),
    keyUsage: readKeyUsage(extensions.get('2.5.29.15')),
    extendedKeyUsage: extensions.has('2.5.29.37') ? valuesIn(extensions.get('2.5.29.37')).map(oidOf) : null,
    subjectKeyId: extensions.get('2.5.29.14')?.content ?? null,
    authority: readAuthority(extensions.get('2.5.29.35')),
  };
}

/** The value of each extension by its identifier. Each is { identifier, critical?, OCTET STRING of a value }. */
export function extensionsOf(extensions: DerValue | undefined): Map<string, DerValue> {
  return new Map(
    valuesIn(extensions).flatMap((extension) => {
      const parts = valuesIn(extension);
      const value = readWholeDer(parts.at(-1)?.content ?? Buffer.alloc(0));
      return value === undefined ? [] : [[oidOf(parts[0]), value] as const];
    }),
  );
}

function readAuthority(value: DerValue | undefined): AuthorityIdentifier {
  const parts = valuesIn(value);
  const contentOf = (tag: number): Buffer | null => parts.find((part) => part.tag === tag)?.content ?? null;
  const names = valuesIn(parts.find(({ tag }) => tag === 0xa1));
  const directoryName = valuesIn(names.find(({ tag }) => tag === 0xa4))[0];
  return { keyId: contentOf(0x80), issuer: directoryName?.whole ?? null, serialNumber: contentOf(0x82) };
}

function readConstraints(value: DerValue | undefined): CertificateDetails['basicConstraints'] {
  if (value === undefined) return null;
  const parts = valuesIn(value);
  const length = parts.find(({ tag }) => tag === TAG.integer)?.content;
  return {
    ca: parts.some(({ tag, content }) => tag === TAG.boolean && content[0] !== 0),
    pathLength: length === undefined ? null : Number.parseInt(length.toString('hex').slice(0, 12), 16),
  };
}

/** A BIT STRING: the first byte says how many bits of the last are unused. */
function readKeyUsage(value: DerValue | undefined): KeyUsage[] | null {
  if (value === undefined) return null;
  const bits = value.content.subarray(1);
  return KEY_USAGES.filter((_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0);
}

/** Of an AlgorithmIdentifier's parts. */
export function signatureName([oid, parameters]: readonly DerValue[]): string {
  const id = oidOf(oid);
  if (id !== RSA_PSS) return SIGNATURES[id] ?? id;
  // RFC 4055 §3.1: the hash is [0], and SHA-1 where it is left out.
  const hash = valuesIn(parameters).find(({ tag }) => tag === 0xa0);
  const hashId = hash === undefined ? '1.3.14.3.2.26' : oidOf(valuesIn(valuesIn(hash)[0])[0]);
  return `RSASSA-PSS with ${PSS_HASHES[hashId] ?? hashId}`;
}

/** RFC 5280 §4.1.2.5: two-digit years are 1950 to 2049. NaN for a day or an hour that does not exist. */
function timeOf({ tag, content }: DerValue): number {
  const text = content.toString('latin1');
  const full = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(full);
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second = '00'] = parts.slice(1);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(iso);
  // Date.parse reads the 30th of February as the 2nd of March.
  return !Number.isNaN(ms) && new Date(ms).toISOString() === iso ? ms : Number.NaN;
}

const DAY_MS = 86_400_000;

/** Whole days until the end, negative after it; NaN when that is no time. */
export const daysLeft = (certificate: X509Certificate, nowMs: number): number =>
  Math.trunc((readDetails(certificate).notAfter - nowMs) / DAY_MS);
