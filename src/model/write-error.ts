/** What the system says of a file that cannot be written, in words; by the code of its error. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'it would be larger than a file may be (ulimit -f)',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'the system does not permit it: the file, or its folder, may be immutable',
  EROFS: 'the file system is read-only',
};

/** Why a file could not be written; null for what has no words here. */
export function writeReason(cause: unknown): string | null {
  return REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? null;
}

/** Nothing more can be written there, whatever is tried: another place is needed, or room. */
export function isDiskFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
}
