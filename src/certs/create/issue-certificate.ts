/**
 * The only importer of @peculiar/x509, which makes and decodes certificates and requests but never judges one. The
 * library takes 100 ms to load: import this module lazily, or from a module that is imported lazily itself.
 */
import './polyfill.ts';
import { type KeyObject, X509Certificate, createPublicKey, randomBytes, sign, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  Pkcs10CertificateRequestGenerator,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Decoded,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { AppError } from '../../model/error.ts';

/** Who signs. */
export interface CertificateIssuer {
  /** DER. */
  name: Uint8Array;
  /** Private. */
  key: KeyObject;
  /** Hex; null leaves the authority key identifier out, so that a verifier finds the issuer by its name alone. */
  keyId: string | null;
}

export interface CertificateSpec {
  /** DER. */
  subject: Uint8Array;
  /** Private or public. */
  key: KeyObject;
  issuer: CertificateIssuer;
  /** Milliseconds since the epoch; a certificate keeps whole seconds. */
  notBeforeMs: number;
  notAfterMs: number;
  /** Absent: no CA. */
  ca?: { pathLength?: number | undefined };
  keyUsage: readonly ('digitalSignature' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign')[];
  extendedKeyUsage?: readonly ('clientAuth' | 'serverAuth')[];
  /** DNS names and IP addresses. */
  hosts?: readonly string[];
  /** Default: true. */
  subjectKeyId?: boolean;
  /** Hex; random by default. */
  serialNumber?: string;
  /** Besides those that the other fields give. */
  moreExtensions?: readonly Extension[];
}

/**
 * A version-3 certificate, signed with SHA-256 (or as an Edwards curve does). Throws AppError `input` for an unusable
 * key or name.
 */
export async function issueCertificate(spec: CertificateSpec): Promise<X509Certificate> {
  const signer = signerOf(spec.issuer.key);
  const made = await X509CertificateGenerator.create(
    {
      serialNumber: spec.serialNumber ?? makeSerial(),
      subject: readName(spec.subject),
      issuer: readName(spec.issuer.name),
      notBefore: new Date(spec.notBeforeMs),
      notAfter: new Date(spec.notAfterMs),
      publicKey: publicKeyBytes(spec.key),
      signingKey: signer.key,
      extensions: await extensionsOf(spec),
    },
    signer.crypto,
  );
  return new X509Certificate(Buffer.from(made.rawData));
}

/** The identifier of a key in certificates (RFC 5280 §4.2.1.2, method 1), in hex. */
export async function keyIdOf(key: KeyObject): Promise<string> {
  return Buffer.from(await new PublicKey(publicKeyBytes(key)).getKeyIdentifier('SHA-1', webcrypto)).toString('hex');
}

/** The key identifier that a certificate states for its own key, in hex; null when it states none. */
export function subjectKeyIdOf(certificate: X509Certificate): string | null {
  return decode(certificate).getExtension(SubjectKeyIdentifierExtension)?.keyId ?? null;
}

async function extensionsOf(spec: CertificateSpec): Promise<Extension[]> {
  const { ca, hosts = [], extendedKeyUsage: purposes = [], issuer } = spec;
  const usage = spec.keyUsage.reduce((flags, name) => flags | KeyUsageFlags[name], 0);
  return [
    new BasicConstraintsExtension(ca !== undefined, ca?.pathLength, true),
    new KeyUsagesExtension(usage, true),
    ...(purposes.length === 0 ? [] : [new ExtendedKeyUsageExtension(purposes.map((name) => ExtendedKeyUsage[name]))]),
    ...(hosts.length === 0
      ? []
      : [
          new SubjectAlternativeNameExtension(
            hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
          ),
        ]),
    ...(spec.subjectKeyId === false ? [] : [new SubjectKeyIdentifierExtension(await keyIdOf(spec.key))]),
    ...(issuer.keyId === null ? [] : [new AuthorityKeyIdentifierExtension(issuer.keyId)]),
    ...(spec.moreExtensions ?? []),
  ];
}

/** Positive, 16 bytes: RFC 5280 allows 20, and 126 random bits do not repeat. */
function makeSerial(): string {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
  return serial.toString('hex');
}

function publicKeyBytes(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
}

/** A key as @peculiar/x509 takes one, and the WebCrypto to use it with. */
export interface Signer {
  key: webcrypto.CryptoKey;
  crypto: webcrypto.Crypto;
}

interface Algorithm {
  name: string;
  hash?: string;
  namedCurve?: string;
  saltLength?: number;
}

/** OpenSSL's names of the curves, and WebCrypto's. */
const CURVES: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/**
 * Lets the library sign with a key of node:crypto, with SHA-256. It would use WebCrypto, which on Node 20 warns on
 * stderr that Ed25519 is experimental. Throws AppError `input` for a key that cannot sign certificates here.
 */
function signerOf(key: KeyObject): Signer {
  const algorithm = algorithmOf(key);
  const digest = algorithm.hash === undefined ? null : 'sha256';
  const subtle = {
    exportKey: async () => createPublicKey(key).export({ type: 'spki', format: 'der' }),
    sign: async (_: unknown, __: unknown, bytes: ArrayBuffer) =>
      sign(digest, new Uint8Array(bytes), {
        key,
        dsaEncoding: 'ieee-p1363',
        saltLength: algorithm.saltLength,
      }),
  };
  return {
    key: { algorithm, type: 'private' } as unknown as webcrypto.CryptoKey,
    crypto: { subtle, getRandomValues: webcrypto.getRandomValues.bind(webcrypto) } as unknown as webcrypto.Crypto,
  };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): Algorithm {
  const curve = CURVES[details?.namedCurve ?? ''];
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (type === 'rsa-pss') return { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };
  if (type === 'ec' && curve !== undefined) return { name: 'ECDSA', hash: 'SHA-256', namedCurve: curve };
  if (type === 'ed25519') return { name: 'Ed25519' };
  if (type === 'ed448') return { name: 'EdDSA', namedCurve: 'Ed448' };
  throw new AppError('input', `cannot sign certificates with a ${details?.namedCurve ?? type ?? 'secret'} key`, {
    hint: 'use an RSA, P-256, P-384, P-521, Ed25519 or Ed448 key',
  });
}

/** A certificate request (PKCS#10, RFC 2986) for this subject (DER) and private key, as PEM. */
export async function makeRequest(subject: Uint8Array, key: KeyObject): Promise<string> {
  const { key: privateKey, crypto } = signerOf(key);
  // The public key is only handed back to `crypto`, which has it already.
  const keys = { privateKey, publicKey: createPublicKey(key) as never };
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: readName(subject), keys, signingAlgorithm: privateKey.algorithm as never },
    crypto,
  );
  return `${request.toString('pem').trim()}\n`;
}

