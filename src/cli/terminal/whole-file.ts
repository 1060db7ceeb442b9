import { randomUUID } from 'node:crypto';
import { existsSync, type Stats } from 'node:fs';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../model/error.ts';
import { writeReason } from '../../model/write-error.ts';

/** A file that is there in full after `keep`, or as it was before. */
export interface WholeFile {
  write(bytes: Uint8Array): Promise<void>;
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Starts the file `path`: bytes go into a hidden file beside it, which takes its place in `keep`. `signal` stops
 * the writing (Ctrl-C). A device or a pipe is written straight. Errors: AppError `usage`, naming the file.
 */
export async function startWholeFile(path: string, signal: AbortSignal): Promise<WholeFile> {
  const target = await realpath(path).catch(() => resolve(path));
  const before = await stat(target).catch(() => null);
  if (before !== null && !before.isFile()) return startStream(path, target, signal);
  const part = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.part`);
  const file = await startPart(part, before).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  return {
    write: (bytes) => writeAll(file, path, bytes, signal),
    keep: async () => {
      signal.throwIfAborted();
      await file.sync();
      await file.close();
      await rename(part, target).catch((error: unknown) => {
        throw cannotWrite(path, error);
      });
    },
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

/** A new file gets the mode that the umask leaves; one that takes the place of another keeps the other's. */
async function startPart(part: string, before: Stats | null): Promise<FileHandle> {
  if (before === null) return open(part, 'wx', 0o666);
  const file = await open(part, 'wx', 0o600);
  await file.chmod(before.mode & 0o777);
  return file;
}

async function startStream(path: string, target: string, signal: AbortSignal): Promise<WholeFile> {
  const file = await open(target, 'w').catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  return {
    write: (bytes) => writeAll(file, path, bytes, signal),
    keep: () => file.close(),
    discard: () => file.close(),
  };
}

async function writeAll(file: FileHandle, path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    signal.throwIfAborted();
    const { bytesWritten } = await file.write(rest).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    rest = rest.subarray(bytesWritten);
  }
}

function cannotWrite(path: string, cause: unknown): AppError {
  return new AppError('usage', `${path} cannot be written: ${whyUnwritable(path, cause)}`, {
    hint: 'nothing was changed; give another file with -o FILE',
    cause,
  });
}

/** What the system says of a file that cannot be written, in words. */
export function whyUnwritable(path: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  // Some file systems of the kernel, such as /proc, have a folder but take no new file.
  if (code === 'ENOENT')
    return existsSync(dirname(resolve(path))) ? 'its folder takes no new file' : 'there is no such folder';
  return writeReason(cause) ?? message;
}

/** A report is written in a moment, and after Ctrl-C above all: no signal stops it. */
const NEVER = new AbortController().signal;

/** Errors: AppError `usage`, naming the file. */
export function startReportFile(path: string): Promise<WholeFile> {
  return startWholeFile(path, NEVER).catch((error: unknown) => {
    throw ofReporter(error);
  });
}

/** The whole text, or the file as it was before. */
export async function writeReportFile(path: string, text: string): Promise<void> {
  const file = await startReportFile(path);
  try {
    await file.write(Buffer.from(text));
    await file.keep();
  } catch (error) {
    await file.discard().catch(() => undefined);
    throw ofReporter(error);
  }
}

/**
 * Adds what `render` makes of the room that is left to the file of a job summary: all of it or nothing. Gives false
 * when there was no room.
 */
export async function appendSummary(path: string, render: (usedBytes: number) => string): Promise<boolean> {
  const file = await open(path, 'a').catch((error: unknown) => {
    throw cannotAppend(path, error);
  });
  try {
    const { size } = await file.stat();
    const text = render(size);
    await file.appendFile(text).catch(async (error: unknown) => {
      await file.truncate(size).catch(() => undefined);
      throw cannotAppend(path, error);
    });
    return text !== '';
  } finally {
    await file.close();
  }
}

function cannotAppend(path: string, cause: unknown): AppError {
  return new AppError('usage', `the job summary ${path} cannot be written: ${whyUnwritable(path, cause)}`, {
    hint: 'GITHUB_STEP_SUMMARY names it; --reporter github=FILE takes another',
    cause,
  });
}

function ofReporter(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.kind, error.message, { hint: 'give another file: --reporter NAME=FILE', cause: error });
}
