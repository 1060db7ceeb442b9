import type { QueueCounts, QueueFilter, QueueReader, WaitingDelivery } from '../../queue.ts';
import { toCounts, toWaiting, type CountsRow, type WaitingRow } from '../../queued-row.ts';
import { connectPostgres, type PostgresConnection, type ServerValue } from '../connection.ts';
import { readVersion } from '../schema.ts';

/** The version of the tables that brought the queue. */
const WITH_QUEUE = 2;

/** Opens the queue in the database at `address` to read it: nothing is written, and no table is made. */
export async function openPostgresQueueReader(address: string): Promise<QueueReader> {
  const connection = await connectPostgres(address);
  const version = await readVersion(connection).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const reader = queueReaderOf(connection);
  if (version >= WITH_QUEUE) return reader;
  return { ...reader, list: async () => [], counts: async () => [] };
}

export function queueReaderOf(connection: PostgresConnection): QueueReader {
  return {
    path: connection.path,
    list: (filter) => listWaiting(connection, filter),
    counts: () => countWaiting(connection, null),
    close: () => connection.close(),
  };
}

/** A time as milliseconds since the epoch. */
export const epochMs = (column: string): string => `floor(extract(epoch from ${column}) * 1000)::bigint`;

async function listWaiting(connection: PostgresConnection, filter: QueueFilter): Promise<WaitingDelivery[]> {
  const { sql, values } = whereOf(filter);
  const rows = await connection.rows<WaitingRow>(
    `select delivery_id, webhook_uuid, vendor, event, event_id, url, ${epochMs('created_at')}, number,
       ${epochMs('due_at')}, (webhook_uuid in (select webhook_uuid from hookproof.held_webhook))::integer
     from hookproof.queued where ${sql} order by due_at nulls first, delivery_id limit $${values.length + 1}`,
    [...values, filter.limit ?? null],
  );
  return rows.map(toWaiting);
}

/** Of the table `queued`. */
export function whereOf(filter: QueueFilter): { sql: string; values: ServerValue[] } {
  const { webhookUuid, vendor, event, idBeginning, sinceMs } = filter;
  const conditions: [sql: (place: string) => string, value: ServerValue | undefined][] = [
    [(place) => `webhook_uuid = ${place}::uuid`, webhookUuid],
    [(place) => `vendor = ${place}`, vendor],
    [(place) => `event = ${place}`, event],
    [(place) => `starts_with(delivery_id::text, ${place})`, idBeginning],
    [(place) => `created_at >= to_timestamp(${place}::numeric / 1000)`, sinceMs],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  return {
    sql: ['true', ...given.map(([sql], index) => sql(`$${index + 1}`))].join(' and '),
    values: given.map(([, value]) => value as ServerValue),
  };
}

/** @param bound what is due by then, as the database writes a time; null: by now */
export async function countWaiting(connection: PostgresConnection, bound: string | null): Promise<QueueCounts[]> {
  // A reader of the queue has no right to the table of what is under way, and needs it for no bound.
  const underWay =
    bound === null
      ? 'true'
      : `exists (select 1 from hookproof.under_way u
           where u.webhook_uuid = q.webhook_uuid and u.delivery_id = q.delivery_id and u.due_at <= moment)`;
  const rows = await connection.rows<CountsRow>(
    `with by_then as materialized (select coalesce($1::timestamptz, clock_timestamp()) as moment)
     select w.webhook_uuid,
       (select url from hookproof.queued u where u.webhook_uuid = w.webhook_uuid order by delivery_id desc limit 1),
       count(*) filter (where q.due_at <= moment), count(*) filter (where q.due_at > moment),
       count(*) filter (where q.delivery_id is not null and q.due_at is null and ${underWay}),
       ${epochMs('min(q.due_at)')},
       ${epochMs('h.held_at')}, h.reason
     from (select webhook_uuid from hookproof.queued union select webhook_uuid from hookproof.held_webhook) w
     left join hookproof.queued q on q.webhook_uuid = w.webhook_uuid
     left join hookproof.held_webhook h on h.webhook_uuid = w.webhook_uuid
     cross join by_then
     group by w.webhook_uuid, h.held_at, h.reason order by min(q.due_at)`,
    [bound],
  );
  return rows.map(toCounts);
}
