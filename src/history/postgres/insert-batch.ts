import type { RecordBatch } from '../record-batch.ts';
import type { PostgresConnection, ServerValue } from './connection.ts';
import { LOCK_RECORDING } from './schema.ts';

type BatchCell = string | number | null | Uint8Array | undefined;
type RowReader = (row: RecordBatch['rows'][number]) => BatchCell;

/** Each column of a batch: its name, its type, and where its value stands in a row of `rowOf`. */
const COLUMNS: readonly (readonly [name: string, type: string, read: RowReader])[] = [
  ['delivery_id', 'uuid', ([delivery]) => delivery[0]],
  ['webhook_uuid', 'uuid', ([delivery]) => delivery[1]],
  ['vendor', 'text', ([delivery]) => delivery[2]],
  ['event', 'text', ([delivery]) => delivery[3]],
  ['event_id', 'text', ([delivery]) => delivery[4]],
  ['direction', 'text', ([delivery]) => delivery[5]],
  ['url', 'text', ([delivery]) => delivery[6]],
  ['method', 'text', ([delivery]) => delivery[7]],
  ['created_at', 'timestamptz', ([delivery]) => delivery[8]],
  ['attempt_id', 'uuid', ([, exchange]) => exchange[1]],
  ['started_at', 'timestamptz', ([, exchange]) => exchange[2]],
  ['request_headers', 'json', ([, exchange]) => exchange[3]],
  ['response_headers', 'json', ([, exchange]) => exchange[4]],
  ['response_truncated', 'integer', ([, exchange]) => exchange[5]],
  ['timings', 'json', ([, exchange]) => exchange[6]],
  ['tls', 'json', ([, exchange]) => exchange[7]],
  ['control', 'json', ([, exchange]) => exchange[8]],
  ['number', 'integer', ([, , attempt]) => attempt[4]],
  ['outcome', 'text', ([, , attempt]) => attempt[10]],
  ['status', 'integer', ([, , attempt]) => attempt[11]],
  ['error_code', 'text', ([, , attempt]) => attempt[12]],
  ['error', 'text', ([, , attempt]) => attempt[13]],
  ['duration_ms', 'numeric', ([, , attempt]) => attempt[14]],
  ['request_bytes', 'bigint', ([, , attempt]) => attempt[15]],
  ['response_bytes', 'bigint', ([, , attempt]) => attempt[16]],
  ['remote_address', 'text', ([, , attempt]) => attempt[17]],
  ['purpose', 'text', ([, , attempt]) => attempt[18]],
];

/** Beside them: where the bodies of a row stand among those of the batch, and how long they are. */
const PLACES = ['body_at', 'body_length', 'response_at', 'response_length'];

const NAMES = [...COLUMNS.map(([name]) => name), ...PLACES];
const TYPES = [...COLUMNS.map(([, type]) => type), ...PLACES.map(() => 'integer')];
/** The first value holds all bodies: the arrays come behind it. */
const ARRAYS = TYPES.map((type, index) => `$${index + 2}::${type}[]`).join(', ');

/**
 * One statement, so one transaction and one way to the server and back. The clock is asked once the lock is held: what
 * `latestPoint` relies on.
 */
const INSERT = `with locked as materialized (select ${LOCK_RECORDING}),
  moment as materialized (select clock_timestamp() as recorded_at from locked),
  given as materialized (select * from unnest(${ARRAYS}) as given (${NAMES.join(', ')})),
  new_delivery as (
    insert into hookproof.delivery
      (webhook_uuid, id, vendor, event, event_id, direction, purpose, url, method, created_at, body)
    select webhook_uuid, delivery_id, vendor, event, event_id, direction, purpose, url, method, created_at,
      substring($1::bytea from body_at for body_length)
    from given on conflict (webhook_uuid, id) do nothing),
  new_exchange as (
    insert into hookproof.exchange
      (webhook_uuid, delivery_id, attempt_id, started_at, request_headers, response_headers, response_body,
       response_truncated, timings, tls, control)
    select webhook_uuid, delivery_id, attempt_id, started_at, request_headers, response_headers,
      substring($1::bytea from response_at for response_length), response_truncated = 1, timings, tls, control
    from given)
  insert into hookproof.attempt
    (webhook_uuid, started_at, id, delivery_id, number, direction, purpose, vendor, event, event_id, url, outcome,
     status, error_code, error, duration_ms, request_bytes, response_bytes, remote_address, recorded_at)
  select webhook_uuid, started_at, attempt_id, delivery_id, number, direction, purpose, vendor, event, event_id, url,
    outcome, status, error_code, error, duration_ms, request_bytes, response_bytes, remote_address, recorded_at
  from given, moment`;

/** Stores the records, all of them or none. */
export async function insertBatch(connection: PostgresConnection, batch: RecordBatch): Promise<void> {
  if (batch.rows.length === 0) return;
  const arrays = COLUMNS.map(([, , read]) => arrayOf(batch.rows.map(read)));
  await connection.run(INSERT, [batch.bodies, ...arrays, ...placesOf(batch.lengths)]);
}

/** Bytes are counted from 1. */
function placesOf(lengths: readonly number[]): ServerValue[] {
  const places: number[][] = [[], [], [], []];
  let at = 1;
  for (const [index, length] of lengths.entries()) {
    const first = (index % 2) * 2;
    places[first]?.push(at);
    places[first + 1]?.push(length);
    at += length;
  }
  return places.map(arrayOf);
}

/** An array as PostgreSQL writes one: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
const arrayOf = (cells: readonly BatchCell[]): string => `{${cells.map(cellOf).join(',')}}`;

function cellOf(cell: BatchCell): string {
  if (cell === null || cell === undefined) return 'NULL';
  return typeof cell === 'string' ? `"${cell.replaceAll(/["\\]/g, String.raw`\$&`)}"` : String(cell);
}
