import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../model/error.ts';

const OTHER_FILE = 'give another file with --history FILE or WEBHOOK_HISTORY';

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const BUSY = 5;
export const READONLY = 8;
const CANTOPEN = 14;

const EXPLANATIONS: Readonly<Record<number, readonly [problem: string, hint: string]>> = {
  [BUSY]: ['is locked by another program', 'close the program that holds it, then run this again'],
  6: ['is locked by another connection', 'run this again'],
  [READONLY]: ['is read-only', `make the file and its folder writable, or ${OTHER_FILE}`],
  10: [
    'could not be read or written: input/output error',
    'check the disk, its quota and the file size limit (ulimit -f)',
  ],
  11: ['is damaged', 'rescue what is readable with: sqlite3 FILE .recover'],
  13: [
    'cannot grow: the disk is full',
    'free some space, or delete old deliveries with: webhook history prune --before 30d',
  ],
  26: ['is not a SQLite file', OTHER_FILE],
};

/** An error of SQLite or of the file system as one of ours: names the file and says what to do. */
export function toHistoryError(path: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = primaryCode(cause);
  if (code === CANTOPEN) {
    return new AppError('history', `history ${path} cannot be opened: ${whyClosed(path)}`, { hint: OTHER_FILE, cause });
  }
  const explanation = EXPLANATIONS[code];
  if (explanation === undefined) {
    return new AppError('history', `history ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const [problem, hint] = explanation;
  return new AppError('history', `history ${path} ${problem}`, {
    hint: hint.replace('sqlite3 FILE', `sqlite3 ${path}`),
    cause,
  });
}

/** True when another process holds the lock: worth trying again. */
export function isBusy(error: unknown): boolean {
  return error instanceof AppError && primaryCode(error.cause) === BUSY;
}

/** True when SQLite could not open the file or make one of its companions (`-wal`, `-shm`). */
export function isCannotOpen(error: unknown): boolean {
  return error instanceof AppError && [CANTOPEN, READONLY].includes(primaryCode(error.cause));
}

/** 0 when it is no error of SQLite. The lower byte of the extended code, which libsql often has no name for. */
function primaryCode(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff;
  // A connection that cannot be made has its code in the text only.
  return Number(/^ConnectionFailed[(].*: (\d+)"[)]$/.exec(error.message)?.[1] ?? 0) & 0xff;
}

function whyClosed(path: string): string {
  try {
    if (statSync(path).isDirectory()) return 'it is a folder';
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'SQLite refused it';
}
