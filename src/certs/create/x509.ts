/**
 * The only importer of @peculiar/x509, which makes and decodes certificates and requests here but never judges one. It
 * takes 100 ms to load, so only modules that are themselves imported lazily may import this.
 */
import './polyfill.ts';
import type { X509Certificate } from 'node:crypto';
import { Name, X509Certificate as Decoded } from '@peculiar/x509';
import { AppError } from '../../model/error.ts';

export {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

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
    throw new AppError('input', 'the certificate of the CA is not proper DER', { cause });
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
  new AppError('input', 'the name of a certificate is not proper DER, so no other certificate can carry it', { cause });
