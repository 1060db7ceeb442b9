import { AppError } from '../../model/error.ts';
import { readOid, TAG } from '../der/read-der.ts';

/** A file that was read. */
export interface NamedBytes {
  path: string;
  bytes: Uint8Array;
}

/** Some seconds of work. Programs of today use fewer than one million. */
const MAX_ROUNDS = 10_000_000;
/** How deep, and through how many values, a file is searched: real ones need 14 and some hundred. */
const MAX_DEPTH = 20;
const MAX_VALUES = 20_000;

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
    rounds === Infinity ? 'more rounds of key derivation than can be counted' : `${rounds} rounds of key derivation`;
  throw new AppError(
    'input',
    `the file ${file.path} asks for ${asked}, and ${MAX_ROUNDS} are allowed: to open it could take hours`,
    { hint: 'have it written again, with openssl pkcs12 -export or openssl pkcs8 -topk8 as they are' },
  );
}

function roundsOf(bytes: Buffer, budget: { left: number }): number {
  const file = readFirstBer(bytes);
  if (file === null) return 0;
  // PFX (RFC 7292 §4): version, content, and MacData of digest, salt and rounds.
  const [, , mac] = berValuesIn(file);
  const ofMac = mac === undefined ? 0 : integerOf(berValuesIn(mac)[2]);
  return ofMac + search(file, 0, budget);
}

function search(value: BerValue, depth: number, budget: { left: number }): number {
  budget.left -= 1;
  if (budget.left < 0) return Infinity;
  if (depth > MAX_DEPTH) return 0;
  const content = value.tag === TAG.octetString ? readFirstBer(value.content) : null;
  const inner = content === null ? berValuesIn(value) : [content];
  return inner.reduce((sum, one) => sum + search(one, depth + 1, budget), ownRounds(inner));
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
