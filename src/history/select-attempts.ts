import type { BODY_FIELDS, ExportField } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';
import type { Database, SqlValue } from './database.ts';

/** The column of `attempt` that holds each field; bodies are fetched on their own. */
export const COLUMNS = {
  timestamp: 'timestamp',
  webhookUuid: 'webhook_uuid',
  deliveryId: 'delivery_id',
  attempt: 'attempt',
  direction: 'direction',
  vendor: 'vendor',
  event: 'event',
  eventId: 'event_id',
  url: 'url',
  outcome: 'outcome',
  status: 'status',
  errorCode: 'error_code',
  error: 'error',
  durationMs: 'duration_ms',
  requestBytes: 'request_bytes',
  responseBytes: 'response_bytes',
  remoteAddress: 'remote_address',
  purpose: 'purpose',
} as const satisfies Record<Exclude<ExportField, (typeof BODY_FIELDS)[number]>, string>;

/** The place of one attempt in the order of time: attempts of the same millisecond go by id. */
export interface AttemptKey {
  timestamp: string;
  id: string;
}

export interface SqlCondition {
  sql: string;
  values: SqlValue[];
}

/**
 * The purpose stands at the end of a row: reading it takes 3 % of an export's time. SQLite asks once whether the
 * webhook has any test, and reads the purpose of its attempts only if it has.
 */
const NO_TEST = `(not exists (select 1 from attempt where webhook_uuid = ? and purpose = 'test') or purpose = 'event')`;

function whereOf(selection: Selection, { withRange }: { withRange: boolean }): SqlCondition {
  const condition: SqlCondition = { sql: 'webhook_uuid = ?', values: [selection.webhookUuid] };
  const add = (sql: string, value: string | number | null): void => {
    if (value === null) return;
    condition.sql += ` and ${sql}`;
    condition.values.push(value);
  };
  add('timestamp >= ?', withRange ? selection.from : null);
  add('timestamp <= ?', withRange ? selection.to : null);
  add('event = ?', selection.event);
  add('outcome <> ?', selection.failedOnly ? 'delivered' : null);
  add('sequence <= ?', selection.asOf);
  add(NO_TEST, selection.includeTests ? null : selection.webhookUuid);
  return condition;
}

/** The newest and the oldest attempt of the page; null when the page is empty. */
export function findPageEnds(
  database: Database,
  selection: Selection,
): { newest: AttemptKey; oldest: AttemptKey } | null {
  const { limit } = selection;
  const newest = findNewest(database, selection);
  if (newest === null) return null;
  const where = whereOf(selection, { withRange: true });
  const below: SqlCondition = {
    sql: `${where.sql} and (timestamp, id) <= (?, ?)`,
    values: [...where.values, newest.timestamp, newest.id],
  };
  const oldest =
    (limit === null ? null : findKey(database, below, 'desc', limit - 1)) ?? findKey(database, below, 'asc', 0);
  return { newest, oldest: oldest ?? newest };
}

/** The newest attempt of the page. One pass over the pages before it, not one for every chunk. */
function findNewest(database: Database, selection: Selection): AttemptKey | null {
  const { page, limit } = selection;
  return findKey(database, whereOf(selection, { withRange: true }), 'desc', limit === null ? 0 : (page - 1) * limit);
}

function findKey(
  database: Database,
  where: SqlCondition,
  order: Selection['order'],
  offset: number,
): AttemptKey | null {
  const row = database
    .prepare<[string, string]>(
      `select timestamp, id from attempt where ${where.sql} order by timestamp ${order}, id ${order} limit 1 offset ?`,
    )
    .first(...where.values, offset);
  return row === undefined ? null : { timestamp: row[0], id: row[1] };
}

/**
 * What comes after `cursor` (or from the page's first row) up to the page's last row. The page's ends lie
 * inside `from` and `to`; were those repeated here, SQLite would start every chunk at them instead of at
 * the cursor, and the whole export would take quadratic time.
 */
export function chunkAfter(
  selection: Selection,
  ends: { newest: AttemptKey; oldest: AttemptKey },
  cursor: AttemptKey | null,
): SqlCondition {
  const { sql, values } = whereOf(selection, { withRange: false });
  const descending = selection.order === 'desc';
  const [first, last] = descending ? [ends.newest, ends.oldest] : [ends.oldest, ends.newest];
  const start = cursor ?? first;
  const after = `(timestamp, id) ${descending ? '<' : '>'}${cursor === null ? '=' : ''} (?, ?)`;
  const until = `(timestamp, id) ${descending ? '>=' : '<='} (?, ?)`;
  return {
    sql: `${sql} and ${after} and ${until}`,
    values: [...values, start.timestamp, start.id, last.timestamp, last.id],
  };
}

export function newestTimestamp(database: Database, selection: Selection): string | null {
  return findNewest(database, selection)?.timestamp ?? null;
}
