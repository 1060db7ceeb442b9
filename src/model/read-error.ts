/** What the system says of a file that cannot be read, in words; by the code of its error. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open (ulimit -n)',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EPERM: 'the system does not permit it',
};

/** Why a file could not be read; what has no words here in those of the system. */
export function readReason(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
