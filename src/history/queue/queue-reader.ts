import { resolve } from 'node:path';
import type { Database, SqlValue } from '../database.ts';
import type { QueueCounts, QueueFilter, QueueReader, WaitingDelivery } from '../queue.ts';
import { toCounts, toWaiting, type CountsRow, type WaitingRow } from '../queued-row.ts';
import { openQueueForReading } from './tables.ts';

/** Opens the queue in the SQLite file `path` to read it: nothing is written, not even the file. */
export async function openQueueReader(path: string): Promise<QueueReader> {
  return queueReaderOf(await openQueueForReading(resolve(path)));
}

/** The work inside is synchronous: SQLite offers nothing else. */
export function queueReaderOf(database: Database): QueueReader {
  return {
    path: database.path,
    list: async (filter) => listWaiting(database, filter),
    counts: async (nowMs) => countWaiting(database, nowMs),
    close: async () => database.close(),
  };
}

function listWaiting(database: Database, filter: QueueFilter): WaitingDelivery[] {
  const { sql, values } = whereOf(filter);
  return database
    .prepare<WaitingRow>(
      `select delivery_id, webhook_uuid, vendor, event, event_id, url, created_at, number, due_at,
         webhook_uuid in (select webhook_uuid from held_webhook)
       from queued where ${sql} order by due_at, delivery_id limit ?`,
    )
    .all(...values, filter.limit ?? -1)
    .map(toWaiting);
}

/** Of the table `queued`. */
export function whereOf(filter: QueueFilter): { sql: string; values: SqlValue[] } {
  const { webhookUuid, vendor, event, idBeginning, sinceMs } = filter;
  const conditions: [sql: string, ...values: SqlValue[]][] = [['true']];
  if (webhookUuid !== undefined) conditions.push(['webhook_uuid = ?', webhookUuid]);
  if (vendor !== undefined) conditions.push(['vendor = ?', vendor]);
  if (event !== undefined) conditions.push(['event = ?', event]);
  if (idBeginning !== undefined)
    conditions.push(["delivery_id >= ? and delivery_id < ? || '~'", idBeginning, idBeginning]);
  if (sinceMs !== undefined) conditions.push(['created_at >= ?', sinceMs]);
  return {
    sql: conditions.map(([sql]) => sql).join(' and '),
    values: conditions.flatMap(([, ...values]) => values),
  };
}

/** The URL is that of the newest: an endpoint may have moved. A held webhook is listed even if nothing waits for it. */
export function countWaiting(database: Database, nowMs: number): QueueCounts[] {
  return database
    .prepare<CountsRow>(
      `select w.webhook_uuid,
         (select url from queued u where u.webhook_uuid = w.webhook_uuid order by delivery_id desc limit 1),
         count(*) filter (where q.due_at <= ?1), count(*) filter (where q.due_at > ?1),
         count(*) filter (where q.delivery_id is not null and q.due_at is null), min(q.due_at), h.held_at, h.reason
       from (select webhook_uuid from queued union select webhook_uuid from held_webhook) w
       left join queued q on q.webhook_uuid = w.webhook_uuid
       left join held_webhook h on h.webhook_uuid = w.webhook_uuid
       group by w.webhook_uuid order by min(q.due_at)`,
    )
    .all(nowMs)
    .map(toCounts);
}
