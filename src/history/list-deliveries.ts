import type { Direction, Outcome } from '../model/attempt.ts';
import type { Database, SqlValue } from './database.ts';
import type { ListedAttempt, ListedDelivery, ListFilter } from './history.ts';
import { isoTime } from './record.ts';

type ListedRow = readonly [
  id: string,
  webhookUuid: string,
  vendor: string,
  event: string,
  eventId: string | null,
  direction: string,
  url: string,
  method: string,
  createdAt: string,
  requestBytes: number,
];

type ListedAttemptRow = readonly [
  number: number,
  timestamp: string,
  outcome: string,
  status: number | null,
  errorCode: string | null,
  error: string | null,
  durationMs: number,
];

const ATTEMPT_OF = `exchange e join attempt a
  on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = d.id`;

/** By way of its first attempts: the others' deliveries, however many, are not looked at. */
const OF_ONE_WEBHOOK = 'attempt f cross join delivery d on d.id = f.delivery_id';

/** Deliveries with their attempts, newest first: ids are UUIDv7, so their order is that of time. */
export function listDeliveries(database: Database, filter: ListFilter): ListedDelivery[] {
  const ofOne = filter.webhookUuid !== undefined;
  const conditions: [sql: string, value: SqlValue | undefined][] = [
    ['f.attempt = 1 and f.webhook_uuid = ?', filter.webhookUuid],
    ['d.vendor = ?', filter.vendor],
    ['d.event = ?', filter.event],
    ['d.direction = ?', filter.direction],
    ['d.created_at >= ?', filter.sinceMs === undefined ? undefined : isoTime(filter.sinceMs)],
    [
      `(select a.outcome from ${ATTEMPT_OF} order by a.attempt desc, a.timestamp desc limit 1) <> ?`,
      filter.failed ? 'delivered' : undefined,
    ],
  ];
  const given = conditions.filter((condition): condition is [string, SqlValue] => condition[1] !== undefined);
  const where = given.length === 0 ? '' : `where ${given.map(([sql]) => sql).join(' and ')}`;
  return database
    .prepare<ListedRow>(
      `select d.id, d.webhook_uuid, d.vendor, d.event, d.event_id, d.direction, d.url, d.method, d.created_at,
         length(d.body) + (select ifnull(sum(length(r.bytes)), 0) from body_rest r where r.delivery_id = d.id)
       from ${ofOne ? OF_ONE_WEBHOOK : 'delivery d'} ${where} order by ${ofOne ? 'f.timestamp desc, f.id desc' : 'd.id desc'} limit ?`,
    )
    .all(...given.map(([, value]) => value), filter.limit)
    .map((row) => toListed(row, readAttempts(database, row[0])));
}

function readAttempts(database: Database, deliveryId: string): ListedAttempt[] {
  return database
    .prepare<ListedAttemptRow>(
      `select a.attempt, a.timestamp, a.outcome, a.status, a.error_code, a.error, a.duration_ms
       from delivery d join ${ATTEMPT_OF} and d.id = ? order by a.attempt, a.timestamp, a.id`,
    )
    .all(deliveryId)
    .map(([number, timestamp, outcome, status, errorCode, error, durationMs]) => ({
      number,
      startedAt: Date.parse(timestamp),
      outcome: outcome as Outcome,
      status,
      errorCode,
      error,
      durationMs,
    }));
}

function toListed(row: ListedRow, attempts: ListedAttempt[]): ListedDelivery {
  const [id, webhookUuid, vendor, event, eventId, direction, url, method, createdAt, requestBytes] = row;
  return {
    id,
    webhookUuid,
    vendor,
    event,
    eventId,
    direction: direction as Direction,
    url,
    method,
    createdAt: Date.parse(createdAt),
    requestBytes,
    attempts,
  };
}
