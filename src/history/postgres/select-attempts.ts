import type { Selection } from '../../model/selection.ts';
import { COLUMNS, type AttemptKey, type PageEnds } from '../select-attempts.ts';
import type { PostgresConnection, ServerValue } from './connection.ts';
import { pointTime } from './latest-point.ts';

/** A moment as exports write it. */
export const isoText = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** How each field is read from `attempt`; bodies are fetched on their own. */
export const FIELD_SQL = { ...COLUMNS, timestamp: isoText('started_at'), attempt: 'number' };

/** Conditions, and the values that stand for $1, $2 … in them, if they are not written into them. */
export interface Conditions {
  sql: string[];
  values: ServerValue[];
  /** Keeps a value, and returns what stands for it. */
  put(value: ServerValue): string;
}

export function makeConditions(
  values: ServerValue[] = [],
  put: Conditions['put'] = (value) => `$${values.push(value)}`,
): Conditions {
  return { sql: [], values, put };
}

export const whereSql = ({ sql }: Conditions): string => (sql.length === 0 ? 'true' : sql.join(' and '));

function addSelection(conditions: Conditions, selection: Selection, { withRange }: { withRange: boolean }): void {
  const { put } = conditions;
  const add = (sql: (value: string) => string, value: string | null | undefined): void => {
    if (value !== null && value !== undefined) conditions.sql.push(sql(put(value)));
  };
  add((value) => `webhook_uuid = ${value}`, selection.webhookUuid);
  if (withRange) {
    add((value) => `started_at >= ${value}::timestamptz`, selection.from);
    add((value) => `started_at <= ${value}::timestamptz`, selection.to);
  }
  add((value) => `event = ${value}`, selection.event);
  add((value) => `direction = ${value}`, selection.direction);
  add((value) => `recorded_at <= ${value}::timestamptz`, selection.asOf === null ? null : pointTime(selection.asOf));
  if (selection.failedOnly) conditions.sql.push(`outcome <> 'delivered'`);
  if (!selection.includeTests) conditions.sql.push(`purpose = 'event'`);
}

const keyOf = ({ put }: Conditions, { timestamp, id }: AttemptKey): string =>
  `(${put(timestamp)}::timestamptz, ${put(id)}::uuid)`;

/** The newest and the oldest attempt of the page; null when the page is empty. */
export async function findPageEnds(connection: PostgresConnection, selection: Selection): Promise<PageEnds | null> {
  const { limit } = selection;
  const newest = await findNewest(connection, selection);
  if (newest === null) return null;
  const last = limit === null ? null : await findKey(connection, selection, 'desc', limit - 1, newest);
  return { newest, oldest: last ?? (await findKey(connection, selection, 'asc', 0, newest)) ?? newest };
}

/** The newest attempt of the page. */
export function findNewest(connection: PostgresConnection, selection: Selection): Promise<AttemptKey | null> {
  const { page, limit } = selection;
  return findKey(connection, selection, 'desc', limit === null ? 0 : (page - 1) * limit);
}

/** The attempt at `offset` in `order`, none of those in question newer than `newest`. */
async function findKey(
  connection: PostgresConnection,
  selection: Selection,
  order: Selection['order'],
  offset: number,
  newest?: AttemptKey,
): Promise<AttemptKey | null> {
  const conditions = makeConditions();
  addSelection(conditions, selection, { withRange: true });
  if (newest !== undefined) conditions.sql.push(`(started_at, id) <= ${keyOf(conditions, newest)}`);
  return keyAt(connection, conditions, order, offset);
}

/** The time is written of one alone: those before it are skipped. */
async function keyAt(
  connection: PostgresConnection,
  conditions: Conditions,
  order: Selection['order'],
  offset: number,
): Promise<AttemptKey | null> {
  const [row] = await connection.rows<[timestamp: string, id: string]>(
    `select ${isoText('started_at')}, id from (
       select started_at, id from hookproof.attempt where ${whereSql(conditions)}
       order by started_at ${order}, id ${order} limit 1 offset ${conditions.put(offset)}
     ) one`,
    conditions.values,
  );
  return row === undefined ? null : { timestamp: row[0], id: row[1] };
}

/**
 * The last of the next `rows` attempts after `cursor`, or from the page's first row; null when the page ends before.
 * All of the webhook count, whichever the selection asks for: their keys stand in an index, which takes no time.
 */
export async function findEdge(
  connection: PostgresConnection,
  { webhookUuid, order }: Selection,
  ends: PageEnds,
  cursor: AttemptKey | null,
  rows: number,
): Promise<AttemptKey | null> {
  const conditions = makeConditions();
  if (webhookUuid !== null) conditions.sql.push(`webhook_uuid = ${conditions.put(webhookUuid)}`);
  addRange(conditions, order, ends, cursor, null);
  return keyAt(connection, conditions, order, rows - 1);
}

/** What comes after `cursor`, or from the page's first row, up to `edge`, or to its last. */
export function addStretch(
  conditions: Conditions,
  selection: Selection,
  ends: PageEnds,
  cursor: AttemptKey | null,
  edge: AttemptKey | null = null,
): void {
  addSelection(conditions, selection, { withRange: false });
  addRange(conditions, selection.order, ends, cursor, edge);
}

function addRange(
  conditions: Conditions,
  order: Selection['order'],
  ends: PageEnds,
  cursor: AttemptKey | null,
  edge: AttemptKey | null,
): void {
  const descending = order === 'desc';
  const [first, last] = descending ? [ends.newest, ends.oldest] : [ends.oldest, ends.newest];
  const [start, stop] = [cursor ?? first, edge ?? last];
  const [from, to] = descending ? [stop, start] : [start, stop];
  const times = [from, to].map(({ timestamp }) => `${conditions.put(timestamp)}::timestamptz`);
  const beyond = `${descending ? '<' : '>'}${cursor === null ? '=' : ''}`;
  conditions.sql.push(
    `(started_at, id) ${beyond} ${keyOf(conditions, start)}`,
    `(started_at, id) ${descending ? '>=' : '<='} ${keyOf(conditions, stop)}`,
    // The same in part: of how many rows pairs leave, the planner has no idea.
    `started_at between ${times.join(' and ')}`,
  );
}
