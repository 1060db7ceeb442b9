import { createDecipheriv, createHmac } from 'node:crypto';
import { readItems, readWhole, type ByteReader } from '../der.ts';

/** A TLS version that can be asked for by name. TLS 1.0 and 1.1 are refused by every OpenSSL 3. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Content types of records (RFC 8446 §5.1). */
export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** Types of handshake messages (RFC 8446 §4, RFC 5246 §7.4). */
export const MESSAGE = {
  serverHello: 2,
  certificate: 11,
  certificateRequest: 13,
  serverHelloDone: 14,
  finished: 20,
} as const;

export interface TlsRecord {
  type: number;
  /** The five bytes before the content: what TLS 1.3 authenticates with it. */
  header: Buffer;
  content: Buffer;
}

export interface HandshakeMessage {
  type: number;
  body: Buffer;
}

/** The complete records of a stream from its beginning; a rest that is no complete record is left out. */
export function cutRecords(stream: Buffer): TlsRecord[] {
  const records: TlsRecord[] = [];
  let offset = 0;
  while (stream.length - offset >= 5) {
    const end = offset + 5 + stream.readUInt16BE(offset + 3);
    if (end > stream.length) break;
    const header = stream.subarray(offset, offset + 5);
    records.push({ type: header.readUInt8(0), header, content: stream.subarray(offset + 5, end) });
    offset = end;
  }
  return records;
}

/** The complete messages in the contents of handshake records: one may span several, and several may share one. */
export function cutMessages(contents: readonly Buffer[]): HandshakeMessage[] {
  const stream = Buffer.concat(contents);
  const messages: HandshakeMessage[] = [];
  let offset = 0;
  while (stream.length - offset >= 4) {
    const end = offset + 4 + stream.readUIntBE(offset + 1, 3);
    if (end > stream.length) break;
    messages.push({ type: stream.readUInt8(offset), body: stream.subarray(offset + 4, end) });
    offset = end;
  }
  return messages;
}

/** Keeps the first `maxBytes` of a stream. Copies: a slice would keep the whole buffer it was cut from. */
export function keepBeginning(maxBytes: number): { add(bytes: Buffer): void; bytes(): Buffer } {
  let kept = Buffer.alloc(4096);
  let length = 0;
  return {
    add(bytes) {
      const part = bytes.subarray(0, maxBytes - length);
      if (length + part.length > kept.length)
        kept = Buffer.concat([kept], Math.min(maxBytes, 2 * (length + part.length)));
      length += part.copy(kept, length);
    },
    bytes: () => kept.subarray(0, length),
  };
}

/** What a server says of the certificates it takes. */
export interface CertificateRequestMessage {
  /** Names of CAs as raw DER, in the server's order. Empty: any will do. */
  authorities: readonly Buffer[];
  /** Numbers of RFC 8446 §4.2.3. */
  signatureSchemes: readonly number[];
  /** TLS 1.2 only: numbers of RFC 5246 §7.4.4 and RFC 8422 §5.5. */
  certificateTypes: readonly number[] | null;
}

const EXTENSION = { signatureAlgorithms: 13, certificateAuthorities: 47 } as const;

/** The body of a CertificateRequest; null when it is malformed. */
export function readCertificateRequest(body: Buffer, version: TlsVersion): CertificateRequestMessage | null {
  return readWhole(body, version === 'TLSv1.3' ? readExtensions : readFields);
}

