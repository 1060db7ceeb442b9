import type { X509Certificate } from 'node:crypto';
import { AppError } from '../model/error.ts';

/** Reads the fields of a TLS message or a DER value from left to right. Each step throws when there is too little. */
export interface ByteReader {
  /** Unsigned, big-endian, of 1 to 4 bytes. */
  uint(size: 1 | 2 | 3 | 4): number;
  take(length: number): Buffer;
  /** As many bytes as the `lengthSize` bytes before them say: a "vector" of RFC 8446 §3.4. */
  vector(lengthSize: 1 | 2 | 3): Buffer;
  isAtEnd(): boolean;
}

class TooShort extends Error {}

/** Applies `read` to exactly these bytes. Null when they are too few or too many, or when `read` returns null. */
export function readWhole<T>(bytes: Buffer, read: (reader: ByteReader) => T | null): T | null {
  const reader = makeReader(bytes);
  try {
    const value = read(reader);
    return reader.isAtEnd() ? value : null;
  } catch (error) {
    if (error instanceof TooShort) return null;
    throw error;
  }
}

/** The items of a vector, one after the other, until it ends. For use within `readWhole`. */
export function readItems<T>(vector: Buffer, readItem: (reader: ByteReader) => T): T[] {
  const reader = makeReader(vector);
  const items: T[] = [];
  while (!reader.isAtEnd()) items.push(readItem(reader));
  return items;
}

function makeReader(bytes: Buffer): ByteReader {
  let offset = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - offset) throw new TooShort();
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const uint = (size: 1 | 2 | 3 | 4): number => take(size).readUIntBE(0, size);
  return { take, uint, vector: (lengthSize) => take(uint(lengthSize)), isAtEnd: () => offset === bytes.length };
}

/** One value of DER (X.690 §8.1): its tag, and its bytes with and without the head. */
export interface DerValue {
  tag: number;
  content: Buffer;
  whole: Buffer;
}

export const DER = { integer: 0x02, oid: 0x06, sequence: 0x30, set: 0x31, version: 0xa0 } as const;

/**
 * Reads the value that starts here. When it is not DER, returns null or makes the surrounding `readWhole` return null.
 */
