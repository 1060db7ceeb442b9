import { accessSync, constants, createReadStream, readFileSync, statSync } from 'node:fs';
import type { MailSource } from '../../flows/send/make-event.ts';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import { warn } from './output.ts';

/** Refuses two flags that each read standard input. `uses`: what it is for, in words. */
export function refuseTwoReaders(files: readonly (string | undefined)[], uses: string): void {
  if (files.filter((file) => file === '-').length > 1)
    throw new AppError('usage', `standard input can be read once: for ${uses}`, { hint: 'give one of them as a file' });
}

/**
 * The bytes of a file, or of stdin for `-`. Reads no further than `maxBytes`, and nothing of a file that is larger.
 * Throws an AppError `input` that names the flag and the file; `hint` says what to do about one that is too large.
 */
export async function readInput(path: string, flag: string, maxBytes = Infinity, hint?: string): Promise<Uint8Array> {
  if (path === '-') return readAtMost(process.stdin, maxBytes, `${flag} -`, hint);
  try {
    const about = statSync(path);
    if (about.size > maxBytes) throw tooLarge(`${flag} ${path}`, maxBytes, hint);
    // A device has no size to look at before.
    return maxBytes === Infinity || about.isFile()
      ? readFileSync(path)
      : await readAtMost(createReadStream(path), maxBytes, `${flag} ${path}`, hint);
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(path, flag, error);
  }
}

/**
 * A mail's bytes: of a file as a stream, so that a large one is never held whole; of stdin, which comes but once, kept.
 */
export async function mailSource(path: string, flag = '--eml'): Promise<MailSource> {
  if (path === '-') {
    const bytes = await readAtMost(process.stdin, Infinity, `${flag} -`);
    return { name: 'from standard input', open: () => bytes, note: makeNote() };
  }
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw unreadable(path, flag, error);
  }
  return { name: path, open: () => createReadStream(path), note: makeNote() };
}

/** Warns once of each thing: a mail is read anew for every event. */
function makeNote(): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) warn(text);
    said.add(text);
  };
}

export function unreadable(path: string, flag: string, cause: unknown): AppError {
  return new AppError('input', `${flag} ${path}: ${readReason(cause)}`, { cause });
}

async function readAtMost(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
  what: string,
  hint?: string,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(what, maxBytes, hint);
  }
  return Buffer.concat(chunks);
}

function tooLarge(what: string, maxBytes: number, hint?: string): AppError {
  return new AppError('input', `${what}: more than ${maxBytes / 1024 / 1024} MiB`, { hint });
}

/** What a person at a terminal answers to a yes-or-no question; null where nobody is there. Only a yes is one. */
export async function confirm(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const { createInterface } = await import('node:readline');
  // Not as a terminal: the system goes on turning Ctrl-C into a signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  process.stderr.write(`${question} [y/N] `);
  try {
    return await new Promise((resolve) => {
      lines.once('line', (line) => resolve(/^y(es)?$/i.test(line.trim())));
      lines.once('close', () => resolve(false));
    });
  } finally {
    lines.close();
  }
}
