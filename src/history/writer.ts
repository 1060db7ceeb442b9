import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { AppError } from '../model/error.ts';
import { isFull, type Database } from './database.ts';
import type { HistoryWriter, PruneCounts, PruneOptions } from './history.ts';
import { insertRecords } from './insert-batch.ts';
import { openForWriting } from './open-database.ts';
import { findPrunable } from './prunable.ts';

/**
 * Opens the history in the SQLite file `path` to write to it; makes it (mode 0600) and its folders (0700) when missing.
 * Many processes may open one file at once. Errors: AppError `history`, naming the file.
 */
export async function openWriter(path: string): Promise<HistoryWriter> {
  return writerOf(await openForWriting(resolve(path)));
}

/** The work inside is synchronous: SQLite offers nothing else. */
export function writerOf(database: Database): HistoryWriter {
  const appendAll: HistoryWriter['appendAll'] = async (records) =>
    database.transact(() => insertRecords(database, records));
  return {
    path: database.path,
    append: (delivery, attempt) => appendAll([[delivery, attempt]]),
    appendAll,
    prune: async (options, onProgress) => {
      try {
        return await pruneDeliveries(database, options, onProgress);
      } catch (error) {
        throw isFull(error, database.path) ? noRoomToPrune(error as AppError) : error;
      }
    },
    close: async () => closeWritten(database),
  };
}

/** Closes a database that was written to. */
export function closeWritten(database: Database): void {
  trimLog(database);
  database.close();
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

/** What is deleted is written into the log first, and gives its space back only then. */
function noRoomToPrune(error: AppError): AppError {
  const hint = 'free some space on the disk first: deleting needs some too before it frees any';
  return new AppError(error.kind, error.message, { hint, cause: error.cause });
}

/** Deletes batch by batch, and gives the space back to the disk, some pages at a time. */
async function pruneDeliveries(
  database: Database,
  options: PruneOptions,
  onProgress?: (counts: PruneCounts) => void,
): Promise<PruneCounts> {
  const counts: PruneCounts = { deliveries: 0, attempts: 0 };
  const letOthersIn = makePauses();
  for (const batch of findPrunable(database, options)) {
    counts.deliveries += batch.length;
    counts.attempts += deleteBatch(database, batch);
    onProgress?.({ ...counts });
    await letOthersIn();
  }
  if (counts.deliveries === 0) return counts;
  for (let free = freePages(database), before = Infinity; free > 0 && free < before;) {
    database.exec(`pragma incremental_vacuum(${VACUUM_PAGES})`);
    await letOthersIn();
    [before, free] = [free, freePages(database)];
  }
  // What is left for the second one, which makes writers wait, is little.
  database.exec('pragma wal_checkpoint(passive); pragma wal_checkpoint(truncate)');
  return counts;
}

/** 2 MiB in one transaction. All at once would lock out other programs for minutes after a long prune. */
const VACUUM_PAGES = 512;

const freePages = (database: Database): number => database.prepare<[number]>('pragma freelist_count').first()?.[0] ?? 0;

/** Who waits for the lock looks again every 100 ms at the latest: https://www.sqlite.org/c3ref/busy_timeout.html */
const PAUSE_MS = 110;
const WORK_MS = 1000;

/**
 * One transaction after the other leaves the lock free for moments only, which who waits for it may miss again and
 * again: so a pause follows each second of work. Between pauses there is time for timers, which draw the progress.
 */
function makePauses(): () => Promise<void> {
  let pausedAt = performance.now();
  return async () => {
    if (performance.now() - pausedAt < WORK_MS) return setImmediate();
    await setTimeout(PAUSE_MS);
    pausedAt = performance.now();
  };
}

function deleteBatch(database: Database, ids: readonly string[]): number {
  const list = JSON.stringify(ids);
  return database.transact(() => {
    const { changes } = database
      .prepare(
        `delete from attempt where (webhook_uuid, timestamp, id) in (
           select d.webhook_uuid, e.timestamp, e.attempt_id from json_each(?) as wanted
           join delivery d on d.id = wanted.value join exchange e on e.delivery_id = d.id)`,
      )
      .run(list);
    database.prepare('delete from exchange where delivery_id in (select value from json_each(?))').run(list);
    database.prepare('delete from body_rest where delivery_id in (select value from json_each(?))').run(list);
    database.prepare('delete from delivery where id in (select value from json_each(?))').run(list);
    return changes;
  });
}