function readDer(reader: ByteReader): DerValue | null {
  const head = reader.take(2);
  const [tag, first] = [head.readUInt8(0), head.readUInt8(1)];
  // No name and no certificate has tags of several bytes, lengths left open, or more than 4 GiB.
  if ((tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84) return null;
  const lengthBytes = first < 0x80 ? Buffer.alloc(0) : reader.take(first - 0x80);
  const content = reader.take(lengthBytes.length === 0 ? first : lengthBytes.readUIntBE(0, lengthBytes.length));
  return { tag, content, whole: Buffer.concat([head, lengthBytes, content]) };
}

/** The values of a sequence or set; null when one of them is not DER. */
function readDerValues(content: Buffer): DerValue[] | null {
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
 * The Names in a certificate as raw DER, which TLS and chains compare byte by byte. Null when it is no certificate.
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
  throw new AppError('input', `the certificate with serial number ${certificate.serialNumber} is not valid DER`, {
    hint: 'reissue it: other programs reject it too',
  });
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

const COMMON_NAME = '2.5.4.3';

/** The short names of RFC 4514 §3, and those that OpenSSL prints beside them. */
const SHORT_NAME: Readonly<Record<string, string>> = {
  [COMMON_NAME]: 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

interface Attribute {
  type: string;
  value: string;
}

const MAX_NAME_CHARACTERS = 500;
const MAX_VALUE_CHARACTERS = 100;

/**
 * A DER Name for people: `CN=Test CA, O=Example`, the most specific part first (RFC 4514). Bounded in length. Its text
 * is untrusted, so escape it before printing. Never throws.
 */
export function describeName(name: Buffer): string {
  const parts = readName(name);
  if (parts === null) return `(unreadable name of ${name.length} bytes)`;
  if (parts.length === 0) return '(empty name)';
  return shorten(
    parts
      .toReversed()
      .map((attributes) => attributes.map(describeAttribute).join('+'))
      .join(', '),
    MAX_NAME_CHARACTERS,
  );
}

/**
 * A DER Name as OpenSSL writes it for servers, in ASCII and one line: by RFC 2253, from its end on, or as it did before
 * (`/O=Example/CN=client`). Null when it is no Name.
 */
export function writeName(name: Buffer, style: 'rfc2253' | 'legacy'): string | null {
  const parts = readName(name)?.map((attributes) => attributes.map((one) => writeAttribute(one, style))) ?? null;
  if (style === 'legacy') return parts?.map((texts) => `/${texts.join('+')}`).join('') ?? null;
  const fromItsEnd = parts?.toReversed().map((texts) => texts.toReversed().join('+'));
  return fromItsEnd?.join(',') ?? null;
}

function writeAttribute({ type, value }: Attribute, style: 'rfc2253' | 'legacy'): string {
  const special = style === 'legacy' ? value : value.replaceAll(/["+,;<>\\]|^[# ]| $/g, String.raw`\$&`);
  const prefix = style === 'legacy' ? String.raw`\x` : '\\';
  const escaped = special.replaceAll(/[^ -~]/gu, (character) =>
    [...Buffer.from(character, 'utf8')]
      .map((byte) => `${prefix}${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
  return `${SHORT_NAME[type] ?? type}=${escaped}`;
}

/** The value of a Name's last common name; empty without one. */
export function commonNameOf(name: Buffer): string {
  const names = (readName(name) ?? []).flat().filter(({ type }) => type === COMMON_NAME);
  return (names.at(-1)?.value ?? '').replaceAll(/[^ -~]/gu, '?');
}

/**
 * Whether two DER Names are equal apart from case, spaces and string types (RFC 5280 §7.1), as Java and OpenSSL compare
 * them.
 */
export function nameTheSame(one: Buffer, other: Buffer): boolean {
  const [first, second] = [one, other].map((name) =>
    JSON.stringify(readName(name)?.map((attributes) => attributes.map(foldAttribute).toSorted()) ?? null),
  );
  return first !== 'null' && first === second;
}

const foldAttribute = ({ type, value }: Attribute): string =>
  `${type}=${value.trim().replaceAll(/\s+/g, ' ').toLowerCase()}`;

const shorten = (text: string, maxCharacters: number): string =>
  text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;

function describeAttribute({ type, value }: Attribute): string {
  const escaped = shorten(value, MAX_VALUE_CHARACTERS).replaceAll(/["+,;<>\\]/g, String.raw`\$&`);
  return `${SHORT_NAME[type] ?? type}=${escaped}`;
}

/** RFC 5280 §4.1.2.4: a sequence of sets of (type, value). Null when it is none. */
function readName(name: Buffer): Attribute[][] | null {
  const outer = readWhole(name, readDer);
  const sets = outer?.tag === DER.sequence ? readDerValues(outer.content) : null;
  return sets === null ? null : allOrNull(sets, readSet);
}

function readSet(set: DerValue): Attribute[] | null {
  const pairs = set.tag === DER.set ? readDerValues(set.content) : null;
  return pairs === null ? null : allOrNull(pairs, readAttribute);
}

function readAttribute(pair: DerValue): Attribute | null {
  const [type, value] = (pair.tag === DER.sequence ? readDerValues(pair.content) : null) ?? [];
  const oid = type?.tag === DER.oid ? readOid(type.content) : null;
  return oid === null || value === undefined ? null : { type: oid, value: readText(value) };
}

function allOrNull<From, To>(items: readonly From[], read: (item: From) => To | null): To[] | null {
  const found = items.map(read).filter((item) => item !== null);
  return found.length === items.length ? found : null;
}

/** The string types of RFC 5280 §4.1.2.4; anything else as RFC 4514 §2.4 has it, in hexadecimal. */
function readText({ tag, content, whole }: DerValue): string {
  if (tag === 0x0c) return content.toString('utf8');
  if ([0x12, 0x13, 0x14, 0x16, 0x1a].includes(tag)) return content.toString('latin1');
  if (tag === 0x1e && content.length % 2 === 0) return Buffer.from(content).swap16().toString('utf16le');
  return `#${whole.subarray(0, MAX_VALUE_CHARACTERS).toString('hex')}`;
}
