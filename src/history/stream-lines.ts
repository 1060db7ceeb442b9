import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import type { LineChunk, LineRecipe } from './history.ts';
import { chunkAfter, COLUMNS, findNewest, findPageEnds, type Key } from './select-attempts.ts';

/** Measured best on one million attempts: more costs memory, less costs time. */
const CHUNK_ROWS = 2000;

const TIMESTAMP_LENGTH = '2026-01-01T00:00:00.000Z'.length;

/**
 * Attempts as lines, made by SQLite chunk by chunk. No transaction stays open between chunks, so a slow
 * reader (`| less`) does not keep writers from tidying up; the ends are fixed before the first chunk.
 */
export async function* streamLines(
  database: Database,
  selection: Selection,
  recipe: LineRecipe,
): AsyncGenerator<LineChunk> {
  const ends = findPageEnds(database, selection);
  if (ends === null) return;
  let previous = selection.order === 'desc' ? ends.newest : ends.oldest;
  let cursor: Key | null = null;
  for (;;) {
    const where = chunkAfter(selection, ends, cursor);
    const row = database
      .prepare<[bytes: Uint8Array, rows: number, lastKey: string]>(chunkSql(where.sql, selection.order, recipe))
      .first(cursor === null ? '' : recipe.separator, recipe.separator, ...where.values);
    if (row === undefined || row[1] === 0) return;
    const [bytes, rows, lastKey] = row;
    cursor = { timestamp: lastKey.slice(0, TIMESTAMP_LENGTH), id: lastKey.slice(TIMESTAMP_LENGTH) };
    yield { bytes, rows, firstTimestamp: previous.timestamp, lastTimestamp: cursor.timestamp };
    if (rows < CHUNK_ROWS) return;
    previous = cursor;
  }
}

export function newestTimestamp(database: Database, selection: Selection): string | null {
  return findNewest(database, selection)?.timestamp ?? null;
}

/**
 * The lines leave as a blob because text would be decoded and encoded again on its way through JavaScript.
 * Timestamps are all of one length, so the order of `timestamp || id` is that of the rows.
 */
function chunkSql(where: string, order: Selection['order'], { fields, line }: LineRecipe): string {
  const columns = fields
    .filter((field) => field in COLUMNS)
    .map((field) => ({ field, sql: COLUMNS[field as keyof typeof COLUMNS] }));
  return `select cast(concat(?, group_concat(line, ?)) as blob), count(*), ${order === 'desc' ? 'min' : 'max'}(key)
    from (
      select ${line({ columns, needsCare: 'needs_care' })} as line, timestamp || id as key
      from attempt where ${where}
      order by timestamp ${order}, id ${order} limit ${CHUNK_ROWS}
    )`;
}
