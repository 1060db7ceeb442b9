import { readFile } from 'node:fs/promises';
import { AppError } from '../model/error.ts';

/** The bytes of a file, or of stdin for `-`. Throws an AppError `input` that names the flag and the file. */
export async function readInput(path: string, flag: string): Promise<Uint8Array> {
  if (path === '-') return readStdin();
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read' };
    throw new AppError('input', `${flag} ${path}: ${why[error.code ?? ''] ?? error.message}`, { cause: error });
  });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
