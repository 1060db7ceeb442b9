import { escapeUnseenBytes } from '../../model/json.ts';
import type { Selection } from '../../model/selection.ts';
import type { LineChunk, LineLayout } from '../history.ts';
import type { AttemptKey, PageEnds } from '../select-attempts.ts';
import { literal, type PostgresConnection } from './connection.ts';
import { lineSql, type LineSql } from './line-sql.ts';
import { addStretch, findEdge, findPageEnds, makeConditions, whereSql } from './select-attempts.ts';

/** More costs memory, less costs time: two stretches are held at a time. */
const STRETCH_ROWS = 5000;

/**
 * Attempts as lines, written by the server and copied stretch by stretch: rows that come as values take several times
 * longer. The next one is on its way while this one is written. No transaction stays open for a slow reader (`| less`),
 * so it keeps nothing from being tidied up; the ends are fixed before the first.
 */
export async function* streamLines(
  connection: PostgresConnection,
  selection: Selection,
  { fields, style, separator }: LineLayout,
): AsyncGenerator<LineChunk> {
  const ends = await findPageEnds(connection, selection);
  if (ends === null) return;
  const between = Buffer.from(separator);
  const read = (cursor: AttemptKey | null): Promise<CopiedStretch> => {
    const stretch = readStretch(connection, { selection, ends, cursor, line: lineSql(fields, style), between });
    // Its failure is met where it is awaited, which may be never.
    stretch.catch(() => undefined);
    return stretch;
  };
  let skipped = between.length;
  for (let next: Promise<CopiedStretch> | null = read(null); next !== null;) {
    const { lines, edge }: CopiedStretch = await next;
    next = edge === null ? null : read(edge);
    if (lines.rows === 0) continue;
    const bytes = lines.bytes().subarray(skipped);
    skipped = 0;
    const [firstTimestamp, lastTimestamp] = lines.times();
    yield {
      bytes: style === 'csv' ? bytes : escapeUnseenBytes(bytes),
      rows: lines.rows,
      firstTimestamp,
      lastTimestamp,
    };
  }
}

interface CopiedStretch {
  lines: Lines;
  /** The last key of this stretch, where another one follows. */
  edge: AttemptKey | null;
}

interface StretchQuestion {
  selection: Selection;
  ends: PageEnds;
  /** The last key of the stretch before. */
  cursor: AttemptKey | null;
  line: LineSql;
  between: Buffer;
}

async function readStretch(
  connection: PostgresConnection,
  { selection, ends, cursor, line, between }: StretchQuestion,
): Promise<CopiedStretch> {
  const { order } = selection;
  const edge = await findEdge(connection, selection, ends, cursor, STRETCH_ROWS);
  // `copy` takes no values beside it.
  const conditions = makeConditions([], literal);
  addStretch(conditions, selection, ends, cursor, edge);
  const lines = new Lines(line, between);
  await connection.copyOut(
    `copy (select ${line.columns} from hookproof.attempt where ${whereSql(conditions)}
       order by started_at ${order}, id ${order}) to stdout (${line.options})`,
    (row) => lines.add(row),
  );
  return { lines, edge };
}

const FIRST_BYTES = 64 * 1024;
/** A line that is empty altogether would be skipped by many readers. */
const EMPTY = Buffer.from('""');

/** Collects the rows of a `copy` behind one another, a separator before each. */
class Lines {
  readonly #line: LineSql;
  readonly #between: Buffer;
  readonly #delimiter: number;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  #first = '';
  #last = Buffer.alloc(0);
  rows = 0;

  constructor(line: LineSql, between: Buffer) {
    this.#line = line;
    this.#between = between;
    this.#delimiter = line.delimiter.charCodeAt(0);
  }

  /** @param row ends with a line feed */
  add(row: Buffer): void {
    const end = row.length - 1;
    const found = row.indexOf(this.#delimiter);
    const timeEnd = found === -1 ? end : found;
    this.#keepTime(row, timeEnd);
    const start = this.#line.isTimed ? timeEnd + 1 : 0;
    this.#put(this.#between, 0, this.#between.length);
    if (start < end) this.#put(row, start, end);
    else this.#put(EMPTY, 0, EMPTY.length);
    this.rows += 1;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  times(): [first: string, last: string] {
    return [this.#first, this.#last.toString('latin1')];
  }

  #keepTime(row: Buffer, end: number): void {
    if (this.rows === 0) this.#first = row.toString('latin1', 0, end);
    if (this.#last.length !== end) this.#last = Buffer.alloc(end);
    row.copy(this.#last, 0, 0, end);
  }

  #put(from: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    from.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }
}
