import { FREE_TEXT_FIELDS, NUMBER_FIELDS, type Cell, type ExportField } from '../model/export-field.ts';
import { escapeUnseenBytes } from '../model/json.ts';
import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import type { LineChunk, LineLayout } from './history.ts';
import { readKeyed } from './read-keyed.ts';
import { readRequestBody } from './stored-values.ts';
import { findPageEnds, partsOf } from './page-ends.ts';
import { chunkAfter, COLUMNS, type AttemptKey } from './select-attempts.ts';

/** Measured best on one million attempts: more costs memory, less costs time. */
const CHUNK_LINES = 2000;

const TIMESTAMP_LENGTH = '2026-01-01T00:00:00.000Z'.length;

/**
 * Attempts as lines, made by SQLite chunk by chunk: rows carried through JavaScript one by one take several times
 * longer. No transaction stays open between chunks, so a slow reader (`| less`) does not keep writers from tidying up;
 * the ends are fixed before the first chunk.
 */
export async function* streamLines(
  database: Database,
  selection: Selection,
  layout: LineLayout,
): AsyncGenerator<LineChunk> {
  if (selection.webhookUuid === null) {
    yield* mergedLines(database, selection, layout);
    return;
  }
  const ends = findPageEnds(database, selection);
  if (ends === null) return;
  let firstTimestamp = (selection.order === 'desc' ? ends.newest : ends.oldest).timestamp;
  let isFirst = true;
  for (const part of partsOf(database, selection, selection.webhookUuid, ends)) {
    for (let cursor: AttemptKey | null = null; ;) {
      const where = chunkAfter(selection, part, cursor);
      const row: LinesRow | undefined = database
        .prepare<LinesRow>(chunkSql(where.sql, selection.order, layout))
        .first(...where.values);
      if (row === undefined || row[1] === 0) break;
      const [written, rows, lastKey] = row;
      const bytes = finish(written, isFirst, layout);
      cursor = { timestamp: lastKey.slice(0, TIMESTAMP_LENGTH), id: lastKey.slice(TIMESTAMP_LENGTH) };
      isFirst = false;
      yield { bytes, rows, firstTimestamp, lastTimestamp: cursor.timestamp };
      firstTimestamp = cursor.timestamp;
      if (rows < CHUNK_LINES) break;
    }
  }
}

/** Each line came with the separator before it: the first of all stands behind none. */
function finish(written: Uint8Array, isFirst: boolean, { style, separator }: LineLayout): Uint8Array {
  const lines = isFirst ? written.subarray(Buffer.byteLength(separator)) : written;
  return style === 'csv' ? lines : escapeUnseenBytes(lines);
}

type LinesRow = readonly [bytes: Uint8Array, rows: number, lastKey: string];

/** Lines of all webhooks pass through JavaScript: they are merged by the keys of their rows. */
function* mergedLines(database: Database, selection: Selection, layout: LineLayout): Generator<LineChunk> {
  let isFirst = true;
  for (const rows of readKeyed<LineRow>(database, selection, lineSql(layout))) {
    const bytes = finish(Buffer.from(rows.map(([, , line]) => line).join('')), isFirst, layout);
    isFirst = false;
    yield {
      bytes,
      rows: rows.length,
      firstTimestamp: rows[0]?.[0] ?? '',
      lastTimestamp: rows.at(-1)?.[0] ?? '',
    };
  }
}

type LineRow = readonly [timestamp: string, id: string, line: string];

/**
 * The lines leave as a blob because JavaScript would decode text and encode it again.
 * Timestamps are all of one length, so the order of `timestamp || id` is that of the rows.
 */
function chunkSql(where: string, order: Selection['order'], layout: LineLayout): string {
  return `select cast(group_concat(line, '') as blob), count(*), ${order === 'desc' ? 'min' : 'max'}(key)
    from (
      select ${lineSql(layout)} as line, timestamp || id as key
      from attempt where ${where}
      order by timestamp ${order}, id ${order} limit ${CHUNK_LINES}
    )`;
}

/**
 * A line behind its separator: put there in one step with the cells, it costs no copy of a whole chunk. Writes every
 * text with care only in rows that need it: `needs_care` is known of each since it was recorded.
 */
function lineSql({ fields, style, separator }: LineLayout): string {
  const columns = fields.flatMap((field) => (isColumn(field) ? [{ field, sql: COLUMNS[field] }] : []));
  const write = style === 'csv' ? csvLineSql : jsonLineSql;
  const before = `'${separator.replaceAll("'", "''")}'`;
  return `case when needs_care then ${write(before, columns, true)} else ${write(before, columns, false)} end`;
}

type LineColumn = Readonly<{ field: ExportField; sql: string }>;

/** Not `concat_ws`: in SQLite 3.45 it leaves out the separator of an empty text. Nulls become empty. */
function csvLineSql(before: string, columns: readonly LineColumn[], withCare: boolean): string {
  const cells = columns.map(({ field, sql }) => (withCare && FREE_TEXT_FIELDS.has(field) ? csvTextSql(sql) : sql));
  // A line that is empty altogether would be skipped by many readers.
  const whole = cells.length === 1 ? `ifnull(nullif(${cells[0]}, ''), '""')` : cells.join(`, ',', `);
  return `concat(${before}, ${whole})`;
}

/** RFC 4180 quotes, and an apostrophe before what a spreadsheet would run. */
function csvTextSql(sql: string): string {
  const safe = `case when ${sql} glob '[=+@\t\r\n-]*' then concat('''', ${sql}) else ${sql} end`;
  return `case when ${sql} glob '*[",\r\n]*' then concat('"', replace(${safe}, '"', '""'), '"') else ${safe} end`;
}

/** SQLite's own json_object is ten times slower than joining texts. */
function jsonLineSql(before: string, columns: readonly LineColumn[], withCare: boolean): string {
  const parts = columns.flatMap(({ field, sql }, index) => {
    const quoted = withCare && FREE_TEXT_FIELDS.has(field) ? `json_quote(${sql})` : `'"' || ${sql} || '"'`;
    return [`'${index === 0 ? '{' : ','}"${field}":'`, `ifnull(${NUMBER_FIELDS.has(field) ? sql : quoted}, 'null')`];
  });
  return `concat(${before}, ${parts.join(', ')}, '}')`;
}

type CellRow = readonly [timestamp: string, id: string, deliveryId: string, ...cells: (string | number | null)[]];

/** Attempts as values in the order of `fields`; bodies can be large, so with them rows come one by one. */
export async function* streamRows(
  database: Database,
  selection: Selection,
  fields: readonly ExportField[],
): AsyncGenerator<Cell[][]> {
  const columns = fields.map((field) => (isColumn(field) ? COLUMNS[field] : 'null'));
  const withBodies = fields.some((field) => !isColumn(field));
  for (const rows of readKeyed<CellRow>(database, selection, ['delivery_id', ...columns].join(', '))) {
    if (withBodies) for (const row of rows) yield [readBodies(database, row, fields)];
    else yield rows.map(([, , , ...cells]) => cells);
  }
}

function readBodies(database: Database, [, id, deliveryId, ...cells]: CellRow, fields: readonly ExportField[]): Cell[] {
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

function isColumn(field: ExportField): field is keyof typeof COLUMNS {
  return field in COLUMNS;
}
