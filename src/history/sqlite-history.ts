import type { Attempt, Delivery } from '../model/attempt.ts';
import type { Database } from './database.ts';
import { findDelivery } from './find-delivery.ts';
import type { History } from './history.ts';
import { insertPacked } from './insert-packed.ts';
import { listDeliveries } from './list-deliveries.ts';
import { pruneDeliveries } from './prune-deliveries.ts';
import {
  attemptValues,
  deliveryValues,
  exchangeValues,
  INSERT_ATTEMPT,
  INSERT_DELIVERY,
  INSERT_EXCHANGE,
} from './record.ts';
import { insertRest, PART_BYTES } from './request-body.ts';
import { newestTimestamp, streamLines } from './stream-lines.ts';
import { streamRows } from './stream-rows.ts';

/** History in one SQLite file. The work is synchronous inside: SQLite has no other way. */
export function sqliteHistory(database: Database): History {
  return {
    path: database.path,
    append: async (delivery, attempt) => database.transact(() => insertRecord(database, delivery, attempt)),
    appendAll: async (records) =>
      database.transact(() => {
        for (const [delivery, attempt] of records) insertRecord(database, delivery, attempt);
      }),
    appendPacked: async (records) => insertPacked(database, records),
    find: async (idOrPrefix) => findDelivery(database, idOrPrefix),
    list: async (filter) => listDeliveries(database, filter),
    knowsWebhook: async (uuid) =>
      database.prepare('select 1 from attempt where webhook_uuid = ? limit 1').first(uuid) !== undefined,
    webhookUuids: async () => readWebhookUuids(database),
    eventNames: async (webhookUuid) => readEventNames(database, webhookUuid),
    latestSequence: async () =>
      database.prepare<[number]>('select ifnull(max(sequence), 0) from exchange').first()?.[0] ?? 0,
    newestTimestamp: async (selection) => newestTimestamp(database, selection),
    lines: (selection, recipe) => streamLines(database, selection, recipe),
    rows: (selection, fields) => streamRows(database, selection, fields),
    prune: async (options) => pruneDeliveries(database, options),
    close: async () => database.close(),
  };
}

function insertRecord(database: Database, delivery: Delivery, attempt: Attempt): void {
  const isNew = database.prepare(INSERT_DELIVERY).run(...deliveryValues(delivery)).changes > 0;
  if (isNew) insertRest(database, delivery.id, delivery.body.subarray(PART_BYTES));
  database.prepare(INSERT_EXCHANGE).run(...exchangeValues(delivery, attempt));
  database.prepare(INSERT_ATTEMPT).run(...attemptValues(delivery, attempt));
}

function readEventNames(database: Database, webhookUuid: string | undefined): string[] {
  const [where, values] = webhookUuid === undefined ? ['', []] : ['where webhook_uuid = ?', [webhookUuid]];
  const rows = database.prepare<[string]>(`select distinct event from attempt ${where} limit 1000`).all(...values);
  return rows.map(([event]) => event);
}

/** Jumps from one webhook to the next in the index instead of reading all attempts. */
function readWebhookUuids(database: Database): string[] {
  return database
    .prepare<[string]>(
      `with recursive known (uuid) as (
         select min(webhook_uuid) from attempt
         union all
         select (select min(webhook_uuid) from attempt where webhook_uuid > uuid) from known where uuid is not null
       )
       select uuid from known where uuid is not null limit 1000`,
    )
    .all()
    .map(([uuid]) => uuid);
}
