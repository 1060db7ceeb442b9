import { closeSync, openSync, readSync } from 'node:fs';
import { AppError } from '../model/error.ts';
import { readReason } from '../model/file-error.ts';

/** A file that is written by hand, as errors speak of it. */
export interface TextFile {
  path: string;
  /** As it was named, where that is not its path. */
  name?: string;
  /** As a noun: `configuration file`. */
  what: string;
  kind: 'config' | 'input';
  /** What to do when there is none. */
  missingHint: string;
}

/** What is larger is another file, and checking it would take long. */
export const MAX_TEXT_FILE_BYTES = 1024 * 1024;

/** The text of a file in UTF-8, and whether a byte-order mark stood before it. Throws AppError of the file's kind. */
export function readTextFile(file: TextFile): { text: string; hasMark: boolean } {
  const bytes = readBytes(file);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith('\ufeff') ? { text: text.slice(1), hasMark: true } : { text, hasMark: false };
  } catch (cause) {
    throw new AppError(file.kind, `${file.name ?? file.path} is not UTF-8 text`, { cause, hint: 'save it as UTF-8' });
  }
}

function readBytes({ path, name = path, what, kind, missingHint }: TextFile): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readAtMost(path, MAX_TEXT_FILE_BYTES + 1);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new AppError(kind, `the ${what} ${name} does not exist`, { cause, hint: missingHint });
    throw new AppError(kind, `the ${what} ${name} could not be read: ${readReason(cause)}`, { cause });
  }
  if (bytes.length <= MAX_TEXT_FILE_BYTES) return bytes;
  throw new AppError(kind, `the ${what} ${name} is larger than ${MAX_TEXT_FILE_BYTES / 1024 / 1024} MiB`, {
    hint: 'is it the right file?',
  });
}

/** Not by its size: a pipe or a device tells none. */
function readAtMost(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < maxBytes; length += read)
      read = readSync(file, bytes, length, maxBytes - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