/** RFC 8446 §4.3.2: everything is an extension. */
function readExtensions(reader: ByteReader): CertificateRequestMessage | null {
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
function readFields(reader: ByteReader): CertificateRequestMessage {
  const certificateTypes = [...reader.vector(1)];
  const signatureSchemes = readSchemes(reader);
  return { authorities: readNames(reader), signatureSchemes, certificateTypes };
}

const readSchemes = (reader: ByteReader): number[] => readItems(reader.vector(2), (item) => item.uint(2));
const readNames = (reader: ByteReader): Buffer[] => readItems(reader.vector(2), (item) => item.vector(2));

/** The certificates in the body of a Certificate message, as DER, leaf first; null when it is malformed. */
export function readCertificateMessage(body: Buffer, version: TlsVersion): Buffer[] | null {
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

/**
 * The number of the cipher suite in a ServerHello or HelloRetryRequest (RFC 8446 §4.1.3); null when it is malformed.
 */
export function readCipherSuite(serverHello: Buffer): number | null {
  return readWhole(serverHello, (reader) => {
    // Version and random, then the session id that is echoed.
    reader.take(2 + 32);
    reader.vector(1);
    const suite = reader.uint(2);
    reader.uint(1);
    if (!reader.isAtEnd()) reader.vector(2);
    return suite;
  });
}

interface Suite {
  cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
  keyBytes: number;
  hash: 'sha256' | 'sha384';
  hashBytes: number;
}

/** The suites of OpenSSL's default list, by number (RFC 8446 §B.4). */
const SUITE: Readonly<Record<number, Suite>> = {
  0x1301: { cipher: 'aes-128-gcm', keyBytes: 16, hash: 'sha256', hashBytes: 32 },
  0x1302: { cipher: 'aes-256-gcm', keyBytes: 32, hash: 'sha384', hashBytes: 48 },
  0x1303: { cipher: 'chacha20-poly1305', keyBytes: 32, hash: 'sha256', hashBytes: 32 },
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The handshake messages that one side of a TLS 1.3 connection sent encrypted, up to its Finished. `secret` is its
 * handshake traffic secret. Every byte of them is authenticated; what could not be opened is left out, and without
 * the Finished at the end some may be missing. Null when nothing can be opened.
 */
export function openFlight(
  records: readonly TlsRecord[],
  secret: Buffer,
  suiteNumber: number,
): HandshakeMessage[] | null {
  const suite = SUITE[suiteNumber];
  if (suite === undefined || secret.length !== suite.hashBytes) return null;
  const key = expandLabel(suite, secret, 'key', suite.keyBytes);
  const iv = expandLabel(suite, secret, 'iv', IV_BYTES);
  const contents: Buffer[] = [];
  let opened = 0;
  // Change-cipher-spec and plain alerts stand between the encrypted records and are not counted (RFC 8446 §5, §5.3).
  for (const record of records.filter(({ type }) => type === RECORD.applicationData)) {
    const inner = openRecord(suite.cipher, key, nonceOf(iv, opened), record);
    // After the Finished other keys are in use: that is where this ends.
    if (inner === null) break;
    opened += 1;
    if (inner.type === RECORD.handshake) contents.push(inner.content);
  }
  if (opened === 0) return null;
  const messages = cutMessages(contents);
  const finishedAt = messages.findIndex(({ type }) => type === MESSAGE.finished);
  return finishedAt === -1 ? messages : messages.slice(0, finishedAt + 1);
}

/** HKDF-Expand-Label without a context (RFC 8446 §7.1). No key is longer than one hash, so one block will do. */
function expandLabel({ hash }: Suite, secret: Buffer, label: string, length: number): Buffer {
  const text = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.from([0, length, text.length, ...text, 0, 1]);
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** The iv, with the record's number XORed into its end (RFC 8446 §5.3). */
function nonceOf(iv: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(IV_BYTES - 4) ^ sequence) >>> 0, IV_BYTES - 4);
  return nonce;
}

/** The content of an encrypted record and its true type, which stands behind it, before any padding of zeros. */
function openRecord(
  cipher: Suite['cipher'],
  key: Buffer,
  nonce: Buffer,
  { header, content }: TlsRecord,
): { type: number; content: Buffer } | null {
  if (content.length <= TAG_BYTES) return null;
  const plain = decrypt(cipher, key, nonce, header, content);
  if (plain === null) return null;
  let end = plain.length - 1;
  while (end >= 0 && plain[end] === 0) end -= 1;
  return end < 0 ? null : { type: plain.readUInt8(end), content: plain.subarray(0, end) };
}

function decrypt(cipher: Suite['cipher'], key: Buffer, nonce: Buffer, header: Buffer, sealed: Buffer): Buffer | null {
  const end = sealed.length - TAG_BYTES;
  try {
    // The types know the GCM modes and ChaCha20-Poly1305 apart; both take the same calls.
    const decipher = createDecipheriv(cipher as 'aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(header).setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return null;
  }
}
