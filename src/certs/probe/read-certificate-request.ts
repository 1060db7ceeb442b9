import { readItems, readWhole, type ByteReader } from '../der/read-bytes.ts';
import type { TlsVersion } from './handshake-watch.ts';

/** What a server says of the certificates it takes. */
export interface CertificateRequest {
  /** Names of CAs as raw DER, in the server's order. Empty: any will do. */
  authorities: readonly Buffer[];
  /** Numbers of RFC 8446 §4.2.3. */
  signatureSchemes: readonly number[];
  /** TLS 1.2 only: numbers of RFC 5246 §7.4.4 and RFC 8422 §5.5. */
  certificateTypes: readonly number[] | null;
}

const EXTENSION = { signatureAlgorithms: 13, certificateAuthorities: 47 } as const;

/** The body of a CertificateRequest; null when it is malformed. */
export function readCertificateRequest(body: Buffer, version: TlsVersion): CertificateRequest | null {
  return readWhole(body, version === 'TLSv1.3' ? readExtensions : readFields);
}

/** RFC 8446 §4.3.2: everything is an extension. */
function readExtensions(reader: ByteReader): CertificateRequest | null {
  reader.vector(1);
  const extensions = new Map(readItems(reader.vector(2), (item) => [item.uint(2), item.vector(2)] as const));
  const schemes = extensions.get(EXTENSION.signatureAlgorithms);
  const authorities = extensions.get(EXTENSION.certificateAuthorities);
  const signatureSchemes = schemes === undefined ? [] : readWhole(schemes, readSchemes);
  const names = authorities === undefined ? [] : readWhole(authorities, readNames);
  return signatureSchemes === null || names === null
    ? null
    : { authorities: names, signatureSchemes, certificateTypes: null };
}

/** RFC 5246 §7.4.4 */
function readFields(reader: ByteReader): CertificateRequest {
  const certificateTypes = [...reader.vector(1)];
  const signatureSchemes = readSchemes(reader);
  return { authorities: readNames(reader), signatureSchemes, certificateTypes };
}

const readSchemes = (reader: ByteReader): number[] => readItems(reader.vector(2), (item) => item.uint(2));
const readNames = (reader: ByteReader): Buffer[] => readItems(reader.vector(2), (item) => item.vector(2));

/** The certificates in the body of a Certificate message, as DER, leaf first; null when it is malformed. */
export function readCertificates(body: Buffer, version: TlsVersion): Buffer[] | null {
  return readWhole(body, (reader) => {
    if (version === 'TLSv1.2') return readItems(reader.vector(3), (item) => item.vector(3));
    reader.vector(1);
    return readItems(reader.vector(3), (item) => {
      const certificate = item.vector(3);
      item.vector(2);
      return certificate;
    });
  });
}
