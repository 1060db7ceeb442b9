import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../model/error.ts';
import { readReason, writeReason } from '../model/file-error.ts';
import { connect, isBusy, isCannotOpen, isFull, READONLY, toHistoryError, type Database } from './database.ts';
import { NO_HISTORY } from './history.ts';
import { APPLICATION_ID, MIGRATIONS, VIEWS_OF_OLDER } from './migrations.ts';

const BUSY_TIMEOUT_MS = 10_000;
const BUSY_PAUSE_MS = 25;

/**
 * What a commit survives: in WAL mode the end of the process at no fsync at all, or, at one fsync each, a power failure
 * as well. https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Survived = 'process-end' | 'power-failure';

/** Makes the file (mode 0600) and its folders (0700) when missing, and its tables. */
export async function openForWriting(file: string, survives: Survived = 'process-end'): Promise<Database> {
  createPrivateFile(file);
  const database = connect(file, file, BUSY_TIMEOUT_MS);
  for (let tries = 1; ; tries++) {
    try {
      if (readVersion(database) < MIGRATIONS.length) migrate(database);
      database.exec(`pragma synchronous = ${survives === 'process-end' ? 'normal' : 'full'}`);
      return database;
    } catch (error) {
      // Turning WAL on does not wait for the busy timeout: https://www.sqlite.org/wal.html
      if (!isBusy(error) || tries * BUSY_PAUSE_MS > BUSY_TIMEOUT_MS) throw error;
      const { setTimeout: wait } = await import('node:timers/promises');
      await wait(BUSY_PAUSE_MS);
    }
  }
}

/** Nothing is written, not even the file: history that does not exist yet is empty. */
export async function openForReading(file: string): Promise<Database> {
  if (isMissing(file)) return emptyDatabase(file);
  const database = connectReadOnly(file);
  const version = readVersion(database);
  if (version === 0) {
    database.close();
    return emptyDatabase(file);
  }
  const views = VIEWS_OF_OLDER[version];
  if (views !== undefined) database.exec(views);
  return database;
}

/** A file in a folder that may not be looked into may be there: it is not known to hold nothing. */
function isMissing(file: string): boolean {
  try {
    statSync(file);
    return false;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return true;
    throw new AppError('history', `history ${file} cannot be read: ${readReason(error)}`, {
      hint: 'use another file with --history FILE or WEBHOOK_HISTORY',
      cause: error,
    });
  }
}

function connectReadOnly(file: string): Database {
  const address = pathToFileURL(file).href;
  try {
    const database = connect(file, `${address}?mode=ro`, BUSY_TIMEOUT_MS);
    readVersion(database);
    return database;
  } catch (error) {
    // On a disk that is read-only, or full, SQLite cannot make the `-shm` file that WAL needs. Nobody can be writing
    // there either, so the file may be read as it is: https://www.sqlite.org/wal.html#read_only_databases
    if (!(isCannotOpen(error) || isFull(error, file)) || hasLog(file)) throw error;
    return connect(file, `${address}?immutable=1`, BUSY_TIMEOUT_MS);
  }
}

/** What stands in the log is not yet in the file. */
const hasLog = (file: string): boolean => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;

function emptyDatabase(file: string): Database {
  const database = connect(file, ':memory:', BUSY_TIMEOUT_MS);
  for (const sql of MIGRATIONS) database.exec(sql);
  return database;
}

/** SQLite would make the file readable for everyone; `-wal` and `-shm` inherit the mode of the file. */
export function createPrivateFile(file: string): void {
  const create = (): void => closeSync(openSync(file, 'wx', 0o600));
  try {
    try {
      create();
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      makeFolders(dirname(file));
      create();
    }
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw cannotCreate(file, error);
    assertWritable(file);
  }
}

/** Not `recursive`: below a folder that cannot hold any (/proc), Node 20 then tries forever. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

/** SQLite opens a file it may not write without an error, and fails at the first record. */
function assertWritable(file: string): void {
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    throw toHistoryError(file, Object.assign(new Error('not writable', { cause: error }), { rawCode: READONLY }));
  }
}

function cannotCreate(file: string, cause: unknown): AppError {
  const reason = writeReason(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new AppError('history', `history ${file} cannot be created: ${reason}`, {
    hint: 'use a file in a writable folder with --history FILE or WEBHOOK_HISTORY',
    withoutIt: NO_HISTORY,
    cause,
  });
}

function readVersion(database: Database): number {
  const row = database
    .prepare<[number, number, number]>(
      `select user_version, application_id, (select count(*) from sqlite_schema)
       from pragma_user_version, pragma_application_id`,
    )
    .first();
  const [version = 0, applicationId = 0, tables = 0] = row ?? [];
  if (version === 0 && tables === 0) return 0;
  if (applicationId !== APPLICATION_ID) {
    throw new AppError('history', `${database.path} is another program's SQLite file, not a history`, {
      hint: 'use another file with --history FILE or WEBHOOK_HISTORY',
    });
  }
  if (version > MIGRATIONS.length) {
    throw new AppError(
      'history',
      `history ${database.path} was written by a newer hookproof ` +
        `(format ${version}, this one reads up to ${MIGRATIONS.length})`,
      {
        hint: 'update with: npm install hookproof@latest',
      },
    );
  }
  return version;
}

function migrate(database: Database): void {
  // Before the first table, or it has no effect: lets `prune` give pages back to the disk.
  database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal');
  database.transact(() => {
    // Another process may have been faster while this one waited for the lock.
    for (const sql of MIGRATIONS.slice(readVersion(database))) database.exec(sql);
    database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${MIGRATIONS.length}`);
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
