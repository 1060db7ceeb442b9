import type { Purpose } from '../model/attempt.ts';
import type { Selection } from '../model/selection.ts';
import type { Database, SqlValue } from './database.ts';
import { toListed, type DeliveryRow, type ListedAttemptRow } from './delivery-row.ts';
import type { DeliveryFilter, ListedDelivery, ListFilter } from './history.ts';
import { readKeyed } from './read-keyed.ts';
import { isoTime } from './stored-values.ts';

type ListedRow = readonly [...DeliveryRow, requestBytes: number];

/** What the delivery is for stands behind. */
type PurposefulRow = readonly [...ListedAttemptRow, purpose: string];

const ATTEMPT_OF = `exchange e join attempt a
  on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = d.id`;

/** Uses the index of tests, whether they are few among many deliveries or many among few. */
const OF_PURPOSE: Readonly<Record<Purpose, string>> = {
  event: `not exists (select 1 from attempt t
    where t.webhook_uuid = d.webhook_uuid and t.delivery_id = d.id and t.purpose = 'test')`,
  test: `d.id in (select delivery_id from attempt where purpose = 'test')`,
};

/** So many of the newest deliveries are looked at one by one: most lists are full before they end. */
const NEAR = 2000;

/** A clock that is set while an attempt is made may put it before its delivery. */
const CLOCK_SLACK_MS = 60_000;

/** Deliveries with their attempts, newest first: ids are UUIDv7, so their order is that of time. */
export function listDeliveries(database: Database, filter: ListFilter): ListedDelivery[] {
  return findRows(database, filter).map((row) => {
    const attempts = readAttempts(database, row[0]);
    return toListed(row, attempts[0]?.[8] ?? 'event', row[9], attempts);
  });
}

function findRows(database: Database, filter: ListFilter): ListedRow[] {
  const { webhookUuid, vendor, purpose } = filter;
  if (webhookUuid !== undefined && purpose !== 'test') {
    const newest = { ...selectionOf({ webhookUuid, purpose }), limit: NEAR };
    const near = hasOther(filter) ? findByAttempts(database, filter, newest) : null;
    return near?.isComplete ? near.rows : findByAttempts(database, filter, selectionOf(filter)).rows;
  }
  // Tests have an index, and of a vendor nothing is counted.
  if (purpose === 'test' || vendor !== undefined || !hasOther(filter))
    return selectRows(database, { source: 'delivery d' }, filter);
  const nearest = `(select id from delivery order by id desc limit ${NEAR}) n cross join delivery d on d.id = n.id`;
  const near = selectRows(database, { source: nearest }, filter);
  return near.length === filter.limit ? near : findByAttempts(database, filter, selectionOf(filter)).rows;
}

/** Whether it asks for more than a webhook and a purpose. */
const hasOther = ({ vendor, event, direction, failed, sinceMs }: DeliveryFilter): boolean =>
  failed === true || [vendor, event, direction, sinceMs].some((wanted) => wanted !== undefined);

/** Attempts among which each delivery of the filter has one: of a failed delivery the last attempt. */
const selectionOf = ({ webhookUuid, event, direction, purpose, failed, sinceMs }: DeliveryFilter): Selection => ({
  webhookUuid: webhookUuid ?? null,
  from: sinceMs === undefined ? null : isoTime(sinceMs - CLOCK_SLACK_MS),
  to: null,
  asOf: null,
  event: event ?? null,
  ...(direction === undefined ? {} : { direction }),
  failedOnly: failed === true,
  includeTests: purpose === undefined,
  order: 'desc',
  limit: null,
  page: 1,
});

/**
 * Walks from the newest attempt back, over what spans say holds none (spans.ts). No delivery is younger than its
 * attempts: once those that come are older than every delivery of a full list, it is complete.
 */
