import { AppError } from '../../model/error.ts';
import { type DerValue, oidOf, readWholeDer, TAG, valuesIn, readOid } from '../der.ts';

const PBES2 = '1.2.840.113549.1.5.13';

/** Encryption schemes of RFC 8018 and RFC 7292, and the parts of PBES2. */
const NAMES: Record<string, string> = {
  '1.2.840.113549.1.5.1': 'PBE-MD2-DES',
  '1.2.840.113549.1.5.3': 'PBE-MD5-DES',
  '1.2.840.113549.1.5.4': 'PBE-MD2-RC2',
  '1.2.840.113549.1.5.6': 'PBE-MD5-RC2',
  '1.2.840.113549.1.5.10': 'PBE-SHA1-DES',
  '1.2.840.113549.1.5.11': 'PBE-SHA1-RC2',
  '1.2.840.113549.1.12.1.1': 'PBE-SHA1-RC4-128',
  '1.2.840.113549.1.12.1.2': 'PBE-SHA1-RC4-40',
  '1.2.840.113549.1.12.1.3': 'PBE-SHA1-3DES',
  '1.2.840.113549.1.12.1.4': 'PBE-SHA1-2DES',
  '1.2.840.113549.1.12.1.5': 'PBE-SHA1-RC2-128',
  '1.2.840.113549.1.12.1.6': 'PBE-SHA1-RC2-40',
  '1.2.840.113549.3.2': 'RC2',
  '1.2.840.113549.3.7': '3DES',
  '1.3.14.3.2.7': 'DES',
  '2.16.840.1.101.3.4.1.2': 'AES-128-CBC',
  '2.16.840.1.101.3.4.1.22': 'AES-192-CBC',
  '2.16.840.1.101.3.4.1.42': 'AES-256-CBC',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
};

/** How a private key of this PEM text is encrypted (`AES-256-CBC, PBKDF2`); null for a key in clear. */
export function keyEncryptionOf(pem: string): string | null {
  const traditional = /DEK-Info: *([A-Z0-9-]{1,40})/i.exec(pem)?.[1];
  if (traditional !== undefined) return `${traditional}, in OpenSSL's old format`;
  const base64 = /-----BEGIN ENCRYPTED PRIVATE KEY-----([^-]*)-----END/.exec(pem)?.[1];
  return base64 === undefined ? null : encryptionOfPkcs8(Buffer.from(base64, 'base64'));
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3) in DER; null for anything else. */
export function encryptionOfPkcs8(der: Uint8Array): string | null {
  const [algorithm, data, ...more] = valuesIn(readWholeDer(der));
  if (algorithm?.tag !== TAG.sequence || data?.tag !== TAG.octetString || more.length > 0) return null;
  return schemeOf(algorithm);
}

/** AlgorithmIdentifier: the scheme, and for PBES2 its cipher and key derivation. */
function schemeOf(algorithm: DerValue): string | null {
  const [oid, parameters] = valuesIn(algorithm);
  const id = oidOf(oid);
  if (id !== PBES2) return NAMES[id] ?? (id === '' ? null : id);
  const [derivation, cipher] = valuesIn(parameters).map((part) => oidOf(valuesIn(part)[0]));
  return [cipher, derivation].map((part) => NAMES[part ?? ''] ?? part).join(', ');
}

/** How deep a PKCS#12 file is searched: real ones need 12. */
const MAX_PFX_DEPTH = 16;
/** Through how many values a file is searched: real ones have some hundred. */
const MAX_VALUES = 20_000;

/**
 * Every encryption scheme named in a PKCS#12 file, which says so in clear (RFC 7292 §4). Null when the bytes are no
 * PKCS#12: a sequence of version 3 and a ContentInfo.
 */
