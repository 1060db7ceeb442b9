import type { Transform } from 'node:stream';
import type { Header } from '../model/plan.ts';

type Open = (zlib: typeof import('node:zlib'), bytes: Buffer) => Transform;

/** What opens each content coding (RFC 9110 §8.4.1). `deflate` is zlib's, and in some servers bare. */
const OPENERS: ReadonlyMap<string, Open> = new Map<string, Open>([
  ['gzip', (zlib) => zlib.createGunzip()],
  ['x-gzip', (zlib) => zlib.createGunzip()],
  ['br', (zlib) => zlib.createBrotliDecompress()],
  ['deflate', (zlib, bytes) => ((bytes[0] ?? 0) % 16 === 8 ? zlib.createInflate() : zlib.createInflateRaw())],
]);

/** The content codings of an answer, in the order in which they were applied. */
export function codingsOf(headers: readonly Header[]): string[] {
  const values = headers.filter(([name]) => name.toLowerCase() === 'content-encoding').map(([, value]) => value);
  const codings = values.flatMap((value) => value.toLowerCase().split(','));
  return codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity');
}

/** As many as curl takes. */
const MAX_CODINGS = 5;

export interface DecodedBody {
  bytes: Buffer;
  /** False: the coded bytes are cut off or damaged, and this is what stands before that. */
  isWhole: boolean;
}

/**
 * What a coded body says, up to `most` bytes, as curl's `--compressed` does; null where a coding is not known here or
 * the bytes are not of it. Of a body that was cut off, as much as it says.
 */
export async function decodeBody(bytes: Buffer, codings: readonly string[], most: number): Promise<DecodedBody | null> {
  if (codings.length > MAX_CODINGS) return null;
  const zlib = await import('node:zlib');
  let decoded: DecodedBody = { bytes, isWhole: true };
  for (const coding of codings.toReversed()) {
    const open = OPENERS.get(coding);
    const opened = open === undefined ? null : await drain(open(zlib, decoded.bytes), decoded.bytes, most);
    if (opened === null) return null;
    decoded = { bytes: opened.bytes, isWhole: decoded.isWhole && opened.isWhole };
  }
  return decoded;
}

/** Reads no further than `most`: a few bytes may hold as much as memory. */
async function drain(opener: Transform, bytes: Buffer, most: number): Promise<DecodedBody | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  let isWhole = true;
  try {
    opener.end(bytes);
    for await (const piece of opener as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length >= most) break;
    }
  } catch {
    if (length === 0) return null;
    isWhole = false;
  }
  return { bytes: Buffer.concat(pieces).subarray(0, most), isWhole };
}
