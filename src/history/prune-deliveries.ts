import type { Database } from './database.ts';
import type { PruneCounts, PruneOptions } from './history.ts';
import { isoTime } from './record.ts';

/** Small enough that other writers hardly wait. */
const BATCH = 500;

/**
 * Deletes whole deliveries, oldest first, with all their attempts: those without an attempt at or after
 * `beforeMs`, except the newest `keepLast`. The space goes back to the disk.
 */
export function pruneDeliveries(
  database: Database,
  { beforeMs, keepLast = 0, dryRun = false }: PruneOptions,
): PruneCounts {
  const counts: PruneCounts = { deliveries: 0, attempts: 0 };
  const oldestKept = findOldestKept(database, keepLast);
  const before = beforeMs === undefined ? null : isoTime(beforeMs);
  for (let last = '', batch = [last]; batch.length > 0;) {
    batch = findPrunable(database, last, oldestKept, before);
    last = batch.at(-1) ?? last;
    counts.deliveries += batch.length;
    counts.attempts += dryRun ? countAttempts(database, batch) : deleteBatch(database, batch);
  }
  if (!dryRun && counts.deliveries > 0) {
    database.exec('pragma incremental_vacuum; pragma wal_checkpoint(truncate)');
  }
  return counts;
}

/** Id of the oldest delivery that `keepLast` protects; beyond every id when it protects none. */
function findOldestKept(database: Database, keepLast: number): string {
  if (keepLast === 0) return '~';
  const row = database
    .prepare<[string]>('select id from delivery order by id desc limit 1 offset ?')
    .first(keepLast - 1);
  return row?.[0] ?? '';
}

function findPrunable(database: Database, after: string, oldestKept: string, before: string | null): string[] {
  return database
    .prepare<[string]>(
      `select d.id from delivery d
       where d.id > ?1 and d.id < ?2
         and (?3 is null or (d.created_at < ?3
           and not exists (select 1 from exchange e where e.delivery_id = d.id and e.timestamp >= ?3)))
       order by d.id limit ${BATCH}`,
    )
    .all(after, oldestKept, before)
    .map(([id]) => id);
}

function countAttempts(database: Database, ids: readonly string[]): number {
  const sql = 'select count(*) from exchange where delivery_id in (select value from json_each(?))';
  return database.prepare<[number]>(sql).first(JSON.stringify(ids))?.[0] ?? 0;
}

function deleteBatch(database: Database, ids: readonly string[]): number {
  const list = JSON.stringify(ids);
  return database.transact(() => {
    const { changes } = database
      .prepare(
        `delete from attempt where (webhook_uuid, timestamp, id) in (
           select d.webhook_uuid, e.timestamp, e.attempt_id from json_each(?) as wanted
           join delivery d on d.id = wanted.value join exchange e on e.delivery_id = d.id)`,
      )
      .run(list);
    database.prepare('delete from exchange where delivery_id in (select value from json_each(?))').run(list);
    database.prepare('delete from body_rest where delivery_id in (select value from json_each(?))').run(list);
    database.prepare('delete from delivery where id in (select value from json_each(?))').run(list);
    return changes;
  });
}
