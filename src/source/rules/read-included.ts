import { readdirSync, readFileSync, statSync, type Dirent, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { globSync, type GlobOptions } from 'tinyglobby';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import { isUtf16, toUtf8 } from '../../model/utf-16.ts';
import type { ConfigFile, ReadIncluded } from './server-rules.ts';

/** All files of a configuration may stand in one: a dump. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 2000;

/** Reads one file of a server's configuration. Throws AppError `input` when it cannot be read or is too large. */
export function readConfigFile(file: string): ConfigFile {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new Error('it is not a file');
    if (stat.size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return { file, text: decode(readFileSync(file)) };
  } catch (cause) {
    throw new AppError('input', `cannot read ${file}: ${readReason(cause)}`, {
      cause,
      hint: 'check that it is the configuration, and that you may read it',
    });
  }
}

/**
 * A console of Windows redirects as UTF-16, so a dump may be written so. The mark stays: a server takes it for the
 * beginning of a name that it does not know, and starts with no such file.
 */
const decode = (bytes: Buffer): string =>
  isUtf16(bytes) ? `\uFEFF${toUtf8(bytes).toString('utf8')}` : bytes.toString('utf8');

/** A configuration that came by standard input. Throws AppError `input` when it is empty. */
export function configOf(bytes: Uint8Array): ConfigFile {
  const text = decode(Buffer.from(bytes));
  if (text.trim() === '')
    throw new AppError('input', 'standard input is empty', { hint: 'nginx -T | webhook check-source --nginx - …' });
  return { file: 'standard input', text };
}

/** Reads the files that `include` lines name on this machine. Their number is bounded: a file may include itself. */
export function makeReadIncluded(): ReadIncluded {
  let count = 0;
  return (pattern) => {
    const files = hasWildcard(pattern)
      ? findFiles(asGlob(pattern), pattern, { dot: false, absolute: isAbsolute(pattern), expandDirectories: false })
      : filesAt(pattern);
    count += files.length;
    if (count > MAX_FILES)
      throw new AppError('input', `the configuration includes more than ${MAX_FILES} files`, {
        hint: 'check whether it includes itself',
      });
    return files.map(readConfigFile);
  };
}

/**
 * Servers know `*`, `?` and `[a-z]`; braces and parentheses are literal.
 * https://man7.org/linux/man-pages/man7/glob.7.html
 */
const asGlob = (pattern: string): string => pattern.replace(/[(){}]|^!/g, '\\$&');

const hasWildcard = (pattern: string): boolean => /[*?[]/.test(pattern);

/** ENOTDIR: nothing can be below a file (`index.php/.htaccess`). */
const isMissing = (cause: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');

function statIfThere(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

/** Apache reads a folder as all files below it. */
function filesAt(path: string): string[] {
  const stat = statIfThere(path);
  if (stat === null) return [];
  return stat.isDirectory()
    ? findFiles('**/*', path, { cwd: path, dot: true }).map((name) => join(path, name))
    : [path];
}

/** A folder such as `/` has no end in sight: no configuration is read of it. */
const MAX_SEEN = 20_000;

/** What the pattern stands for, `named` as it was written. Throws AppError `input` for one that looks at too much. */
function findFiles(pattern: string, named: string, options: GlobOptions): string[] {
  let seen = 0;
  const counting = (folder: string, asked: { withFileTypes: true }): Dirent[] => {
    const entries = seen > MAX_SEEN ? [] : readdirSync(folder, asked);
    seen += entries.length;
    return entries;
  };
  const found = globSync(pattern, { ...options, fs: { readdirSync: counting as typeof readdirSync } });
  if (seen > MAX_SEEN)
    throw new AppError('input', `${named} stands for more than ${MAX_SEEN} files and folders`, {
      hint: 'include the files of the configuration alone',
    });
  return found.toSorted(byBytes);
}

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
