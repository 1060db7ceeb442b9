import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { AppError } from '../model/error.ts';
import { readReason } from '../model/file-error.ts';
import { NO_HISTORY } from './history.ts';

/** What SQLite stores. libsql aborts the whole process on a boolean, so none is allowed here. */
export type SqlValue = string | number | null | Uint8Array;

export interface SqlStatement<Row> {
  run(...values: SqlValue[]): { changes: number };
  first(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

/** One connection to one SQLite file; every error names the file. */
export interface Database {
  path: string;
  exec(sql: string): void;
  /** Prepared once per SQL text; rows are arrays in the order of the columns. */
  prepare<Row extends readonly SqlValue[]>(sql: string): SqlStatement<Row>;
  /** Runs `work` under the one write lock; all of it is kept, or none. */
  transact<Result>(work: () => Result): Result;
  /** Runs `work` on one state of the file, while others write; the first write of its own takes the lock, or fails. */
  withSnapshot<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens `location` (a path, or a `file:` address with parameters) and waits up to `busyTimeoutMs` for
 * other writers. libsql ignores better-sqlite3's `readonly` option: use `file:…?mode=ro`.
 */
export function connect(path: string, location: string, busyTimeoutMs: number): Database {
  const connection = explaining(path, () => new Libsql(location, { timeout: busyTimeoutMs }));
  const prepared = new Map<string, SqlStatement<readonly SqlValue[]>>();
  const exec = (sql: string): void => explaining(path, () => void connection.exec(sql));
  const within = <Result>(begin: string, work: () => Result): Result => {
    exec(begin);
    try {
      const result = work();
      exec('commit');
      return result;
    } catch (error) {
      // Some errors (a full disk) have rolled back already; the first error is the one to report.
      if (connection.inTransaction) exec('rollback');
      throw error;
    }
  };
  return {
    path,
    exec,
    prepare: <Row extends readonly SqlValue[]>(sql: string) => {
      let statement = prepared.get(sql);
      if (statement === undefined) prepared.set(sql, (statement = prepareStatement(path, connection, sql)));
      return statement as unknown as SqlStatement<Row>;
    },
    transact: (work) => within('begin immediate', work),
    withSnapshot: (work) => within('begin', work),
    close: () => {
      prepared.clear();
      connection.close();
    },
  };
}

function prepareStatement(path: string, connection: Libsql.Database, sql: string): SqlStatement<readonly SqlValue[]> {
  // The values go as one array: libsql takes a lone null or Uint8Array for named parameters.
  const statement = explaining(path, () => connection.prepare<[SqlValue[]]>(sql));
  if (statement.reader) statement.raw();
  return {
    run: (...values) => explaining(path, () => ({ changes: statement.run(values).changes })),
    first: (...values) => explaining(path, () => statement.get(values) as readonly SqlValue[] | undefined),
    all: (...values) => explaining(path, () => statement.all(values) as (readonly SqlValue[])[]),
  };
}

/** Runs `work`; an error of SQLite becomes one that names the file. */
function explaining<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toHistoryError(path, error);
  }
}

const OTHER_FILE = 'use another file with --history FILE or WEBHOOK_HISTORY';

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
export const READONLY = 8;
const IOERR = 10;
const FULL = 13;
const CANTOPEN = 14;

const EXPLANATIONS: Readonly<Record<number, readonly [problem: string, hint: string | undefined]>> = {
  [BUSY]: ['is locked by another program', 'close the program that has it open'],
  [LOCKED]: ['is locked by another connection', undefined],
  [READONLY]: ['is read-only', `make the file and its folder writable, or ${OTHER_FILE}`],
  [IOERR]: [
    'could not be read or written: input/output error',
    'check the disk, its quota and the file size limit (ulimit -f)',
  ],
  11: ['is damaged', 'recover what is readable with: sqlite3 FILE .recover'],
  [FULL]: [
    'cannot grow: the disk is full',
    // `history prune` would have to write, too, before it gives anything back.
    'free some space, or use a file on another disk with --history FILE or WEBHOOK_HISTORY',
  ],
  26: ['is not a SQLite file', OTHER_FILE],
};

/** An error of SQLite or of the file system as one of ours: names the file and says what to do. */
export function toHistoryError(path: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = tellingCode(path, cause);
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
    hint: hint?.replace('sqlite3 FILE', `sqlite3 ${path}`),
    thenAgain: [BUSY, LOCKED].includes(code),
    withoutIt: [READONLY, FULL].includes(code) ? NO_HISTORY : undefined,
    cause,
  });
}

/** True when another process holds the lock: worth trying again. */
export function isBusy(error: unknown): boolean {
  return error instanceof AppError && primaryCode(error.cause) === BUSY;
}

/** True when the disk is full. */
export function isFull(error: unknown, path: string): boolean {
  return error instanceof AppError && tellingCode(path, error.cause) === FULL;
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

/** What SQLite needs to open a file beside its log: the memory that its processes share. */
const SHARED_BYTES = 32 * 1024;

/** Where a disk is full, SQLite calls a log or shared memory that it cannot make an input/output error. */
function tellingCode(path: string, error: unknown): number {
  const code = primaryCode(error);
  if (code !== IOERR) return code;
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < SHARED_BYTES ? FULL : code;
  } catch {
    return code;
  }
}

function whyClosed(path: string): string {
  try {
    if (statSync(path).isDirectory()) return 'it is a folder';
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    return readReason(error);
  }
  return 'SQLite refused it';
}
