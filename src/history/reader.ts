import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database } from './database.ts';
import { findDelivery } from './find-delivery.ts';
import type { HistoryReader } from './history.ts';
import { listDeliveries } from './list-deliveries.ts';
import { openForReading } from './open-database.ts';
import { countPrunable } from './prunable.ts';
import { countAhead, newestTimestamp } from './page-ends.ts';
import { shortIds } from './short-id.ts';
import { readWebhookUrls, readWebhookUuids } from './webhook-uuids.ts';
import { streamLines, streamRows } from './stream-attempts.ts';
import { streamOutcomes } from './stream-outcomes.ts';
import { findWhole, streamWhole } from './whole-records.ts';

/** Opens the history in the SQLite file `path` to read it: nothing is written, not even the file. */
export async function openReader(path: string): Promise<HistoryReader> {
  return readerOf(await openForReading(resolve(path)));
}

const MAX_SUGGESTED = 1000;

/** The work inside is synchronous: SQLite offers nothing else. */
export function readerOf(database: Database): HistoryReader {
  return {
    path: database.path,
    find: async (idOrPrefix) => findDelivery(database, idOrPrefix),
    shortIds: async (ids) => shortIds(database, ids),
    list: async (filter) => listDeliveries(database, filter),
    knowsWebhook: async (uuid) =>
      database.prepare('select 1 from attempt where webhook_uuid = ? limit 1').first(uuid) !== undefined,
    webhookUuids: async (beginning = '', most = MAX_SUGGESTED) => readWebhookUuids(database, beginning, most),
    webhookUrls: async (uuid) => readWebhookUrls(database, uuid),
    eventNames: async (webhookUuid) => readEventNames(database, webhookUuid),
    latestSequence: async () =>
      database.prepare<[number]>('select ifnull(max(sequence), 0) from exchange').first()?.[0] ?? 0,
    countAhead: (selection) => countAhead(database, selection),
    newestTimestamp: async (selection) => newestTimestamp(database, selection),
    lines: (selection, layout) => streamLines(database, selection, layout),
    rows: (selection, fields) => streamRows(database, selection, fields),
    outcomes: (filter) => streamOutcomes(database, filter),
    wholeRecords: (filter) => streamWhole(database, filter),
    findWhole: async (keys) => findWhole(database, keys),
    identity: async () => identityOf(database.path),
    countPrunable: async (options) => countPrunable(database, options),
    close: async () => database.close(),
  };
}

/** A file has several names where there are links. */
function identityOf(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false, bigint: true });
  return file === undefined ? path : `${file.dev}:${file.ino}`;
}

function readEventNames(database: Database, webhookUuid: string | undefined): string[] {
  const [where, values] = webhookUuid === undefined ? ['', []] : ['where webhook_uuid = ?', [webhookUuid]];
  const rows = database.prepare<[string]>(`select distinct event from attempt ${where} limit 1000`).all(...values);
  return rows.map(([event]) => event);
}
