/** Certificates that an endpoint must refuse, each for one reason alone. */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import {
  type CertificateSpec,
  issueCertificate,
  keyIdOf,
  commonName,
  decode,
  subjectOf,
  subjectKeyIdOf,
} from './issue-certificate.ts';
import { type KeyType, keyPem, makeKey } from './make-key.ts';

const DAY_MS = 86_400_000;

export const WRONGS = ['expired', 'not-yet-valid', 'server-only'] as const;
/** The one fault of a certificate that the right CA issued. */
export type Wrong = (typeof WRONGS)[number];

type ClientSpec = Pick<CertificateSpec, 'notBeforeMs' | 'notAfterMs' | 'keyUsage' | 'extendedKeyUsage'>;

/** A certificate and its private key, both PEM. */
export interface IssuedIdentity {
  cert: Buffer;
  key: Buffer;
}

/** What an unauthorised caller pretends to be. */
export interface Disguise {
  /**
   * The user's own certificate. Its name, serial number and everything else that does not depend on its key are copied,
   * because some servers compare one of them and verify nothing. Null where none is known.
   */
  like: X509Certificate | null;
  /** A kind of key that the server takes. */
  keyType: KeyType;
}

/**
 * Makes a self-signed certificate, valid around `nowMs` and meant for client authentication. A server that accepts it
 * accepts everybody, so its only fault must be that no CA issued it.
 */
export async function makeSelfSigned(
  nowMs: number,
  { like, keyType }: Disguise = { like: null, keyType: 'ec' },
): Promise<IssuedIdentity> {
  const key = await makeKey({ type: keyType });
  const subject = like === null ? commonName('hookproof, issued by nobody') : subjectOf(like);
  return identityOf(
    await issueCertificate({
      ...clientAround(nowMs),
      ...likenessOf(like),
      subject,
      key,
      issuer: { name: subject, key, keyId: null },
    }),
    key,
  );
}

/** Key identifiers, usages and whether it is a CA: these must be the certificate's own. */
const OWN_EXTENSIONS: ReadonlySet<string> = new Set(['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37']);

/** Critical extensions are left out: a server that does not know one refuses the certificate for that. */
function likenessOf(like: X509Certificate | null): Pick<CertificateSpec, 'serialNumber' | 'moreExtensions'> {
  if (like === null) return {};
  return {
    serialNumber: like.serialNumber,
    moreExtensions: decode(like).extensions.filter(({ type, critical }) => !OWN_EXTENSIONS.has(type) && !critical),
  };
}

export interface Impersonated extends Disguise {
  /** The name of the real CA: DER, carried over byte for byte. */
  issuerName: Uint8Array;
  /** The kind of the real CA's key (see `issuerKeyType`); by default the most common, RSA. */
  caKeyType?: KeyType;
  variant: ImpostorVariant;
}

/**
 * `forged-signature`: a server finds the real CA by its name and must check the signature. `unknown-issuer`: key and
 * key identifier rule the real CA out, so OpenSSL finds no issuer at all; a server that forgives that
 * (`optional_no_ca`) has only the name left to compare.
 */
export type ImpostorVariant = 'forged-signature' | 'unknown-issuer';

/** The kind of key that signed a certificate. Throws AppError `input` for a damaged one. */
export function issuerKeyType(certificate: X509Certificate): KeyType {
  const { name } = decode(certificate).signatureAlgorithm as unknown as { name: string };
  if (name.startsWith('RSA')) return 'rsa';
  return name === 'ECDSA' ? 'ec' : 'ed25519';
}

/**
 * Makes a certificate of a CA that has the real one's name and another key. Where the kinds of key differ, OpenSSL
 * skips the real CA without looking at the signature. Throws AppError `input` for a name that is not DER.
 */
export async function makeImpostor(
  nowMs: number,
  { issuerName, like, keyType, caKeyType = 'rsa', variant }: Impersonated,
): Promise<IssuedIdentity> {
  const isFound = variant === 'forged-signature';
  const otherType = caKeyType === 'ec' ? 'ed25519' : 'ec';
  const [key, caKey] = await Promise.all([
    makeKey({ type: keyType }),
    isFound ? forgersKey(caKeyType) : makeKey({ type: otherType }),
  ]);
  const own = like === null ? null : subjectOf(like);
  // With the CA's own name as its subject it would be refused as self-signed before any signature is checked.
  const subject =
    own === null || Buffer.compare(own, issuerName) === 0 ? commonName('hookproof, issued by an impostor') : own;
  const issuer = { name: issuerName, key: caKey, keyId: isFound ? null : await keyIdOf(caKey) };
  return identityOf(await issueCertificate({ ...clientAround(nowMs), ...likenessOf(like), subject, key, issuer }), key);
}

const forgersKeys = new Map<KeyType, Promise<KeyObject>>();

/** Made once per process: nobody trusts it, and generating an RSA key takes up to a third of a second. */
function forgersKey(type: KeyType): Promise<KeyObject> {
  const key = forgersKeys.get(type) ?? makeKey({ type });
  forgersKeys.set(type, key);
  return key;
}

/**
 * Makes a certificate of the user's own CA with one fault. `subjectName` null gives it a name of ours. Throws AppError
 * `input` when the key does not belong to the CA or cannot sign here.
 */
export async function issueByCa(
  ca: { cert: X509Certificate; key: KeyObject },
  kind: Wrong,
  nowMs: number,
  subjectName: Uint8Array | null,
): Promise<IssuedIdentity> {
  if (!ca.cert.checkPrivateKey(ca.key))
    throw new AppError('input', 'the private key of the CA does not belong to its certificate', {
      hint: 'compare them: openssl x509 -in CA -noout -pubkey; openssl pkey -in KEY -pubout',
    });
  const key = await makeKey({ type: 'ec' });
  const issuer = { name: subjectOf(ca.cert), key: ca.key, keyId: subjectKeyIdOf(ca.cert) };
  const subject = subjectName ?? commonName(`hookproof, ${kind}`);
  return identityOf(await issueCertificate({ ...wrongClient(kind, nowMs), subject, key, issuer }), key);
}

function wrongClient(kind: Wrong, nowMs: number): ClientSpec {
  const client = clientAround(nowMs);
  switch (kind) {
    case 'expired':
      return { ...client, notBeforeMs: nowMs - 30 * DAY_MS, notAfterMs: nowMs - DAY_MS };
    case 'not-yet-valid':
      return { ...client, notBeforeMs: nowMs + DAY_MS, notAfterMs: nowMs + 2 * DAY_MS };
    case 'server-only':
      return { ...client, extendedKeyUsage: ['serverAuth'] };
  }
}

/** Two days: long enough for clocks that differ, too short to be worth stealing. */
const clientAround = (nowMs: number): ClientSpec => ({
  notBeforeMs: nowMs - DAY_MS,
  notAfterMs: nowMs + DAY_MS,
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['clientAuth'],
});

const identityOf = (certificate: X509Certificate, key: KeyObject): IssuedIdentity => ({
  cert: Buffer.from(certificate.toString()),
  key: Buffer.from(keyPem(key)),
});
