import type { Database } from './database.ts';
import type { PackedRecords } from './packed-records.ts';
import { ROW_BYTES, ROW_FIELDS } from './packed-row.ts';
import { insertRest, PART_BYTES } from './stored-values.ts';

/** Private to this connection and in memory: the packed records, taken apart once for three tables. */
const STAGE = `pragma temp_store = memory;
  create temp table if not exists packed_shape (
    shape integer primary key, webhook_uuid, vendor, event, direction, url, method, number, outcome,
    status, error_code, error, remote_address, truncated, response_headers, tls, control,
    purpose
  );
  create temp table if not exists packed_record (
    place integer primary key, ${ROW_FIELDS.map(({ name }) => name).join(', ')}
  );`;

/** `->` keeps JSON as its text, `->>` gives the value: https://www.sqlite.org/json1.html#jptr */
const values = (texts: number, jsons: readonly number[]): string =>
  Array.from({ length: texts }, (_, at) => `value ${jsons.includes(at) ? '->' : '->>'} ${at}`).join(', ');

const FILL_SHAPES = `insert into packed_shape select key, ${values(17, [13, 15])} from json_each(?)`;

const FILL_RECORDS = `with recursive row (place) as (
    select 0 where ?2 > 0 union all select place + 1 from row where place + 1 < ?2
  )
  insert into packed_record select place, ${cutFields().join(', ')} from row`;

/** Cuts the fields of a row out of `?1` by their place. */
function cutFields(): string[] {
  let from = 1;
  return ROW_FIELDS.map(({ width, type }) => {
    const cut = `substr(?1, place * ${ROW_BYTES} + ${from}, ${width})`;
    from += width;
    return type === 'text' ? `rtrim(cast(${cut} as text))` : `cast(${cut} as ${type})`;
  });
}

const PACKED = 'from packed_record cross join packed_shape using (shape) where true order by place';

/** Where each part of a record lies in the bytes `?1`; of a large body they hold the first part. */
const BODY_LENGTH = `min(body_length, ${PART_BYTES})`;
const RESPONSE_AT = `body_at + 1 + ${BODY_LENGTH}`;
const HEADERS_AT = `${RESPONSE_AT} + response_length`;
const TIMINGS_AT = `${HEADERS_AT} + headers_length`;
const EVENT_ID_AT = `${TIMINGS_AT} + timings_length`;

const textAt = (at: string, length: string): string => `ifnull(cast(substr(?1, ${at}, ${length}) as text), '')`;
const EVENT_ID = `iif(has_event_id, ${textAt(EVENT_ID_AT, 'event_id_length')}, null)`;
/** SQLite gives null for a blob cut out of nothing. */
const bytesAt = (at: string, length: string): string => `ifnull(substr(?1, ${at}, ${length}), x'')`;

const INSERT_DELIVERIES = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  select id, webhook_uuid, vendor, event, ${EVENT_ID}, direction, url, method, created_at,
   ${bytesAt('body_at + 1', BODY_LENGTH)}
  ${PACKED} on conflict (id) do nothing`;

const INSERT_EXCHANGES = `insert into exchange
  (sequence, delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body, response_truncated,
   timings, tls, control)
  select ?2 + place, id, attempt_id, started_at, ${textAt(HEADERS_AT, 'headers_length')}, response_headers,
   ${bytesAt(RESPONSE_AT, 'response_length')}, truncated, ${textAt(TIMINGS_AT, 'timings_length')}, tls, control
  ${PACKED}`;

const INSERT_ATTEMPTS = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence)
  select webhook_uuid, started_at, attempt_id, id, number, direction, vendor, event, ${EVENT_ID}, url, outcome, status,
   error_code, error, duration_us / 1000.0, body_length, response_bytes, remote_address, purpose, ?2 + place
  ${PACKED}`;

const staged = new WeakSet<Database>();

/** Stores packed records, all of them or none, with a few statements a batch however many records it has. */
export function insertPacked(database: Database, { count, rows, shapes, bytes, large }: PackedRecords): void {
  if (!staged.has(database)) database.exec(STAGE);
  staged.add(database);
  database.transact(() => {
    database.prepare('delete from packed_shape').run();
    database.prepare('delete from packed_record').run();
    database.prepare(FILL_SHAPES).run(shapes);
    database.prepare(FILL_RECORDS).run(rows, count);
    const isKnown = database.prepare('select 1 from delivery where id = ?');
    const newOnes = large.filter(
      ({ id }, index) => isKnown.first(id) === undefined && large.findIndex((other) => other.id === id) === index,
    );
    const next = database.prepare<[number]>('select ifnull(max(sequence), 0) + 1 from exchange').first()?.[0] ?? 1;
    database.prepare(INSERT_DELIVERIES).run(bytes);
    for (const { id, rest } of newOnes) insertRest(database, id, rest);
    database.prepare(INSERT_EXCHANGES).run(bytes, next);
    database.prepare(INSERT_ATTEMPTS).run(bytes, next);
  });
}
