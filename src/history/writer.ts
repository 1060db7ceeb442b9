import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Attempt, Delivery } from '../model/attempt.ts';
import { isFull, type Database, type SqlValue } from './database.ts';
import type { HistoryWriter, PruneCounts, PruneOptions } from './history.ts';
import { AppError } from '../model/error.ts';
import { hideSecretHeaders } from '../model/header.ts';
import { openForWriting } from './open-database.ts';
import { findPrunable } from './prunable.ts';
import { durationUs, insertRest, isoTime, PART_BYTES, storableText, withoutUrlCredentials } from './stored-values.ts';

/**
 * Opens the history in the SQLite file `path` to write to it; makes it (mode 0600) and its folders (0700) when missing.
 * Many processes may open one file at once. Errors: AppError `history`, naming the file.
 */
export async function openWriter(path: string): Promise<HistoryWriter> {
  return writerOf(await openForWriting(resolve(path)));
}

/** The work inside is synchronous: SQLite offers nothing else. */
export function writerOf(database: Database): HistoryWriter {
  return {
    path: database.path,
    append: async (delivery, attempt) => database.transact(() => insertRecord(database, delivery, attempt)),
    appendAll: async (records) =>
      database.transact(() => {
        for (const [delivery, attempt] of records) insertRecord(database, delivery, attempt);
      }),
    prune: async (options) => {
      try {
        return pruneDeliveries(database, options);
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

function insertRecord(database: Database, delivery: Delivery, attempt: Attempt): void {
  const isNew = database.prepare(INSERT_DELIVERY).run(...deliveryValues(delivery)).changes > 0;
  if (isNew) insertRest(database, delivery.id, delivery.body.subarray(PART_BYTES));
  database.prepare(INSERT_EXCHANGE).run(...exchangeValues(delivery, attempt));
  database.prepare(INSERT_ATTEMPT).run(...attemptValues(delivery, attempt));
}

const INSERT_DELIVERY = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`;

/** Right after the exchange of the attempt, whose number it takes over. */
const INSERT_ATTEMPT = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, last_insert_rowid())`;

const INSERT_EXCHANGE = `insert into exchange
  (delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body, response_truncated,
   timings, tls, control)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function deliveryValues(delivery: Delivery): SqlValue[] {
  return [
    delivery.id,
    delivery.webhookUuid,
    storableText(delivery.vendor),
    storableText(delivery.event),
    storableText(delivery.eventId),
    delivery.direction,
    withoutUrlCredentials(delivery.url),
    delivery.method,
    isoTime(delivery.createdAt),
    delivery.body.subarray(0, PART_BYTES),
  ];
}

function attemptValues(delivery: Delivery, attempt: Attempt): SqlValue[] {
  return [
    delivery.webhookUuid,
    isoTime(attempt.startedAt),
    attempt.id,
    delivery.id,
    attempt.number,
    delivery.direction,
    storableText(delivery.vendor),
    storableText(delivery.event),
    storableText(delivery.eventId),
    withoutUrlCredentials(delivery.url),
    attempt.outcome,
    attempt.status,
    storableText(attempt.errorCode),
    storableText(attempt.error),
    durationUs(attempt) / 1000,
    delivery.body.length,
    attempt.responseBytes,
    storableText(attempt.remoteAddress),
    delivery.purpose,
  ];
}

function exchangeValues(delivery: Delivery, attempt: Attempt): SqlValue[] {
  return [
    delivery.id,
    attempt.id,
    isoTime(attempt.startedAt),
    JSON.stringify(hideSecretHeaders(attempt.requestHeaders)),
    JSON.stringify(hideSecretHeaders(attempt.responseHeaders)),
    attempt.responseBody,
    attempt.responseTruncated ? 1 : 0,
    JSON.stringify(attempt.timings),
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    JSON.stringify(attempt.control),
  ];
}

/** What is deleted is written into the log first, and gives its space back only then. */
function noRoomToPrune(error: AppError): AppError {
  const hint = 'free some space on it first: to delete takes some, too, before it gives any back';
  return new AppError(error.kind, error.message, { hint, cause: error.cause });
}

/** Deletes batch by batch, and gives the space back to the disk. */
function pruneDeliveries(database: Database, options: PruneOptions): PruneCounts {
  const counts: PruneCounts = { deliveries: 0, attempts: 0 };
  for (const batch of findPrunable(database, options)) {
    counts.deliveries += batch.length;
    counts.attempts += deleteBatch(database, batch);
  }
  if (counts.deliveries > 0) database.exec('pragma incremental_vacuum; pragma wal_checkpoint(truncate)');
  return counts;
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
