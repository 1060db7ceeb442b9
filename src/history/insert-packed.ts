import type { Database } from './database.ts';
import type { PackedRecords } from './packed-records.ts';
import { insertRest, PART_BYTES } from './request-body.ts';

/** Of this connection alone, and in memory: the packed records taken apart once, for the three tables that want them. */
const STAGE = `pragma temp_store = memory;
  create temp table if not exists packed_shape (
    shape integer primary key, webhook_uuid, vendor, event, direction, url, method, number, outcome,
    status, error_code, error, remote_address, truncated, response_headers, tls, control
  );
  create temp table if not exists packed_record (
    place integer primary key, shape, id, attempt_id, event_id, created_at, started_at, duration_ms,
    body_at, body_length, response_at, response_length, response_bytes, request_headers, timings
  );`;

/** `->` keeps JSON as its text, `->>` gives the value: https://www.sqlite.org/json1.html#jptr */
const values = (texts: number, jsons: readonly number[]): string => Array.from({ length: texts }, (_, at) => `value ${jsons.includes(at) ? '->' : '->>'} ${at}`).join(', ');

const FILL_SHAPES = `insert into packed_shape select key, ${values(16, [13, 15])} from json_each(?)`;
const FILL_RECORDS = `insert into packed_record select key, ${values(14, [12, 13])} from json_each(cast(? as text))`;

const PACKED = 'from packed_record cross join packed_shape using (shape) where true order by place';

/** Blobs that are cut out of nothing are null. */
const INSERT_DELIVERIES = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  select id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, ifnull(substr(?, body_at + 1, min(body_length, ${PART_BYTES})), x'')
  ${PACKED} on conflict (id) do nothing`;

const INSERT_EXCHANGES = `insert into exchange
  (sequence, delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body, response_truncated, timings, tls, control)
  select ? + place, id, attempt_id, started_at, request_headers, response_headers, ifnull(substr(?, response_at + 1, response_length), x''), truncated, timings, tls, control
  ${PACKED}`;

const INSERT_ATTEMPTS = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, sequence)
  select webhook_uuid, started_at, attempt_id, id, number, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, body_length, response_bytes, remote_address, ? + place
  ${PACKED}`;

/** Keeps packed records, all of them or none: a few statements for each batch, however many records it has. */
export function insertPacked(database: Database, { records, shapes, bytes, large }: PackedRecords): void {
  database.exec(STAGE);
  database.transact(() => {
    database.exec('delete from packed_shape; delete from packed_record');
    database.prepare(FILL_SHAPES).run(shapes);
    database.prepare(FILL_RECORDS).run(records);
    const isKnown = database.prepare('select 1 from delivery where id = ?');
    const newOnes = large.filter(({ id }, index) => isKnown.first(id) === undefined && large.findIndex((other) => other.id === id) === index);
    const next = database.prepare<[number]>('select ifnull(max(sequence), 0) + 1 from exchange').first()?.[0] ?? 1;
    database.prepare(INSERT_DELIVERIES).run(bytes);
    for (const { id, at, length } of newOnes) insertRest(database, id, bytes.subarray(at, at + length));
    database.prepare(INSERT_EXCHANGES).run(next, bytes);
    database.prepare(INSERT_ATTEMPTS).run(next);
  });
}
