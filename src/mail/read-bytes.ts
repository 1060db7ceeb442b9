const FIRST_CAPACITY = 64 * 1024;

/**
 * Collects a stream in one buffer that doubles as it fills: chunks kept for a final concat would
 * hold the content twice. What is reserved beyond the content is never touched, so costs nothing.
 */
export async function readBytes(content: AsyncIterable<Buffer>): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of content) {
    if (length + chunk.length > bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * bytes.length, length + chunk.length));
      bytes.copy(grown, 0, 0, length);
      bytes = grown;
    }
    length += chunk.copy(bytes, length);
  }
  return bytes.subarray(0, length);
}