function findByAttempts(database: Database, filter: ListFilter, selection: Selection): FoundRows {
  let found = new Map<string, ListedRow>();
  for (const chunk of readKeyed<AttemptOfDelivery>(database, selection, 'delivery_id')) {
    const ids = new Set(chunk.map(([, , deliveryId]) => deliveryId).filter((id) => !found.has(id)));
    const wanted = { source: 'json_each(?) wanted cross join delivery d on d.id = wanted.value', ids: [...ids] };
    if (ids.size > 0) for (const row of selectRows(database, wanted, filter)) found.set(row[0], row);
    if (found.size < filter.limit) continue;
    found = new Map(newestOf(found, filter.limit).map((row) => [row[0], row]));
    const oldest = [...found.values()].reduce((ms, row) => Math.min(ms, Date.parse(row[8])), Infinity);
    if (Date.parse(chunk.at(-1)?.[0] ?? '') < oldest - CLOCK_SLACK_MS)
      return { rows: [...found.values()], isComplete: true };
  }
  return { rows: newestOf(found, filter.limit), isComplete: selection.limit === null };
}

interface FoundRows {
  rows: ListedRow[];
  /** Attempts that were not walked over could not add any. */
  isComplete: boolean;
}

const newestOf = (rows: ReadonlyMap<string, ListedRow>, limit: number): ListedRow[] =>
  [...rows.values()].toSorted(([a], [b]) => (a < b ? 1 : -1)).slice(0, limit);

type AttemptOfDelivery = readonly [timestamp: string, id: string, deliveryId: string];

interface Source {
  /** Where deliveries come from, as SQL. */
  source: string;
  /** Bound to the source, as JSON. */
  ids?: readonly string[];
}

function selectRows(database: Database, { source, ids }: Source, filter: ListFilter): ListedRow[] {
  const { sql, values } = whereOf(filter);
  return database
    .prepare<ListedRow>(
      `select d.id, d.webhook_uuid, d.vendor, d.event, d.event_id, d.direction, d.url, d.method, d.created_at,
         length(d.body) + (select ifnull(sum(length(r.bytes)), 0) from body_rest r where r.delivery_id = d.id)
       from ${source} ${sql} order by d.id desc limit ?`,
    )
    .all(...(ids === undefined ? [] : [JSON.stringify(ids)]), ...values, filter.limit);
}

function whereOf(filter: DeliveryFilter): { sql: string; values: SqlValue[] } {
  const { webhookUuid, vendor, event, direction, purpose, failed, sinceMs } = filter;
  const conditions: [sql: string, ...values: SqlValue[]][] = [];
  if (webhookUuid !== undefined) conditions.push(['d.webhook_uuid = ?', webhookUuid]);
  if (vendor !== undefined) conditions.push(['d.vendor = ?', vendor]);
  if (event !== undefined) conditions.push(['d.event = ?', event]);
  if (direction !== undefined) conditions.push(['d.direction = ?', direction]);
  if (purpose !== undefined) conditions.push([OF_PURPOSE[purpose]]);
  if (sinceMs !== undefined) conditions.push(['d.created_at >= ?', isoTime(sinceMs)]);
  if (failed) {
    const last = `select a.outcome from ${ATTEMPT_OF} order by a.attempt desc, a.timestamp desc limit 1`;
    conditions.push([`(${last}) <> 'delivered'`]);
  }
  if (conditions.length === 0) return { sql: '', values: [] };
  return {
    sql: `where ${conditions.map(([sql]) => sql).join(' and ')}`,
    values: conditions.flatMap(([, ...values]) => values),
  };
}

function readAttempts(database: Database, deliveryId: string): PurposefulRow[] {
  return database
    .prepare<PurposefulRow>(
      `select a.attempt, a.timestamp, a.outcome, a.status, a.error_code, a.error, a.duration_ms,
         e.timings ->> 'retryInMs', a.purpose
       from delivery d join ${ATTEMPT_OF} and d.id = ? order by a.attempt, a.timestamp, a.id`,
    )
    .all(deliveryId);
}
