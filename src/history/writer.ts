import type { Attempt, Delivery } from '../model/attempt.ts';
import type { Database, SqlValue } from './database.ts';
import type { HistoryWriter, PruneCounts, PruneOptions } from './history.ts';
import { insertPacked } from './insert-packed.ts';
import { findPrunable } from './prunable.ts';
import { insertRest, PART_BYTES } from './request-body.ts';
import { durationUs, isoTime, redactHeaders, storableText, withoutUrlCredentials } from './stored-values.ts';

/** The work inside is synchronous: SQLite offers nothing else. */
export function writerOf(database: Database): HistoryWriter {
  return {
    path: database.path,
    append: async (delivery, attempt) => database.transact(() => insertRecord(database, delivery, attempt)),
    appendAll: async (records) =>
      database.transact(() => {
        for (const [delivery, attempt] of records) insertRecord(database, delivery, attempt);
      }),
    appendPacked: async (records) => insertPacked(database, records),
    prune: async (options) => pruneDeliveries(database, options),
    close: async () => database.close(),
  };
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
    JSON.stringify(redactHeaders(attempt.requestHeaders)),
    JSON.stringify(redactHeaders(attempt.responseHeaders)),
    attempt.responseBody,
    attempt.responseTruncated ? 1 : 0,
    JSON.stringify(attempt.timings),
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    JSON.stringify(attempt.control),
  ];
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