/** A name of one part, CN, as DER (RFC 5280 §4.1.2.4). */
export function commonName(text: string): Uint8Array {
  return new Uint8Array(new Name([{ CN: [{ utf8String: text }] }]).toArrayBuffer());
}

/** The subject of a certificate: DER, every byte as it stands there. Throws AppError `input` for a damaged one. */
export function subjectOf(certificate: X509Certificate): Uint8Array {
  return new Uint8Array(decode(certificate).subjectName.toArrayBuffer());
}

/** Decodes a certificate. Throws AppError `input` for one that OpenSSL can read and the library cannot. */
export function decode(certificate: X509Certificate): Decoded {
  try {
    return new Decoded(certificate.raw);
  } catch (cause) {
    throw new AppError('input', 'the CA certificate is not valid DER', { cause });
  }
}

/** Decodes a DER name. Throws AppError `input` when the library would not write it back byte for byte. */
export function readName(der: Uint8Array): Name {
  const name = decodeName(der);
  if (Buffer.from(name.toArrayBuffer()).equals(der)) return name;
  throw unusable();
}

function decodeName(der: Uint8Array): Name {
  try {
    return new Name(der);
  } catch (cause) {
    throw unusable(cause);
  }
}

const unusable = (cause?: unknown): AppError =>
  new AppError('input', 'the name in a certificate is not valid DER, so it cannot be copied into another certificate', {
    cause,
  });
