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
