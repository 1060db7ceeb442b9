import type { Cell, ExportField } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import { readRequestBody } from './request-body.ts';
import { chunkAfter, COLUMNS, findPageEnds, type Key } from './select-attempts.ts';

const CHUNK_ROWS = 500;

type Row = readonly [timestamp: string, id: string, deliveryId: string, ...cells: (string | number | null)[]];

/** Attempts as values in the order of `fields`; bodies can be large, so with them rows come one by one. */
export async function* streamRows(
  database: Database,
  selection: Selection,
  fields: readonly ExportField[],
): AsyncGenerator<Cell[][]> {
  const ends = findPageEnds(database, selection);
  if (ends === null) return;
  const columns = fields.map((field) => (field in COLUMNS ? COLUMNS[field as keyof typeof COLUMNS] : 'null'));
  const withBodies = fields.some((field) => !(field in COLUMNS));
  for (let cursor: Key | null = null; ;) {
    const where = chunkAfter(selection, ends, cursor);
    const rows = database
      .prepare<Row>(
        `select timestamp, id, delivery_id, ${columns.join(', ')} from attempt where ${where.sql}
         order by timestamp ${selection.order}, id ${selection.order} limit ${CHUNK_ROWS}`,
      )
      .all(...where.values);
    if (withBodies) for (const row of rows) yield [readBodies(database, row, fields)];
    else if (rows.length > 0) yield rows.map(([, , , ...cells]) => cells);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK_ROWS) return;
    cursor = { timestamp: last[0], id: last[1] };
  }
}

function readBodies(database: Database, [, id, deliveryId, ...cells]: Row, fields: readonly ExportField[]): Cell[] {
  return fields.map((field, index) => {
    if (field === 'requestBody') return readRequestBody(database, deliveryId);
    if (field === 'responseBody') return readResponseBody(database, deliveryId, id);
    return cells[index] ?? null;
  });
}

/** Null when there was no answer: an empty answer is something else. */
const RESPONSE_BODY = `select case when a.status is null then null else e.response_body end
  from exchange e join delivery d on d.id = e.delivery_id
  join attempt a on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = ? and e.attempt_id = ?`;

function readResponseBody(database: Database, deliveryId: string, attemptId: string): Uint8Array | null {
  return database.prepare<[Uint8Array | null]>(RESPONSE_BODY).first(deliveryId, attemptId)?.[0] ?? null;
}
