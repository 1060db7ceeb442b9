import type { Cell, ExportField } from '../../model/export-field.ts';
import { escapeUnseenBytes } from '../../model/json.ts';
import type { Selection } from '../../model/selection.ts';
import type { LineChunk, LineLayout } from '../history.ts';
import type { AttemptKey } from '../select-attempts.ts';
import type { PostgresConnection, ServerValue } from './connection.ts';
import { isColumn, lineSql } from './line-sql.ts';
import { addChunk, FIELD_SQL, findPageEnds, isoText, makeConditions, whereSql } from './select-attempts.ts';

const CHUNK_LINES = 2000;

/**
 * Attempts as lines, made by the server chunk by chunk, each of them one row: rows that come one by one take several
 * times longer. No transaction stays open between chunks, so a slow reader (`| less`) keeps nothing from being tidied
 * up; the ends are fixed before the first chunk.
 */
export async function* streamLines(
  connection: PostgresConnection,
  selection: Selection,
  { fields, style, separator }: LineLayout,
): AsyncGenerator<LineChunk> {
  const ends = await findPageEnds(connection, selection);
  if (ends === null) return;
  const line = lineSql(fields, style);
  let previous = selection.order === 'desc' ? ends.newest : ends.oldest;
  for (let cursor: AttemptKey | null = null; ;) {
    const conditions = makeConditions([separator]);
    addChunk(conditions, selection, ends, cursor);
    const [row] = await connection.rows<[text: string | null, rows: number, timestamp: string, id: string]>(
      `select string_agg(line, $1), count(*), (array_agg(${isoText('started_at')}))[count(*)], (array_agg(id))[count(*)]
       from (
         select ${line} as line, started_at, id from hookproof.attempt where ${whereSql(conditions)}
         order by started_at ${selection.order}, id ${selection.order} limit ${CHUNK_LINES}
       ) chunk`,
      conditions.values,
    );
    const [text = null, rows = 0, timestamp = '', id = ''] = row ?? [];
    if (text === null || rows === 0) return;
    const written = Buffer.from(`${cursor === null ? '' : separator}${text}`);
    cursor = { timestamp, id };
    const bytes = style === 'csv' ? written : escapeUnseenBytes(written);
    yield { bytes, rows, firstTimestamp: previous.timestamp, lastTimestamp: timestamp };
    if (rows < CHUNK_LINES) return;
    previous = cursor;
  }
}

const CHUNK_ROWS = 500;

type KeyedLine = readonly [
  timestamp: string,
  id: string,
  webhookUuid: string,
  deliveryId: string,
  ...cells: (string | number | null)[],
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
    addChunk(conditions, selection, ends, cursor);
    const rows: KeyedLine[] = await connection.rows<KeyedLine>(
      `select ${[isoText('started_at'), 'id', 'webhook_uuid', 'delivery_id', ...columns].join(', ')}
       from hookproof.attempt where ${whereSql(conditions)}
       order by started_at ${selection.order}, id ${selection.order} limit ${CHUNK_ROWS}`,
      conditions.values,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    if (withBodies) for (const row of rows) yield [await readBodies(connection, row, fields)];
    else yield rows.map(([, , , , ...cells]) => cells);
    if (rows.length < CHUNK_ROWS) return;
    cursor = { timestamp: last[0], id: last[1] };
  }
}

async function readBodies(
  connection: PostgresConnection,
  [, id, webhookUuid, deliveryId, ...cells]: KeyedLine,
  fields: readonly ExportField[],
): Promise<Cell[]> {
  const values: Cell[] = [...cells];
  for (const [index, field] of fields.entries()) {
    if (field === 'requestBody') values[index] = await readRequestBody(connection, webhookUuid, deliveryId);
    if (field === 'responseBody') values[index] = await readResponseBody(connection, [webhookUuid, deliveryId, id]);
  }
  return values;
}

/** What is read of a body at a time: its bytes come as text of twice their length. */
export const PART_BYTES = 1024 * 1024;

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

/** Null when there was no answer: an empty answer is something else. */
async function readResponseBody(
  connection: PostgresConnection,
  keys: readonly ServerValue[],
): Promise<Uint8Array | null> {
  const [row] = await connection.rows<[Uint8Array | null]>(
    `select case when a.status is null then null else e.response_body end
     from hookproof.exchange e join hookproof.attempt a
       on a.webhook_uuid = e.webhook_uuid and a.started_at = e.started_at and a.id = e.attempt_id
     where e.webhook_uuid = $1 and e.delivery_id = $2 and e.attempt_id = $3`,
    keys,
  );
  return row?.[0] ?? null;
}
