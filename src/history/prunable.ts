import type { Database } from './database.ts';
import type { PruneCounts, PruneOptions } from './history.ts';
import { isoTime } from './stored-values.ts';

/** Small enough that other writers hardly wait. */
const BATCH = 500;

/**
 * Ids of deliveries that may be deleted, oldest first, in batches: those without an attempt at or after `beforeMs`,
 * except the newest `keepLast`.
 */
export function* findPrunable(database: Database, { beforeMs, keepLast = 0 }: PruneOptions): Generator<string[]> {
  const oldestKept = findOldestKept(database, keepLast);
  const before = beforeMs === undefined ? null : isoTime(beforeMs);
  const select = database.prepare<[string]>(
    `select d.id from delivery d
     where d.id > ?1 and d.id < ?2
       and (?3 is null or (d.created_at < ?3
         and not exists (select 1 from exchange e where e.delivery_id = d.id and e.timestamp >= ?3)))
     order by d.id limit ${BATCH}`,
  );
  for (let last = ''; ;) {
    const batch = select.all(last, oldestKept, before).map(([id]) => id);
    if (batch.length === 0) return;
    last = batch.at(-1) ?? last;
    yield batch;
  }
}

/** Counts what may be deleted. */
export function countPrunable(database: Database, options: PruneOptions): PruneCounts {
  const counts: PruneCounts = { deliveries: 0, attempts: 0 };
  const count = database.prepare<[number]>(
    'select count(*) from exchange where delivery_id in (select value from json_each(?))',
  );
  for (const batch of findPrunable(database, options)) {
    counts.deliveries += batch.length;
    counts.attempts += count.first(JSON.stringify(batch))?.[0] ?? 0;
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
