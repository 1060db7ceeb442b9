import { type X509Certificate, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../model/error.ts';

export type NewFileKind = 'certificate' | 'chain' | 'private-key' | 'request' | 'passphrase';

/** A file to write, and what the user is shown about it. */
export interface NewFile {
  /** Within the directory. */
  name: string;
  kind: NewFileKind;
  /** What it is for. */
  title: string;
  text: string;
  /** The leaf's, where it holds certificates; a request has a subject alone. */
  certificate?: X509Certificate;
  subject?: string;
}

/** Whether others must never be able to read it, not even for a moment. */
const isSecret = ({ kind }: Pick<NewFile, 'kind'>): boolean => kind === 'private-key' || kind === 'passphrase';

/** A file with certificates, leaf first. */
export function certificateFile(
  name: string,
  title: string,
  ...chain: readonly [X509Certificate, ...X509Certificate[]]
): NewFile {
  const kind = chain.length === 1 ? 'certificate' : 'chain';
  return { name, kind, title, text: chain.map(String).join(''), certificate: chain[0] };
}

const DIRECTORY_MODE = 0o700;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/** The names that already exist in the directory, whatever they are. */
export function existingNames(directory: string, names: readonly string[]): string[] {
  return names.filter((name) => entryAt(directory, join(directory, name)) !== undefined);
}

/** Throws AppError `usage` when one of the names exists; with `replace`, when a folder has it. */
export function checkNames(directory: string, names: readonly string[], { replace }: { replace: boolean }): void {
  const existing = existingNames(directory, names);
  const folders = existing.filter((name) => entryAt(directory, join(directory, name))?.isDirectory() === true);
  if (replace && folders.length > 0) {
    throw new AppError('usage', `${directory} contains folders where files would be written: ${folders.join(', ')}`, {
      hint: 'nothing was written; choose another directory',
    });
  }
  if (replace || existing.length === 0) return;
  throw new AppError('usage', `${directory} already contains ${existing.join(', ')}`, {
    hint: 'nothing was written; choose another directory, or replace the files with --force',
  });
}

/**
 * Writes all files or none and returns the mode of each. Secrets are readable by their owner alone from the first byte
 * on, whatever mode a file of that name had before. A missing directory is created for its owner alone. Without
 * `replace` every name is created before anything is written, so that one of two simultaneous runs fails. Throws
 * AppError `usage`.
 */
export function writeFiles(directory: string, files: readonly NewFile[], { replace }: { replace: boolean }): number[] {
  const made: string[] = [];
  const folders: string[] = [];
  const parts = files.map(({ name }) => join(directory, `.${name}.${randomUUID().slice(0, 8)}.part`));
  try {
    makeFolders(directory, folders);
    checkNames(
      directory,
      files.map(({ name }) => name),
      { replace },
    );
    if (!replace)
      for (const file of files) made.push(createFile(join(directory, file.name), { ...file, text: '' }).path);
    const modes = files.map((file, index) => {
      const part = createFile(parts[index] as string, file);
      made.push(part.path);
      return part.mode;
    });
    for (const [index, { name }] of files.entries()) renameSync(parts[index] as string, join(directory, name));
    return modes;
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    for (const folder of folders.toReversed()) removeEmpty(folder);
    throw error instanceof AppError ? error : unwritable(directory, error);
  }
}

/**
 * Makes the directory and the folders above it that are missing, and notes them in `made`. One by one: below /proc,
 * where none can be made, Node's own `recursive` never ends (20.20).
 */
function makeFolders(directory: string, made: string[]): void {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      mkdirSync(folder, DIRECTORY_MODE);
      made.push(folder);
    } catch (error) {
      // Another run may have made it a moment ago.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `wx` follows no link and opens no existing file. */
function createFile(path: string, file: NewFile): { path: string; mode: number } {
  const opened = openSync(path, 'wx', isSecret(file) ? SECRET_MODE : PUBLIC_MODE);
  try {
    writeFileSync(opened, file.text);
    return { path, mode: fstatSync(opened).mode & 0o777 };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(opened);
  }
}

function entryAt(directory: string, path: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(directory, error);
  }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody put something in.
  }
}

function unwritable(directory: string, cause: unknown): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const why: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOENT: 'it cannot be created',
    EEXIST: 'a file with that name exists',
    ENOTDIR: 'a file with that name exists',
    ENAMETOOLONG: 'its name is too long',
  };
  return new AppError('usage', `the certificates could not be written to ${directory}: ${why[code] ?? message}`, {
    hint: 'nothing was written; choose another directory',
    cause,
  });
}
