import type { X509Certificate } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import { readItems, readWhole, type ByteReader } from './read-bytes.ts';

/** One value of DER (X.690 §8.1): its tag, and its bytes with and without the head. */
export interface DerValue {
  tag: number;
  content: Buffer;
  whole: Buffer;
}

export const DER = { integer: 0x02, oid: 0x06, sequence: 0x30, set: 0x31, version: 0xa0 } as const;

/** The value that starts here; null, or the end of the `readWhole` around it, when it is not DER. */
export function readDer(reader: ByteReader): DerValue | null {
  const head = reader.take(2);
  const [tag, first] = [head.readUInt8(0), head.readUInt8(1)];
  // No name and no certificate has tags of several bytes, lengths left open, or more than 4 GiB.
  if ((tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) return null;
  const lengthBytes = first < 0x80 ? Buffer.alloc(0) : reader.take(first - 0x80);
  const content = reader.take(lengthBytes.length === 0 ? first : lengthBytes.readUIntBE(0, lengthBytes.length));
  return { tag, content, whole: Buffer.concat([head, lengthBytes, content]) };
}

/** The values of a sequence or set; null when one of them is not DER. */
export function readDerValues(content: Buffer): DerValue[] | null {
  return readWhole(content, (reader) => {
    const values = readItems(reader.take(content.length), readDer);
    return values.every((value) => value !== null) ? values : null;
  });
}

/** An object identifier in dots, from its content (X.690 §8.19); null when it is none. */
export function readOid(content: Buffer): string | null {
  const last = content.at(-1);
  if (last === undefined || last >= 0x80 || content.length > 64) return null;
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content) {
    number = number * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0n;
  }
  const [first = 0n, ...rest] = numbers;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/**
 * The Names in a certificate, as raw DER: what TLS and a chain compare byte by byte. Null when it is no certificate.
 */
export function readCertificateNames(certificate: Buffer): { issuer: Buffer; subject: Buffer } | null {
  const outer = readDerValues(certificate)?.[0];
  const signed = outer === undefined ? undefined : readDerValues(outer.content)?.[0];
  const fields = (signed === undefined ? null : readDerValues(signed.content)) ?? [];
  // RFC 5280 §4.1: version (left out for version 1), serialNumber, signature, issuer, validity, subject, …
  const [serialNumber, , issuer, , subject] = fields[0]?.tag === DER.version ? fields.slice(1) : fields;
  if (serialNumber?.tag !== DER.integer || issuer?.tag !== DER.sequence || subject?.tag !== DER.sequence) return null;
  return { issuer: issuer.whole, subject: subject.whole };
}

/** The issuer's Name as raw DER. Throws AppError `input` for an encoding that only a lenient reader takes. */
export function issuerNameOf(certificate: X509Certificate): Buffer {
  return namesOf(certificate).issuer;
}

/** The subject's Name as raw DER. Throws AppError `input` for an encoding that only a lenient reader takes. */
export function subjectNameOf(certificate: X509Certificate): Buffer {
  return namesOf(certificate).subject;
}

function namesOf(certificate: X509Certificate): { issuer: Buffer; subject: Buffer } {
  const names = readCertificateNames(certificate.raw);
  if (names !== null) return names;
  throw new AppError(
    'input',
    `the certificate with serial number ${certificate.serialNumber} is not encoded in DER throughout`,
    { hint: 'have it issued again: other programs refuse it too' },
  );
}

export const TAG = { ...DER, boolean: 0x01, octetString: 0x04, utcTime: 0x17 } as const;

/** The one value that these bytes are; undefined when they are no DER, or more than one value. */
export function readWholeDer(bytes: Uint8Array): DerValue | undefined {
  return readWhole(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), readDer) ?? undefined;
}

/** The values within a constructed one; empty when they cannot be read. */
export function valuesIn(value: DerValue | undefined): DerValue[] {
  return value === undefined ? [] : (readDerValues(value.content) ?? []);
}

/** `1.2.840.113549` of an object identifier; empty for anything else. */
export function oidOf(value: DerValue | undefined): string {
  return value?.tag === TAG.oid ? (readOid(value.content) ?? '') : '';
}
