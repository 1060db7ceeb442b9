import { resolve } from 'node:path';
import type { Database } from '../database.ts';
import { insertRecords } from '../insert-batch.ts';
import type { Queue, QueueFilter } from '../queue.ts';
import { PART_BYTES, storableText, withoutUrlCredentials } from '../stored-values.ts';
import { closeWritten } from '../writer.ts';
import type { QueuedDelivery } from '../../model/queued-delivery.ts';
import { queueReaderOf, whereOf } from './queue-reader.ts';
import { openWithQueue } from './tables.ts';

/** Opens the queue in the SQLite file `path` to fill and change it; makes the file and its tables when missing. */
export async function openQueue(path: string): Promise<Queue> {
  return queueOf(await openWithQueue(resolve(path)));
}

export function queueOf(database: Database): Queue {
  return {
    ...queueReaderOf(database),
    enqueue: async (items) => database.transact(() => items.forEach((item) => insertQueued(database, item))),
    recordFirst: async ({ delivery, attempt, rest }) =>
      database.transact(() => {
        insertRecords(database, [[delivery, attempt]]);
        if (rest !== null) insertQueued(database, rest);
      }),
    cancel: async (filter) => database.transact(() => cancelWaiting(database, filter)),
    makeDue: async (filter, nowMs) => {
      const { sql, values } = whereOf(filter);
      const update = database.prepare(`update queued set due_at = ? where due_at is not null and ${sql}`);
      return database.transact(() => update.run(nowMs, ...values).changes);
    },
    enable: async (webhookUuid) =>
      database.transact(
        () => database.prepare('delete from held_webhook where webhook_uuid = ?').run(webhookUuid).changes > 0,
      ),
    close: async () => closeWritten(database),
  };
}

function insertQueued(database: Database, item: QueuedDelivery): void {
  const { delivery, request, reach, number, sinceFirstMs, dueAt } = item;
  database
    .prepare(
      `insert into queued (delivery_id, webhook_uuid, due_at, number, since_first_ms, vendor, event, event_id, url,
         method, created_at, headers, has_own_signature, reach)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      delivery.id,
      delivery.webhookUuid,
      dueAt,
      number,
      sinceFirstMs,
      storableText(delivery.vendor),
      storableText(delivery.event),
      storableText(delivery.eventId),
      withoutUrlCredentials(delivery.url),
      delivery.method,
      delivery.createdAt,
      JSON.stringify(request.headers),
      request.hasOwnSignature ? 1 : 0,
      JSON.stringify(reach),
    );
  const insertPart = database.prepare('insert into queued_body (delivery_id, part, bytes) values (?, ?, ?)');
  for (let at = 0; at < request.body.length; at += PART_BYTES)
    insertPart.run(delivery.id, at / PART_BYTES, request.body.subarray(at, at + PART_BYTES));
}

function cancelWaiting(database: Database, filter: QueueFilter): number {
  const { sql, values } = whereOf(filter);
  database
    .prepare(
      `delete from queued_body where delivery_id in
         (select delivery_id from queued where due_at is not null and ${sql})`,
    )
    .run(...values);
  return database.prepare(`delete from queued where due_at is not null and ${sql}`).run(...values).changes;
}
