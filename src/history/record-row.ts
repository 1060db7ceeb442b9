import type { Attempt, Delivery } from '../model/attempt.ts';
import { hideSecretHeaders } from '../model/header.ts';
import type { Database, SqlValue } from './database.ts';
import { durationUs, insertRest, isoTime, PART_BYTES, storableText, withoutUrlCredentials } from './stored-values.ts';

/** One record as the values of its row in each of three tables, all but its two bodies: see `insertRecord`. */
export type RecordRow = readonly [delivery: SqlValue[], exchange: SqlValue[], attempt: SqlValue[]];

export function rowOf(delivery: Delivery, attempt: Attempt): RecordRow {
  return [deliveryValues(delivery), exchangeValues(delivery, attempt), attemptValues(delivery, attempt)];
}

/** Stores an attempt, and its delivery if it is new. Inside a transaction: both or neither. */
export function insertRecord(
  database: Database,
  [delivery, exchange, attempt]: RecordRow,
  { body, responseBody }: { body: Uint8Array; responseBody: Uint8Array },
): void {
  const isNew = database.prepare(INSERT_DELIVERY).run(...delivery, body.subarray(0, PART_BYTES)).changes > 0;
  if (isNew) insertRest(database, String(delivery[0]), body.subarray(PART_BYTES));
  database.prepare(INSERT_EXCHANGE).run(...exchange, responseBody);
  database.prepare(INSERT_ATTEMPT).run(...attempt);
}

const INSERT_DELIVERY = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`;

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
  ];
}

const INSERT_EXCHANGE = `insert into exchange
  (delivery_id, attempt_id, timestamp, request_headers, response_headers, response_truncated, timings, tls, control,
   response_body)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function exchangeValues(delivery: Delivery, attempt: Attempt): SqlValue[] {
  return [
    delivery.id,
    attempt.id,
    isoTime(attempt.startedAt),
    JSON.stringify(hideSecretHeaders(attempt.requestHeaders)),
    JSON.stringify(hideSecretHeaders(attempt.responseHeaders)),
    attempt.responseTruncated ? 1 : 0,
    JSON.stringify(attempt.timings),
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    JSON.stringify(attempt.control),
  ];
}

/** Right after the exchange of the attempt, whose number it takes over. */
const INSERT_ATTEMPT = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, last_insert_rowid())`;

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
