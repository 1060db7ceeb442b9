import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database } from './database.ts';
import type { History } from './history.ts';
import { openForWriting } from './open-database.ts';
import { readerOf } from './reader.ts';
import { writerOf } from './writer.ts';

/**
 * Opens the history in the SQLite file `path` for reading and writing; makes it (mode 0600) and its folders (0700) when
 * missing. Many processes may open one file at once. Errors: AppError `history`, naming the file.
 */
export async function openHistory(path: string): Promise<History> {
  const database = await openForWriting(resolve(path));
  return {
    ...readerOf(database),
    ...writerOf(database),
    close: async () => {
      trimLog(database);
      database.close();
    },
  };
}

/** About forty attempts. Reading back a log of this size takes less than 1 ms. */
const MAX_LOG_BYTES = 200 * 4096;

/**
 * Folds a long write-ahead log into the file. SQLite does that when the last connection closes, but libsql keeps
 * its connection until the process ends: the log would grow forever, and every process reads all of it to open.
 * A log that cannot be folded now (another process is reading, the disk is full) keeps its records as they are.
 */
function trimLog(database: Database): void {
  const log = statSync(`${database.path}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size < MAX_LOG_BYTES) return;
  try {
    database.exec('pragma busy_timeout = 0');
    database.exec('pragma wal_checkpoint(truncate)');
  } catch {
    // Nothing is lost: see above.
  }
}
