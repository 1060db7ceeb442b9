import { createPublicKey, randomBytes, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { signerOf } from './key-signer.ts';
import { readName } from './name.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
} from './x509.ts';

/** Who signs. */
export interface Issuer {
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
  issuer: Issuer;
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
  /** Hex; by default made by chance. */
  serialNumber?: string;
  /** Beside those that the rest of this says. */
  moreExtensions?: readonly Extension[];
}

/** A version-3 certificate, signed with SHA-256 (or as an Edwards curve does). Throws AppError `input` for an unusable key or name. */
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

/** What says which key a certificate is for (RFC 5280 §4.2.1.2, method 1), in hex. */
export async function keyIdOf(key: KeyObject): Promise<string> {
  return Buffer.from(await new PublicKey(publicKeyBytes(key)).getKeyIdentifier('SHA-1', webcrypto)).toString('hex');
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

/** Positive and of 16 bytes: RFC 5280 allows 20, and what chance gives in 126 bits never comes twice. */
function makeSerial(): string {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
  return serial.toString('hex');
}

function publicKeyBytes(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
}
