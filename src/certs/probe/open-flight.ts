import { createDecipheriv, createHmac } from 'node:crypto';
import { cutMessages, MESSAGE, RECORD, type HandshakeMessage, type TlsRecord } from './tls-messages.ts';

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
