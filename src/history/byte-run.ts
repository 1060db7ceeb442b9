/** A buffer that grows at its end. */
export interface ByteRun {
  length(): number;
  put(part: Uint8Array): void;
  /** Writes UTF-8 and returns how many bytes that took. */
  putText(part: string): number;
  /** Returns what was put since the last call. */
  take(): Uint8Array;
}

const FIRST_BYTES = 64 * 1024;
/** A buffer that has grown beyond this is let go. */
const KEPT_BYTES = 1024 * 1024;
const UTF_8_BYTES = 3;

export function makeRun(): ByteRun {
  let bytes = Buffer.alloc(FIRST_BYTES);
  let used = 0;
  const reserve = (length: number): void => {
    if (used + length <= bytes.length) return;
    const larger = Buffer.alloc(Math.max(bytes.length * 2, used + length));
    larger.set(bytes.subarray(0, used));
    bytes = larger;
  };
  return {
    length: () => used,
    put(part) {
      reserve(part.length);
      bytes.set(part, used);
      used += part.length;
    },
    putText(part) {
      reserve(part.length * UTF_8_BYTES);
      const length = bytes.write(part, used, 'utf8');
      used += length;
      return length;
    },
    take() {
      // A copy: a buffer that is transferred to another thread is gone here.
      const taken = new Uint8Array(bytes.subarray(0, used));
      used = 0;
      if (bytes.length > KEPT_BYTES) bytes = Buffer.alloc(FIRST_BYTES);
      return taken;
    },
  };
}
