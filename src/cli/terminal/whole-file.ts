import { createHash, randomUUID } from 'node:crypto';
import { existsSync, type Stats } from 'node:fs';
import { open, readdir, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../model/error.ts';
import { isProcessAlive } from '../../model/process-alive.ts';
import { isDiskFull, writeReason } from '../../model/file-error.ts';

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
  await removeLeftovers(dirname(target));
  const part = join(dirname(target), `.${basename(target)}.${partMark()}.part`);
  const file = await startPart(part, before).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  return {
    write: (bytes) => writeAll(file, path, bytes, signal),
    keep: async () => {
      signal.throwIfAborted();
      await putInPlace(file, part, target).catch((error: unknown) => {
        throw cannotWrite(path, error);
      });
    },
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

/** Some file systems tell only here that there is no room for the bytes. */
async function putInPlace(file: FileHandle, part: string, target: string): Promise<void> {
  await file.sync();
  await file.close();
  await rename(part, target);
}

/** @throws AppError `usage` where what is to be written is what is read */
export async function refuseHistoryItself(output: string, historyPath: string): Promise<void> {
  const [written, read] = await Promise.all([output, historyPath].map((path) => realpath(path).catch(() => null)));
  if (written !== null && written === read)
    throw new AppError('usage', `-o ${output} is the history file itself`, { hint: 'choose another file' });
}

/** The file with these bytes, or as it was before. */
export async function writeWholeFile(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const file = await startWholeFile(path, signal);
  try {
    await file.write(bytes);
    await file.keep();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Whose a hidden file is: this machine's and this process's. The name of a machine may hold any letters. */
const partMark = (): string => `${machineMark()}-${process.pid}-${randomUUID().slice(0, 8)}`;
const machineMark = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Takes away what was being written beside our file by processes that were killed: of this machine, and no more. */
async function removeLeftovers(folder: string): Promise<void> {
  const ours = machineMark();
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const [, machine, pid] = /^\..+\.([\da-f]{8})-(\d+)-[\da-f]{8}\.part$/s.exec(name) ?? [];
    if (machine === ours && !isProcessAlive(Number(pid)))
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
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
  return new AppError('usage', `cannot write ${path}: ${whyUnwritable(path, cause)}`, {
    hint: `nothing was changed; ${elsewhere(cause)} with -o FILE`,
    cause,
  });
}

const elsewhere = (cause: unknown): string =>
  isDiskFull(cause) ? 'free some space, or choose a file on another disk' : 'choose another file';

/** What the system says of a file that cannot be written, in words. */
function whyUnwritable(path: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  // Some file systems of the kernel, such as /proc, have a folder but take no new file.
  if (code === 'ENOENT') return existsSync(dirname(resolve(path))) ? 'its folder is not writable' : 'no such folder';
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
  return new AppError('usage', `cannot write the job summary ${path}: ${whyUnwritable(path, cause)}`, {
    hint: 'GITHUB_STEP_SUMMARY names this file; choose another with --reporter github=FILE',
    cause,
  });
}

/** Several flags name such a file. */
function ofReporter(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.kind, error.message, { hint: elsewhere(error.cause), cause: error });
}
