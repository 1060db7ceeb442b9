import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import { chunkAfter, compareKeys, findPageEnds, type AttemptKey, type PageEnds } from './select-attempts.ts';
import { readWebhookUuids } from './webhook-uuids.ts';

const CHUNK_ROWS = 500;

/** An attempt's key, and what else of it was asked for. */
export type KeyedRow = readonly [timestamp: string, id: string, ...cells: (string | number | null)[]];

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
    yield* readOne<Row>(database, selection, ends, columns);
    return;
  }
  const ofEach = readWebhookUuids(database).map((webhookUuid) =>
    flatten(readOne<Row>(database, { ...selection, webhookUuid }, ends, columns)),
  );
  yield* inChunks(mergeRows(ofEach, selection.order === 'asc' ? 1 : -1));
}

function* readOne<Row extends KeyedRow>(
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

const keyOf = ([timestamp, id]: KeyedRow): AttemptKey => ({ timestamp, id });

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

/** `direction` is 1 for the oldest first, -1 for the newest. */
function* mergeRows<Row extends KeyedRow>(streams: readonly Generator<Row>[], direction: number): Generator<Row> {
  const heads: { row: Row; rest: Generator<Row> }[] = [];
  const put = (rest: Generator<Row>): void => {
    const { value, done } = rest.next();
    if (done) return;
    // The next of all stands at the end, where it is taken off in no time.
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const isLater = direction * compareKeys(keyOf((heads[middle] as { row: Row }).row), keyOf(value)) > 0;
      if (isLater) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { row: value, rest });
  };
  for (const stream of streams) put(stream);
  for (let next = heads.pop(); next !== undefined; next = heads.pop()) {
    yield next.row;
    put(next.rest);
  }
}
