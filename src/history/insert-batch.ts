import type { Database } from './database.ts';
import type { HistoryRecord } from './history.ts';
import { makeBatcher, type RecordBatch } from './record-batch.ts';
import { COMMON_COLUMNS, OWN_COLUMNS } from './record-row.ts';
import { insertRest, PART_BYTES } from './stored-values.ts';

const COMMON = COMMON_COLUMNS.map(([name]) => name);
const OWN = OWN_COLUMNS.map(([name]) => name);
/** In the order in which a record is bound; `common` is the place of its other values. */
const RECORD = ['sequence', 'body', 'response_body', 'common', ...OWN];

/**
 * Where the records of a batch are put first, in memory and seen by this connection alone: each value is bound once,
 * and three statements carry all records into their tables. Bound for each table, one by one, they took 31 µs a record;
 * so they take 17.
 */
const STAGE = `pragma temp_store = memory;
  create temp table if not exists staged_common (common integer primary key, ${COMMON.join(', ')});
  create temp table if not exists staged_record (${RECORD.join(', ')})`;

const insertInto = (table: string, columns: readonly string[]): string =>
  `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`;
const STAGE_COMMON = insertInto('staged_common', ['common', ...COMMON]);
const STAGE_RECORD = insertInto('staged_record', RECORD);
const STAGED = 'from staged_record cross join staged_common using (common) where true';

const INSERT_DELIVERIES = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  select delivery_id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body
  ${STAGED} on conflict (id) do nothing`;

const INSERT_EXCHANGES = `insert into exchange
  (sequence, delivery_id, attempt_id, timestamp, request_headers, response_headers, response_truncated, timings, tls,
   control, response_body)
  select sequence, delivery_id, attempt_id, started_at, request_headers, response_headers, response_truncated, timings,
   tls, control, response_body
  ${STAGED}`;

const INSERT_ATTEMPTS = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence)
  select webhook_uuid, started_at, attempt_id, delivery_id, number, direction, vendor, event, event_id, url, outcome,
   status, error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence
  ${STAGED}`;

/** Stores attempts, and the deliveries among theirs that are new: all of them or none. */
export function insertBatch(database: Database, batch: RecordBatch): void {
  database.transact(() => insertWithin(database, batch));
}

/** The same inside a transaction, whose end decides. */
export function insertRecords(database: Database, records: readonly HistoryRecord[]): void {
  const batcher = makeBatcher();
  for (const record of records) batcher.add(...record);
  insertWithin(database, batcher.take());
}

function insertWithin(database: Database, batch: RecordBatch): void {
  database.exec(STAGE);
  fillStage(database, batch);
  for (const sql of [INSERT_DELIVERIES, INSERT_EXCHANGES, INSERT_ATTEMPTS]) database.prepare(sql).run();
  for (const { id, rest } of largeBodies(batch)) insertRest(database, id, rest);
  for (const table of ['staged_record', 'staged_common']) database.prepare(`delete from ${table}`).run();
}

function latestSequence(database: Database): number {
  const row = database.prepare<[number]>('select ifnull(max(sequence), 0) from exchange').first();
  return row?.[0] ?? 0;
}

function fillStage(database: Database, { common, commonOf, own, bodies }: RecordBatch): void {
  for (const [index, values] of common.entries()) database.prepare(STAGE_COMMON).run(index, ...values);
  const first = latestSequence(database) + 1;
  for (const [record, shared] of commonOf.entries()) {
    const [body, responseBody] = bodies.slice(record * 2, record * 2 + 2) as [Uint8Array, Uint8Array];
    const values = own.slice(record * OWN.length, (record + 1) * OWN.length);
    // Of a large body the first part alone.
    database.prepare(STAGE_RECORD).run(first + record, body.subarray(0, PART_BYTES), responseBody, shared, ...values);
  }
}

/** What they have beyond the first part. */
function largeBodies({ own, bodies }: RecordBatch): { id: string; rest: Uint8Array }[] {
  return bodies.flatMap((body, index) =>
    index % 2 === 0 && body.length > PART_BYTES
      ? [{ id: String(own[(index / 2) * OWN.length + OWN.indexOf('delivery_id')]), rest: body.subarray(PART_BYTES) }]
      : [],
  );
}
