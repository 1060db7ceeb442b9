import { accessSync, constants, createReadStream, readFileSync, statSync } from 'node:fs';
import type { MailSource } from '../flows/make-event.ts';
import { AppError } from '../model/error.ts';

/** The bytes of a file, or of stdin for `-`. Throws an AppError `input` that names the flag and the file. */
export async function readInput(path: string, flag: string): Promise<Uint8Array> {
  if (path === '-') return readStdin();
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, flag, error);
  }
}

/** A mail's bytes: of a file as a stream, so that a large one is never held whole; of stdin, which comes but once, kept. */
export async function mailSource(path: string): Promise<MailSource> {
  if (path === '-') {
    const bytes = await readStdin();
    return { name: 'from standard input', open: () => bytes };
  }
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unreadable(path, '--eml', error);
  }
  return { name: path, open: () => createReadStream(path) };
}

function unreadable(path: string, flag: string, cause: unknown): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const why: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read' };
  return new AppError('input', `${flag} ${path}: ${why[code] ?? message}`, { cause });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
