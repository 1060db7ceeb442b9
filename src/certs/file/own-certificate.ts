import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Identity } from '../probe/probe.ts';
import { rehearse } from '../probe/rehearse.ts';
import { encryptionOfPfx, keyEncryptionOf, type NamedBytes } from './key-encryption.ts';

export interface OwnKey {
  /** As Node names it: `rsa`, `ec`, `ed25519`, … */
  type: string;
  bits: number | null;
  /** As OpenSSL names it: `prime256v1`. */
  curve: string | null;
  /** Null when that is unknown. */
  encrypted: boolean | null;
}

/** The certificate that a caller shows, with its private key, as it was read; it may still be wrong. */
export interface OwnCertificate {
  /** What a TLS connection takes; null when OpenSSL cannot use it … */
  identity: Identity | null;
  /** … and why, in plain words. */
  unusable: string | null;
  /** Of the file with the certificates. */
  format: 'PEM' | 'DER' | 'PKCS#12';
  /** As they go out: in the order of a PEM file, and what OpenSSL makes of a PKCS#12 file. At least one. */
  certificates: readonly X509Certificate[];
  /** Null when there is no private key, or it was not opened. */
  key: OwnKey | null;
  /** The key belongs to one of the certificates; null without a key. */
  keyMatches: boolean | null;
  /** To which one: an index into `certificates`. Null when to none, or without a key. */
  keyPosition: number | null;
  /** How the key is encrypted (`AES-256-CBC, PBKDF2`); null when it is not. */
  encryption: string | null;
  path: string;
  /** Of the file with the key; the same as `path` where one file holds both, and empty without a key. */
  keyPath: string;
}

export interface ReadPem {
  /** What the certificates were read from; they are PEM by now. */
  format?: 'PEM' | 'DER';
  certificates: readonly X509Certificate[];
  cert: NamedBytes;
  key: NamedBytes & { opened: KeyObject };
  passphrase: string | undefined;
  /** Why OpenSSL cannot use the two together; null when it can. */
  unusable: string | null;
}

/** Certificates and private key of PEM files. */
export function ownOfPem({ format = 'PEM', certificates, cert, key, passphrase, unusable }: ReadPem): OwnCertificate {
  const encryption = keyEncryptionOf(Buffer.from(key.bytes).toString('latin1'));
  const position = certificates.findIndex((one) => one.checkPrivateKey(key.opened));
  return {
    identity: unusable === null && position === 0 ? { cert: cert.bytes, key: key.bytes, passphrase } : null,
    unusable,
    format,
    certificates,
    key: { ...describeKey(key.opened), encrypted: encryption !== null },
    keyMatches: position !== -1,
    keyPosition: position === -1 ? null : position,
    encryption,
    path: cert.path,
    keyPath: key.path,
  };
}

/**
 * A PKCS#12 file that OpenSSL has opened. Node cannot list its content, so a rehearsal sends it; `certificates` is
 * empty when nothing went out.
 */
export async function ownOfPfx(pfx: NamedBytes, passphrase: string | undefined): Promise<OwnCertificate> {
  const identity = { pfx: pfx.bytes, passphrase };
  const { sent } = await rehearse(identity, { clientCa: [] });
  const schemes = encryptionOfPfx(pfx.bytes) ?? [];
  const encrypted = schemes.length > 0 && passphrase !== undefined && passphrase !== '';
  return {
    identity: sent.length === 0 ? null : identity,
    unusable: sent.length === 0 ? 'OpenSSL sends no certificate of it' : null,
    format: 'PKCS#12',
    certificates: sent,
    // OpenSSL takes the certificate that its key belongs to, so the key is of the same kind.
    key: sent[0] === undefined ? null : { ...describePublicKey(sent[0]), encrypted },
    keyMatches: sent.length > 0,
    keyPosition: sent.length > 0 ? 0 : null,
    encryption: encrypted ? schemes.join('; ') : null,
    path: pfx.path,
    keyPath: pfx.path,
  };
}

/** Certificates without a private key at hand. */
export function ownWithoutKey(
  certificates: readonly X509Certificate[],
  path: string,
  format: OwnCertificate['format'] = 'PEM',
): OwnCertificate {
  return {
    identity: null,
    unusable: null,
    format,
    certificates,
    key: null,
    keyMatches: null,
    keyPosition: null,
    encryption: null,
    path,
    keyPath: '',
  };
}

/** As people write it: `RSA 2048`, `EC P-256`, `Ed25519`. */
export function keyText({ type, bits, curve }: Omit<OwnKey, 'encrypted'>): string {
  const curves: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
  if (type === 'ec') return `EC ${curves[curve ?? ''] ?? curve ?? ''}`.trim();
  if (type.startsWith('ed')) return `Ed${type.slice(2)}`;
  return bits === null ? type.toUpperCase() : `${type.toUpperCase()} ${bits}`;
}

/** Kind and size of a key, private or public. */
export function describeKey(key: KeyObject): Omit<OwnKey, 'encrypted'> {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const curve = namedCurve ?? null;
  const curveBits = /\d{3}/.exec(curve ?? '')?.[0];
  return {
    type: key.asymmetricKeyType ?? 'unknown',
    bits: modulusLength ?? (curveBits === undefined ? null : Number(curveBits)),
    curve,
  };
}

/** The same of a certificate's key; of type `unknown` where OpenSSL does not know its kind. */
export function describePublicKey(certificate: X509Certificate): Omit<OwnKey, 'encrypted'> {
  const key = publicKeyOf(certificate);
  return key === null ? { type: 'unknown', bits: null, curve: null } : describeKey(key);
}

/** Null for a key of a kind that OpenSSL does not know. */
export function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    return null;
  }
}
