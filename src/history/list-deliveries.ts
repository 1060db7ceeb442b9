import type { Purpose } from '../model/attempt.ts';
import type { Database, SqlValue } from './database.ts';
import { toListed, type DeliveryRow, type ListedAttemptRow } from './delivery-row.ts';
import type { ListedDelivery, ListFilter } from './history.ts';
import { isoTime } from './stored-values.ts';

type ListedRow = readonly [...DeliveryRow, requestBytes: number];

/** What the delivery is for stands behind. */
type PurposefulRow = readonly [...ListedAttemptRow, purpose: string];

const ATTEMPT_OF = `exchange e join attempt a
  on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = d.id`;

/** Goes through the webhook's first attempts: deliveries of others, however many, are not read. */
const OF_ONE_WEBHOOK = 'attempt f cross join delivery d on d.id = f.delivery_id';

/** Uses the index of tests, whether they are few among many deliveries or many among few. */
const OF_PURPOSE: Readonly<Record<Purpose, string>> = {
  event: `not exists (select 1 from attempt t
    where t.webhook_uuid = d.webhook_uuid and t.delivery_id = d.id and t.purpose = 'test')`,
  test: `d.id in (select delivery_id from attempt where purpose = 'test')`,
};

/** Deliveries with their attempts, newest first: ids are UUIDv7, so their order is that of time. */
export function listDeliveries(database: Database, filter: ListFilter): ListedDelivery[] {
  const ofOne = filter.webhookUuid !== undefined;
  const { sql, values } = whereOf(filter);
  return database
    .prepare<ListedRow>(
      `select d.id, d.webhook_uuid, d.vendor, d.event, d.event_id, d.direction, d.url, d.method, d.created_at,
         length(d.body) + (select ifnull(sum(length(r.bytes)), 0) from body_rest r where r.delivery_id = d.id)
       from ${ofOne ? OF_ONE_WEBHOOK : 'delivery d'} ${sql}
       order by ${ofOne ? 'f.timestamp desc, f.id desc' : 'd.id desc'} limit ?`,
    )
    .all(...values, filter.limit)
    .map((row) => {
      const attempts = readAttempts(database, row[0]);
      return toListed(row, attempts[0]?.[8] ?? 'event', row[9], attempts);
    });
}

function whereOf(filter: ListFilter): { sql: string; values: SqlValue[] } {
  const { webhookUuid, vendor, event, direction, purpose, failed, sinceMs } = filter;
  const conditions: [sql: string, ...values: SqlValue[]][] = [];
  if (webhookUuid !== undefined) conditions.push(['f.attempt = 1 and f.webhook_uuid = ?', webhookUuid]);
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
