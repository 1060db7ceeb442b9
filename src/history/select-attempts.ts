import type { BODY_FIELDS, ExportField } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';
import type { SqlValue } from './database.ts';

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

/** The newest and the oldest attempt of a page. */
export interface PageEnds {
  newest: AttemptKey;
  oldest: AttemptKey;
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

/** `webhookUuid` comes first; `withRange` adds `from` and `to`. */
export function whereOf(selection: Selection, { withRange }: { withRange: boolean }): SqlCondition {
  const { webhookUuid } = selection;
  const condition: SqlCondition =
    webhookUuid === null ? { sql: 'true', values: [] } : { sql: 'webhook_uuid = ?', values: [webhookUuid] };
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
  add('direction = ?', selection.direction ?? null);
  if (webhookUuid !== null) add(NO_TEST, selection.includeTests ? null : webhookUuid);
  else if (!selection.includeTests) condition.sql += ` and purpose = 'event'`;
  return condition;
}

export function compareKeys(a: AttemptKey, b: AttemptKey): number {
  const [one, other] = a.timestamp === b.timestamp ? [a.id, b.id] : [a.timestamp, b.timestamp];
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * What comes after `cursor` (or from the page's first row) up to the page's last row. The page's ends lie
 * inside `from` and `to`; were those repeated here, SQLite would start every chunk at them instead of at
 * the cursor, and the whole export would take quadratic time.
 */
export function chunkAfter(selection: Selection, ends: PageEnds, cursor: AttemptKey | null): SqlCondition {
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
