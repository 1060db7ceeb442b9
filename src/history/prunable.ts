import { setImmediate } from 'node:timers/promises';
import type { Database } from './database.ts';
import type { Prunable, PruneOptions } from './history.ts';
import { readTime } from './read-stored.ts';
import { isoTime } from './stored-values.ts';

/** Small enough that other writers hardly wait. */
const BATCH = 500;

/**
 * Ids of deliveries that may be deleted, oldest first, in batches: those without an attempt at or after `beforeMs`,
 * except the newest `keepLast`.
 */
export function* findPrunable(database: Database, options: PruneOptions): Generator<string[]> {
  const { beforeMs, webhookUuid } = options;
  const oldestKept = findOldestKept(database, options);
  const before = beforeMs === undefined ? null : isoTime(beforeMs);
  const select = database.prepare<[string]>(
    `select d.id from delivery d
     where d.id > ?1 and d.id < ?2
       and (?3 is null or (d.created_at < ?3
         and not exists (select 1 from exchange e where e.delivery_id = d.id and e.timestamp >= ?3)))
       and (?4 is null or d.webhook_uuid = ?4)
     order by d.id limit ${BATCH}`,
  );
  for (let last = ''; ;) {
    const batch = select.all(last, oldestKept, before, webhookUuid ?? null).map(([id]) => id);
    if (batch.length === 0) return;
    last = batch.at(-1) ?? last;
    yield batch;
  }
}

/** Counts what may be deleted. Between batches there is time for timers: of millions a progress line tells. */
export async function countPrunable(database: Database, options: PruneOptions): Promise<Prunable> {
  const ofWebhook = new Map<string, number>();
  let made: string[] = [];
  let attempts = 0;
  const count = database.prepare<[uuid: string, deliveries: number, attempts: number, oldest: string, newest: string]>(
    `select webhook_uuid, count(*), sum((select count(*) from exchange e where e.delivery_id = d.id)),
       min(created_at), max(created_at)
     from delivery d where id in (select value from json_each(?)) group by webhook_uuid`,
  );
  for (const batch of findPrunable(database, options)) {
    for (const [uuid, deliveries, tries, oldest, newest] of count.all(JSON.stringify(batch))) {
      ofWebhook.set(uuid, (ofWebhook.get(uuid) ?? 0) + deliveries);
      attempts += tries;
      made = [...made, oldest, newest].toSorted();
      made = [...made.slice(0, 1), ...made.slice(-1)];
    }
    await setImmediate();
  }
  const webhooks = [...ofWebhook].map(([uuid, deliveries]) => ({ uuid, deliveries }));
  return {
    deliveries: webhooks.reduce((sum, one) => sum + one.deliveries, 0),
    attempts,
    webhooks: webhooks.toSorted((a, b) => b.deliveries - a.deliveries),
    made: made.map((time) => readTime(time, 'a delivery')),
  };
}

/** Id of the oldest delivery that `keepLast` protects; beyond every id when it protects none. */
function findOldestKept(database: Database, { keepLast = 0, webhookUuid }: PruneOptions): string {
  if (keepLast === 0) return '~';
  const row = database
    .prepare<[string]>(
      'select id from delivery where ?1 is null or webhook_uuid = ?1 order by id desc limit 1 offset ?2',
    )
    .first(webhookUuid ?? null, keepLast - 1);
  return row?.[0] ?? '';
}
