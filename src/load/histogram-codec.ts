import { deflateSync, inflateSync } from 'node:zlib';
import { AppError } from '../model/error.ts';
import { COUNTS_LENGTH, HIGHEST_US, LatencyHistogram } from './latency.ts';

// The V2 form of HdrHistogram, compressed, that its readers in every language take:
// https://github.com/HdrHistogram/HdrHistogram/blob/master/src/main/java/org/HdrHistogram/AbstractHistogram.java
// (encodeIntoCompressedByteBuffer). Big-endian; the lowest hexadecimal digits tell of the width of a count: up to 9.
const COMPRESSED = 0x1c849314;
const PLAIN = 0x1c849313;
const HEADER_BYTES = 40;
const SIGNIFICANT_DIGITS = 3;
const MAX_COUNT_BYTES = 9;
const MAX_BYTES = HEADER_BYTES + MAX_COUNT_BYTES * COUNTS_LENGTH;

/** Base64. */
export function encodeHistogram({ counts }: LatencyHistogram): string {
  const payload: number[] = [];
  for (let index = 0, length = usedLength(counts); index < length;) {
    const from = index;
    while (index < length && counts[index] === 0) index++;
    const zeros = index - from;
    putNumber(payload, zeros > 1 ? -zeros : zeros === 1 ? 0 : (counts[index++] as number));
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(PLAIN, 0);
  header.writeUInt32BE(payload.length, 4);
  header.writeUInt32BE(SIGNIFICANT_DIGITS, 12);
  header.writeBigUInt64BE(1n, 16);
  header.writeBigUInt64BE(BigInt(HIGHEST_US), 24);
  header.writeDoubleBE(1, 32);
  const packed = deflateSync(Buffer.concat([header, Buffer.from(payload)]));
  const outer = Buffer.alloc(8);
  outer.writeUInt32BE(COMPRESSED, 0);
  outer.writeUInt32BE(packed.length, 4);
  return Buffer.concat([outer, packed]).toString('base64');
}

/**
 * Reads what `encodeHistogram` wrote, or another program with the same resolution: three digits of whole units.
 * However hostile the text, memory is bounded.
 * @throws AppError `input`
 */
export function decodeHistogram(text: string): LatencyHistogram {
  const outer = Buffer.from(text, 'base64');
  if (outer.length < 8 || outer.readUInt32BE(0) !== COMPRESSED) throw unreadable('it does not start like one');
  const plain = inflate(outer.subarray(8, 8 + outer.readUInt32BE(4)));
  if (plain.length < HEADER_BYTES || plain.readUInt32BE(0) !== PLAIN) throw unreadable('its header is not valid');
  if (plain.readUInt32BE(12) !== SIGNIFICANT_DIGITS || plain.readBigUInt64BE(16) !== 1n)
    throw unreadable('its resolution differs: only three significant digits of whole microseconds can be read');
  const end = HEADER_BYTES + plain.readUInt32BE(4);
  if (end > plain.length) throw unreadable('its end is missing');
  return new LatencyHistogram(readCounts(plain.subarray(HEADER_BYTES, end)));
}

function inflate(packed: Uint8Array): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: MAX_BYTES });
  } catch {
    throw unreadable('it is damaged, or larger than a histogram can be');
  }
}

function readCounts(payload: Uint8Array): Float64Array {
  const counts = new Float64Array(COUNTS_LENGTH);
  let total = 0;
  for (let at = 0, index = 0; at < payload.length;) {
    const { value, next } = readNumber(payload, at);
    at = next;
    if (value < 0) index -= value;
    else if (index < COUNTS_LENGTH) counts[index++] = value;
    else throw unreadable('it holds times above 24 hours');
    total += Math.max(0, value);
    if (!Number.isSafeInteger(total)) throw unreadable('it counts more than 2⁵³ times');
  }
  return counts;
}

/** Up to the last count that is not 0. */
function usedLength(counts: Float64Array): number {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length--;
  return length;
}

/** ZigZag, then seven bits a byte, the lowest first, the eighth bit for "more follows"; a ninth byte has eight. */
function putNumber(bytes: number[], value: number): void {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}

function readNumber(bytes: Uint8Array, from: number): { value: number; next: number } {
  let zigzag = 0;
  for (let at = from, factor = 1; at < bytes.length; at++, factor *= 0x80) {
    const byte = bytes[at] as number;
    const isLast = at - from === MAX_COUNT_BYTES - 1;
    zigzag += (isLast ? byte : byte % 0x80) * factor;
    if (isLast || byte < 0x80) return { value: zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2, next: at + 1 };
  }
  throw unreadable('its end is missing');
}

const unreadable = (why: string): AppError => new AppError('input', `cannot read the histogram: ${why}`);
