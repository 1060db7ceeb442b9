import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../model/error.ts';

export interface FoundFile {
  path: string;
  bytes: number;
}

export interface FoundFiles {
  files: readonly FoundFile[];
  /** Files and folders that may not be read, or went away in the meantime. */
  unreadable: readonly string[];
}

const MAX_FILES = 100_000;

/**
 * Finds every regular file at or below `root`, each once. Links are followed; a cycle of links ends where it began.
 * Throws AppError `input` when `root` cannot be read or holds too many files.
 */
export async function findFiles(root: string): Promise<FoundFiles> {
  const seen = new Set<string>();
  const files: FoundFile[] = [];
  const unreadable: string[] = [];
  const waiting = [root];
  // Links come last, so that a file is known by its own name.
  const links: string[] = [];
  const next = (): string | undefined => waiting.pop() ?? links.pop();
  for (let path = next(); path !== undefined; path = next()) {
    const facts = await stat(path).catch((error: unknown) => missing(error, path as string, root, unreadable));
    if (facts === null || seen.has(identityOf(facts, path))) continue;
    seen.add(identityOf(facts, path));
    if (seen.size + waiting.length + links.length > MAX_FILES)
      throw new AppError('input', `${root} contains more than ${MAX_FILES} files`, {
        hint: 'give the folder that holds the certificates',
      });
    if (facts.isFile()) files.push({ path, bytes: facts.size });
    else if (facts.isDirectory()) {
      const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) =>
        missing(error, path as string, root, unreadable),
      );
      for (const entry of (entries ?? []).toSorted((a, b) => (a.name < b.name ? 1 : -1)).slice(0, MAX_FILES)) {
        (entry.isSymbolicLink() ? links : waiting).push(join(path as string, entry.name));
      }
    }
  }
  return { files, unreadable };
}

/** On systems without inode numbers the path identifies the file. */
const identityOf = ({ dev, ino }: Stats, path: string): string => (ino === 0 ? path : `${dev}:${ino}`);

function missing(cause: unknown, path: string, root: string, unreadable: string[]): null {
  if (path !== root) {
    unreadable.push(path);
    return null;
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  const why: Record<string, string> = { ENOENT: 'does not exist', EACCES: 'cannot be read: permission denied' };
  throw new AppError('input', `the folder ${root} ${why[code ?? ''] ?? `cannot be read (${message})`}`, { cause });
}
