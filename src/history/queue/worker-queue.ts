import { resolve } from 'node:path';
import type { Database } from '../database.ts';
import { insertRecords } from '../insert-batch.ts';
import type { ClaimedDelivery, SettledAttempt, WorkerQueue, WorkerQueueOptions } from '../queue.ts';
import { toClaimed, type ClaimedRow } from '../queued-row.ts';
import { countWaiting } from './queue-reader.ts';
import { queueOf } from './sqlite-queue.ts';
import { openWithQueue } from './tables.ts';
import { lockForWorker } from './worker-lock.ts';

/**
 * Opens the queue in the SQLite file `path` for the one worker that it may have at a time. Throws AppError `history`
 * when there is another.
 */
export async function openWorkerQueue(
  path: string,
  { once, nowMs: openedAt }: Pick<WorkerQueueOptions, 'once' | 'nowMs'>,
): Promise<WorkerQueue> {
  const database = await openWithQueue(resolve(path));
  const unlock = await lockForWorker(database.path);
  const queue = queueOf(database);
  let orphans: ClaimedDelivery[] | null = readClaimed(database, 'true', []);
  return {
    ...queue,
    counts: async (nowMs) => countWaiting(database, once ? openedAt : nowMs),
    listNext: async (nowMs) =>
      listDue(database, once ? openedAt : Number.MAX_SAFE_INTEGER).map(([webhookUuid, dueAt]) => ({
        webhookUuid,
        inMs: dueAt - nowMs,
      })),
    claim: async (webhookUuid, most, nowMs) =>
      database.transact(() => claimDue(database, webhookUuid, { most, dueMs: once ? openedAt : nowMs, nowMs })),
    postpone: async () => undefined,
    settle: async (items) =>
      database.transact(() => {
        const records = items.map(({ delivery, attempt }) => [delivery, attempt] as const);
        insertRecords(database, records);
        for (const item of items) settleOne(database, item);
      }),
    release: async (items) => database.transact(() => items.forEach((item) => releaseOne(database, item))),
    takeOrphans: async () => {
      const found = orphans ?? [];
      orphans = null;
      return found;
    },
    close: async () => {
      await queue.close();
      unlock();
    },
  };
}

/**
 * Of each webhook that is not held, when the first is due. It jumps from one to the next in the index instead of
 * reading all that waits.
 */
function listDue(database: Database, untilMs: number): (readonly [webhookUuid: string, dueAt: number])[] {
  return database
    .prepare<[string, number]>(
      `with recursive known (uuid) as (
         select min(webhook_uuid) from queued
         union all
         select (select min(webhook_uuid) from queued where webhook_uuid > uuid) from known where uuid is not null
       ), first (uuid, due_at) as (
         select uuid, (select min(due_at) from queued where webhook_uuid = uuid and due_at is not null) from known
         where uuid is not null and uuid not in (select webhook_uuid from held_webhook)
       )
       select uuid, due_at from first where due_at <= ? order by due_at`,
    )
    .all(untilMs);
}

function claimDue(
  database: Database,
  webhookUuid: string,
  { most, dueMs, nowMs }: { most: number; dueMs: number; nowMs: number },
): ClaimedDelivery[] {
  // The order of the index: by the id, all that is due at the same time would be sorted for each few, and after
  // `queue retry --all` that is the whole queue.
  const ids = database
    .prepare<[string]>(
      'select delivery_id from queued where webhook_uuid = ? and due_at <= ? order by due_at, rowid limit ?',
    )
    .all(webhookUuid, dueMs, most)
    .map(([id]) => id);
  const list = JSON.stringify(ids);
  const wanted = 'delivery_id in (select value from json_each(?))';
  database
    .prepare(`insert into under_way select delivery_id, webhook_uuid, ?, due_at from queued where ${wanted}`)
    .run(nowMs, list);
  database.prepare(`update queued set due_at = null where ${wanted}`).run(list);
  return readClaimed(database, `q.${wanted}`, [list]);
}

function readClaimed(database: Database, where: string, values: readonly string[]): ClaimedDelivery[] {
  return database
    .prepare<ClaimedRow>(
      `select u.delivery_id, u.webhook_uuid, u.began_at, u.due_at, q.number, q.since_first_ms, q.vendor, q.event,
         q.event_id, q.url, q.method, q.created_at, q.headers, q.has_own_signature, q.reach
       from under_way u join queued q on q.delivery_id = u.delivery_id where ${where}`,
    )
    .all(...values)
    .map((row) => toClaimed(row, readBody(database, row[0]), ''));
}

function readBody(database: Database, deliveryId: string): Uint8Array {
  const parts = database
    .prepare<[Uint8Array]>('select bytes from queued_body where delivery_id = ? order by part')
    .all(deliveryId);
  return new Uint8Array(Buffer.concat(parts.map(([bytes]) => bytes)));
}

function settleOne(database: Database, { delivery, next, hold }: SettledAttempt): void {
  database.prepare('delete from under_way where delivery_id = ?').run(delivery.id);
  if (next === null) {
    database.prepare('delete from queued_body where delivery_id = ?').run(delivery.id);
    database.prepare('delete from queued where delivery_id = ?').run(delivery.id);
  } else
    database
      .prepare('update queued set due_at = ?, number = ?, since_first_ms = ? where delivery_id = ?')
      .run(Math.ceil(next.dueAt), next.number, next.sinceFirstMs, delivery.id);
  if (hold !== undefined)
    database
      .prepare('insert into held_webhook values (?, ?, ?) on conflict (webhook_uuid) do nothing')
      .run(delivery.webhookUuid, hold.heldAt, hold.reason);
}

function releaseOne(database: Database, { delivery, dueAt }: ClaimedDelivery): void {
  database.prepare('update queued set due_at = ? where delivery_id = ?').run(dueAt, delivery.id);
  database.prepare('delete from under_way where delivery_id = ?').run(delivery.id);
}
