/** What the system says of a file that cannot be read, in words; by the code of its error. */
const READ_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you are not allowed to read it',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open (ulimit -n)',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'no such file',
  ENOTDIR: 'part of its path is a file, not a folder',
  EPERM: 'the system does not permit it',
};

/** Why a file could not be read; what has no words here in those of the system. */
export function readReason(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return READ_REASONS[code] ?? message;
}

/** What the system says of a file that cannot be written, in words; by the code of its error. */
const WRITE_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you are not allowed to write there',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'it would exceed the file size limit (ulimit -f)',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'part of its path is a file, not a folder',
  EPERM: 'the system does not permit it: the file, or its folder, may be immutable',
  EROFS: 'the file system is read-only',
};

/** Why a file could not be written; null for what has no words here. */
export function writeReason(cause: unknown): string | null {
  return WRITE_REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? null;
}

/** Nothing more can be written there, whatever is tried: another place is needed, or room. */
export function isDiskFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
}
