import { createReadStream, statSync } from 'node:fs';

export interface SecretFile {
  bytes: Uint8Array;
  /** Every user of the machine may read it. */
  isWorldReadable: boolean;
}

export const MAX_SECRET_BYTES = 64 * 1024;

/** Reads a file from disk, or `standardInput` for `-`; stops behind the longest secret there can be. */
export async function readSecretFile(
  path: string,
  standardInput: AsyncIterable<Uint8Array | string>,
): Promise<SecretFile> {
  if (path === '-') return { bytes: await readSome(standardInput), isWorldReadable: false };
  const facts = statSync(path);
  // Windows has no such mode: Node reports every file as readable by all.
  const isWorldReadable = process.platform !== 'win32' && facts.isFile() && (facts.mode & 0o004) !== 0;
  return { bytes: await readSome(createReadStream(path)), isWorldReadable };
}

async function readSome(input: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_SECRET_BYTES) break;
  }
  return Buffer.concat(chunks);
}
