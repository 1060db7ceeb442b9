import type { Cell, ExportField } from '../../model/export-field.ts';
import type { Selection } from '../../model/selection.ts';
import type { AttemptKey } from '../select-attempts.ts';
import { inLoads } from '../whole-record.ts';
import { arrayText, type PostgresConnection } from './connection.ts';
import { isColumn } from './line-sql.ts';
import { addStretch, FIELD_SQL, findPageEnds, isoText, makeConditions, whereSql } from './select-attempts.ts';

/** What is read of a body at a time: its bytes come as text of twice their length. */
export const PART_BYTES = 1024 * 1024;

const CHUNK_ROWS = 500;
/** Of the body of an answer no more is kept. */
const MOST_RESPONSE_BYTES = 64 * 1024;

type KeyedLine = readonly [
  timestamp: string,
  id: string,
  webhookUuid: string,
  deliveryId: string,
  /** How much its bodies take, at most. */
  bytes: number,
  isAnswered: boolean,
  ...cells: (string | number | null)[],
];

/** How many values of a line come before the fields. */
const KEYS = 6;

const KEY_SQL = [
  isoText('started_at'),
  'id',
  'webhook_uuid',
  'delivery_id',
  `(request_bytes + least(response_bytes, ${MOST_RESPONSE_BYTES}))::integer`,
  'status is not null',
];

/** Attempts as values in the order of `fields`; bodies can be large, so with them rows come one by one. */
export async function* streamRows(
  connection: PostgresConnection,
  selection: Selection,
  fields: readonly ExportField[],
): AsyncGenerator<Cell[][]> {
  const ends = await findPageEnds(connection, selection);
  if (ends === null) return;
  const withBodies = fields.some((field) => !isColumn(field));
  const columns = fields.map((field) => (isColumn(field) ? FIELD_SQL[field] : 'null::text'));
  for (let cursor: AttemptKey | null = null; ;) {
    const conditions = makeConditions();
    addStretch(conditions, selection, ends, cursor);
    const rows: KeyedLine[] = await connection.rows<KeyedLine>(
      `select ${[...KEY_SQL, ...columns].join(', ')}
       from hookproof.attempt where ${whereSql(conditions)}
       order by started_at ${selection.order}, id ${selection.order} limit ${CHUNK_ROWS}`,
      conditions.values,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    if (withBodies) yield* withTheirBodies(connection, rows, fields);
    else yield rows.map((row) => row.slice(KEYS) as Cell[]);
    if (rows.length < CHUNK_ROWS) return;
    cursor = { timestamp: last[0], id: last[1] };
  }
}

/** As many bodies at once as may be held. */
async function* withTheirBodies(
  connection: PostgresConnection,
  rows: readonly KeyedLine[],
  fields: readonly ExportField[],
): AsyncGenerator<Cell[][]> {
  const [requestAt, responseAt] = [fields.indexOf('requestBody'), fields.indexOf('responseBody')];
  for (const load of inLoads(rows.map((row) => ({ row, bytes: row[4] })))) {
    const bodies = await readBodies(
      connection,
      load.map(({ row }) => row),
    );
    for (const [index, { row }] of load.entries()) {
      const [, , webhookUuid, deliveryId, , isAnswered, ...values] = row;
      const cells: Cell[] = [...values];
      const [request = null, response = null] = bodies[index] ?? [];
      if (requestAt !== -1) cells[requestAt] = request ?? (await readRequestBody(connection, webhookUuid, deliveryId));
      // An empty answer is something else than none.
      if (responseAt !== -1) cells[responseAt] = isAnswered ? response : null;
      yield [cells];
    }
  }
}

/** Null where there is none; of a request also where it is so large that it comes part by part. */
type Bodies = readonly [request: Uint8Array | null, response: Uint8Array | null];

/** `offset 0` keeps each look-up one by the index. */
const BODIES = `select d.body, e.response_body
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality wanted (webhook_uuid, delivery_id, attempt_id, at)
  left join lateral (select case when octet_length(body) <= ${PART_BYTES} then body end as body
    from hookproof.delivery where webhook_uuid = wanted.webhook_uuid and id = wanted.delivery_id offset 0) d on true
  left join lateral (select response_body from hookproof.exchange where webhook_uuid = wanted.webhook_uuid
    and delivery_id = wanted.delivery_id and attempt_id = wanted.attempt_id offset 0) e on true
  order by wanted.at`;

function readBodies(connection: PostgresConnection, rows: readonly KeyedLine[]): Promise<Bodies[]> {
  const columns = [rows.map((row) => row[2]), rows.map((row) => row[3]), rows.map((row) => row[1])];
  return connection.rows<Bodies>(BODIES, columns.map(arrayText));
}

/** The whole body of a delivery; null when there is no such delivery. */
export async function readRequestBody(
  connection: PostgresConnection,
  webhookUuid: string,
  deliveryId: string,
): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (let [at, bytes] = [0, 1]; at < bytes; at += PART_BYTES) {
    const [row] = await connection.rows<[part: Uint8Array, bytes: number]>(
      `select substring(body from $3 for ${PART_BYTES}), octet_length(body)
       from hookproof.delivery where webhook_uuid = $1 and id = $2`,
      [webhookUuid, deliveryId, at + 1],
    );
    if (row === undefined) return null;
    parts.push(row[0]);
    bytes = row[1];
  }
  return new Uint8Array(Buffer.concat(parts));
}