export function encryptionOfPfx(der: Uint8Array): string[] | null {
  const file = valuesIn(readWholeDer(der));
  if (
    file[0]?.tag !== TAG.integer ||
    file[0].content.at(-1) !== 3 ||
    !oidOf(valuesIn(file[1])[0]).startsWith('1.2.840.113549.1.7.')
  )
    return null;
  const found = new Set<string>();
  let left = MAX_VALUES;
  const search = (value: DerValue, depth: number): void => {
    if (depth > MAX_PFX_DEPTH || (left -= 1) < 0) return;
    const inner =
      value.tag === TAG.octetString
        ? [readWholeDer(value.content)].filter((one) => one !== undefined)
        : (value.tag & 0x20) === 0
          ? []
          : valuesIn(value);
    const id = oidOf(inner[0]);
    if (
      value.tag === TAG.sequence &&
      (id === PBES2 || /^1\.2\.840\.113549\.1\.(?:5\.(?:1|3|4|6|10|11)|12\.1\.\d)$/.test(id))
    ) {
      const scheme = schemeOf(value);
      if (scheme !== null) found.add(scheme);
      return;
    }
    for (const one of inner) search(one, depth + 1);
  };
  for (const value of file) search(value, 0);
  return [...found];
}

/** A file that was read. */
export interface NamedBytes {
  path: string;
  bytes: Uint8Array;
}

/** Some seconds of work. Programs of today use fewer than one million. */
const MAX_ROUNDS = 10_000_000;
/** How deep the rounds of a file are searched: real ones need 14. */
const MAX_DEPTH = 20;

const SCRYPT = '1.3.6.1.4.1.11591.4.11';
/** PBKDF2 and the older schemes (RFC 8018, RFC 7292): their parameters are the salt and the rounds. */
const SALT_AND_ROUNDS = /^1\.2\.840\.113549\.1\.(?:5\.(?:1|3|4|6|10|11|12)|12\.1\.\d+)$/;

/**
 * Counts how often a hash must run to turn the passphrase of this file (PEM keys, DER, PKCS#12) into keys. The file
 * itself states that in clear, and a hostile one may ask for hours of work. Infinity for a file too deeply nested to
 * count. What is encrypted inside an encrypted part is not seen.
 */
export function countDerivationRounds(file: Uint8Array): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const blocks = [...bytes.toString('latin1').matchAll(/-----BEGIN ENCRYPTED PRIVATE KEY-----([^-]*)-----END/g)].map(
    (match) => Buffer.from(match[1] ?? '', 'base64'),
  );
  const budget = { left: MAX_VALUES };
  try {
    return [...blocks, bytes].reduce((sum, one) => sum + roundsOf(one, budget), 0);
  } catch (error) {
    if (error instanceof TooManyValues) return Infinity;
    throw error;
  }
}

/** Throws AppError `input` before such a file is opened. */
export function checkDerivation(file: NamedBytes): void {
  const rounds = countDerivationRounds(file.bytes);
  if (rounds <= MAX_ROUNDS) return;
  const asked =
    rounds === Infinity ? 'an astronomical number of key derivation rounds' : `${rounds} key derivation rounds`;
  throw new AppError(
    'input',
    `${file.path} asks for ${asked}, but the limit is ${MAX_ROUNDS}: opening it could take hours`,
    { hint: 'rewrite it with the defaults of openssl pkcs12 -export or openssl pkcs8 -topk8' },
  );
}

function roundsOf(bytes: Buffer, budget: { left: number }): number {
  const file = readFirstBer(bytes);
  if (file === null) return 0;
  // PFX (RFC 7292 §4): version, content, and MacData of digest, salt and rounds.
  const [, , mac] = berValuesIn(file);
  const ofMac = mac === undefined ? 0 : integerOf(berValuesIn(mac)[2]);
  return ofMac + sumRounds(file, 0, budget);
}

function sumRounds(value: BerValue, depth: number, budget: { left: number }): number {
  budget.left -= 1;
  if (budget.left < 0) return Infinity;
  if (depth > MAX_DEPTH) return 0;
  const content = value.tag === TAG.octetString ? readFirstBer(value.content) : null;
  const inner = content === null ? berValuesIn(value) : [content];
  return inner.reduce((sum, one) => sum + sumRounds(one, depth + 1, budget), ownRounds(inner));
}

