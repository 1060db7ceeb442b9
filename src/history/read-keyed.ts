import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import { keyOf, mergeKeyed, type KeyedRow } from './merge-keyed.ts';
import { findPageEnds, partsOf } from './page-ends.ts';
import { chunkAfter, type AttemptKey, type PageEnds } from './select-attempts.ts';
import { readWebhookUuids } from './webhook-uuids.ts';

const CHUNK_ROWS = 500;

/**
 * Attempts as rows, chunk by chunk, in the order of the selection: `columns` behind the key of each. Those of all
 * webhooks are merged from the rows of each, which stand in the order of time; memory grows with the webhooks alone.
 */
export function* readKeyed<Row extends KeyedRow>(
  database: Database,
  selection: Selection,
  columns: string,
): Generator<Row[]> {
  const ends = findPageEnds(database, selection);
  if (ends === null) return;
  if (selection.webhookUuid !== null) {
    yield* readOne<Row>(database, selection, selection.webhookUuid, ends, columns);
    return;
  }
  const ofEach = readWebhookUuids(database).map((uuid) =>
    flatten(readOne<Row>(database, selection, uuid, ends, columns)),
  );
  yield* inChunks(mergeKeyed(ofEach, selection.order === 'asc' ? 1 : -1));
}

function* readOne<Row extends KeyedRow>(
  database: Database,
  selection: Selection,
  webhookUuid: string,
  ends: PageEnds,
  columns: string,
): Generator<Row[]> {
  for (const part of partsOf(database, selection, webhookUuid, ends))
    yield* readPart<Row>(database, { ...selection, webhookUuid }, part, columns);
}

function* readPart<Row extends KeyedRow>(
  database: Database,
  selection: Selection,
  ends: PageEnds,
  columns: string,
): Generator<Row[]> {
  for (let cursor: AttemptKey | null = null; ;) {
    const where = chunkAfter(selection, ends, cursor);
    const rows: Row[] = database
      .prepare<Row>(
        `select timestamp, id, ${columns} from attempt where ${where.sql}
         order by timestamp ${selection.order}, id ${selection.order} limit ${CHUNK_ROWS}`,
      )
      .all(...where.values);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK_ROWS) return;
    cursor = keyOf(last);
  }
}

function* flatten<Row>(chunks: Iterable<Row[]>): Generator<Row> {
  for (const chunk of chunks) yield* chunk;
}

function* inChunks<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let chunk: Row[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
