/** One value of BER (X.690 §8.1), its content without an open end. */
export interface BerValue {
  tag: number;
  content: Buffer;
}

/** Deeper than any file of certificates and keys. */
const MAX_DEPTH = 32;
/** Side by side: far more than in any such file, and little memory. */
const MAX_VALUES = 20_000;
const OCTET_STRING = 0x04;
/** A constructed OCTET STRING: its parts are one text (§8.7). */
const PIECES = 0x24;

/** More values side by side than anybody needs. */
export class TooManyValues extends Error {}

interface BerRead {
  value: BerValue;
  /** Where the next one begins. */
  end: number;
}

/**
 * The first value of these bytes, whatever follows it: as OpenSSL reads the files of programs that are less strict than
 * DER, with lengths left open or written long, and strings in pieces. Null when it is none; throws TooManyValues.
 */
export function readFirstBer(bytes: Buffer): BerValue | null {
  return readAt(bytes, 0, 0)?.value ?? null;
}

/** The values within a constructed one; empty for any other, and when they cannot be read. Throws TooManyValues. */
export function berValuesIn({ tag, content }: BerValue): BerValue[] {
  return (tag & 0x20) === 0 ? [] : (readAll(content, 0, 0, false)?.values ?? []);
}

function readAt(bytes: Buffer, at: number, depth: number): BerRead | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > MAX_DEPTH) return null;
  if (first === 0x80) return (tag & 0x20) === 0 ? null : readOpen(bytes, at, tag, depth);
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const begin = at + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : Number(`0x${bytes.subarray(at + 2, begin).toString('hex')}`);
  const end = begin + length;
  // Also for a length of so many digits that it is none.
  if (!(end <= bytes.length)) return null;
  return inOnePiece(tag, bytes.subarray(begin, end), end, depth);
}

/** A length left open: the value ends with two zero bytes (§8.1.3.6). */
function readOpen(bytes: Buffer, at: number, tag: number, depth: number): BerRead | null {
  const inner = readAll(bytes, at + 2, depth + 1, true);
  return inner === null ? null : inOnePiece(tag, bytes.subarray(at + 2, inner.end), inner.end + 2, depth);
}

function inOnePiece(tag: number, content: Buffer, end: number, depth: number): BerRead | null {
  if (tag !== PIECES) return { value: { tag, content }, end };
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
    if (values.push(read.value) > MAX_VALUES) throw new TooManyValues();
    at = read.end;
  }
  return { values, end: at };
}
