import { statSync } from 'node:fs';
import type { Database } from './database.ts';

/** About forty attempts. Reading a log of this size back takes less than 1 ms. */
const MAX_LOG_BYTES = 200 * 4096;

/**
 * Folds a long write-ahead log into the file. SQLite does that when the last connection closes, but libsql keeps
 * its connection until the process ends: the log would grow for ever, and every process reads all of it to open.
 * A log that cannot be folded now (another process is reading, the disk is full) keeps its records as they are.
 */
export function trimLog(database: Database): void {
  const log = statSync(`${database.path}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size < MAX_LOG_BYTES) return;
  try {
    database.exec('pragma busy_timeout = 0');
    database.exec('pragma wal_checkpoint(truncate)');
  } catch {
    // Nothing is lost: see above.
  }
}
