import type { PackedBatch } from '../record-batch.ts';
import { COMMON_COLUMNS, OWN_COLUMNS } from '../record-row.ts';
import { arrayText, type PostgresConnection, type ServerValue } from './connection.ts';
import { LOCK_RECORDING } from './schema.ts';

type BatchCell = string | number | null | Uint8Array | undefined;

/** Of each column of a batch. */
const COLUMN_TYPES: Readonly<Record<string, string>> = {
  delivery_id: 'uuid',
  webhook_uuid: 'uuid',
  vendor: 'text',
  event: 'text',
  event_id: 'text',
  direction: 'text',
  url: 'text',
  method: 'text',
  created_at: 'timestamptz',
  attempt_id: 'uuid',
  started_at: 'timestamptz',
  request_headers: 'json',
  response_headers: 'json',
  response_truncated: 'integer',
  timings: 'json',
  tls: 'json',
  control: 'json',
  number: 'integer',
  outcome: 'text',
  status: 'integer',
  error_code: 'text',
  error: 'text',
  duration_ms: 'numeric',
  request_bytes: 'bigint',
  response_bytes: 'bigint',
  remote_address: 'text',
  purpose: 'text',
};

/** Beside them: where the bodies of a row stand among those of the batch, and how long they are. */
const PLACES = ['body_at', 'body_length', 'response_at', 'response_length'];

const COLUMNS = [...COMMON_COLUMNS, ...OWN_COLUMNS].map(([name]) => name);
const NAMES = [...COLUMNS, ...PLACES];
const TYPES = [...COLUMNS.map((name) => COLUMN_TYPES[name]), ...PLACES.map(() => 'integer')];
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
export async function insertBatch(connection: PostgresConnection, batch: PackedBatch): Promise<void> {
  if (batch.commonOf.length === 0) return;
  await connection.run(INSERT, [batch.bytes, ...columnsOf(batch).map(arrayText), ...placesOf(batch.lengths)]);
}

/** The values of all records, column by column in the order of `COLUMNS`. */
function columnsOf({ common, commonOf, own }: PackedBatch): BatchCell[][] {
  return [
    ...COMMON_COLUMNS.map((_, column) => commonOf.map((index) => common[index]?.[column])),
    ...OWN_COLUMNS.map((_, column) => commonOf.map((__, record) => own[record * OWN_COLUMNS.length + column])),
  ];
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
  return places.map(arrayText);
}