/** Of an AlgorithmIdentifier; 0 for anything else. */
function ownRounds([oid, parameters]: readonly BerValue[]): number {
  if (oid?.tag !== TAG.oid || parameters === undefined) return 0;
  const id = readOid(oid.content) ?? '';
  const [, second, third, fourth] = berValuesIn(parameters);
  // RFC 7914 §7: salt, cost, block size, parallelization.
  if (id === SCRYPT) return integerOf(second) * integerOf(third) * integerOf(fourth);
  return SALT_AND_ROUNDS.test(id) ? integerOf(second) : 0;
}

/** Never less than it is. */
function integerOf(value: BerValue | undefined): number {
  return value?.tag === TAG.integer && value.content.length > 0 ? Number(`0x${value.content.toString('hex')}`) : 0;
}

/** One value of BER (X.690 §8.1), its content without the end mark. */
interface BerValue {
  tag: number;
  content: Buffer;
}

/** Deeper than any file of certificates and keys. */
const MAX_BER_DEPTH = 32;
/** Side by side: far more than in any such file, and little memory. */
const MAX_SIDE_BY_SIDE = 20_000;
const OCTET_STRING = 0x04;
/** A constructed OCTET STRING: its parts are one text (§8.7). */
const CONSTRUCTED_OCTET_STRING = 0x24;

/** More values side by side than anybody needs. */
class TooManyValues extends Error {}

interface BerRead {
  value: BerValue;
  /** Where the next one begins. */
  end: number;
}

/**
 * The first value of these bytes, whatever follows it. Accepts what OpenSSL accepts from programs less strict than DER:
 * indefinite or long lengths, and strings in pieces. Null when there is none; throws TooManyValues.
 */
function readFirstBer(bytes: Buffer): BerValue | null {
  return readAt(bytes, 0, 0)?.value ?? null;
}

/** The values within a constructed one; empty for any other, and when they cannot be read. Throws TooManyValues. */
function berValuesIn({ tag, content }: BerValue): BerValue[] {
  return (tag & 0x20) === 0 ? [] : (readAll(content, 0, 0, false)?.values ?? []);
}

function readAt(bytes: Buffer, at: number, depth: number): BerRead | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > MAX_BER_DEPTH) return null;
  if (first === 0x80) return (tag & 0x20) === 0 ? null : readOpen(bytes, at, tag, depth);
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const begin = at + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : Number(`0x${bytes.subarray(at + 2, begin).toString('hex')}`);
  const end = begin + length;
  // Also for a length of so many digits that it is none.
  if (!(end <= bytes.length)) return null;
  return inOnePiece(tag, bytes.subarray(begin, end), end, depth);
}

/** Indefinite length: the value ends with two zero bytes (§8.1.3.6). */
function readOpen(bytes: Buffer, at: number, tag: number, depth: number): BerRead | null {
  const inner = readAll(bytes, at + 2, depth + 1, true);
  return inner === null ? null : inOnePiece(tag, bytes.subarray(at + 2, inner.end), inner.end + 2, depth);
}

function inOnePiece(tag: number, content: Buffer, end: number, depth: number): BerRead | null {
  if (tag !== CONSTRUCTED_OCTET_STRING) return { value: { tag, content }, end };
  const inner = readAll(content, 0, depth + 1, false);
  return inner === null
    ? null
    : { value: { tag: OCTET_STRING, content: Buffer.concat(inner.values.map((one) => one.content)) }, end };
}

function readAll(
  bytes: Buffer,
  from: number,
  depth: number,
  isOpen: boolean,
): { values: BerValue[]; end: number } | null {
  const values: BerValue[] = [];
  let at = from;
  while (isOpen ? bytes[at] !== 0 || bytes[at + 1] !== 0 : at < bytes.length) {
    const read = readAt(bytes, at, depth);
    if (read === null) return null;
    if (values.push(read.value) > MAX_SIDE_BY_SIDE) throw new TooManyValues();
    at = read.end;
  }
  return { values, end: at };
}
