import type { Prunable, PruneCounts, PruneOptions } from '../history.ts';
import { isoTime } from '../stored-values.ts';
import type { PostgresConnection, ServerValue } from './connection.ts';

/** Small enough that other writers hardly wait. */
const BATCH = 500;

/** Deliveries that may go: those without an attempt at or after a time, behind none of the newest that stay. */
const MAY_GO = `($1::timestamptz is null or (d.created_at < $1
    and not exists (select from hookproof.exchange e
      where e.webhook_uuid = d.webhook_uuid and e.delivery_id = d.id and e.started_at >= $1)))
  and ($2::uuid is null or d.webhook_uuid = $2)
  and ($3::uuid is null or d.id < $3)`;

/** Deletes batch by batch, the oldest first. The server gives the space back in its own time (autovacuum). */
export async function pruneDeliveries(
  connection: PostgresConnection,
  options: PruneOptions,
  onProgress?: (counts: PruneCounts) => void,
): Promise<PruneCounts> {
  const counts: PruneCounts = { deliveries: 0, attempts: 0 };
  const values = await valuesOf(connection, options);
  if (values === null) return counts;
  let reached: PrunedTo = [null, null];
  for (;;) {
    const [row] = await connection.rows<PrunedRow>(DELETE, [...values, ...reached]);
    const [deliveries, attempts, ...last] = row ?? [0, 0, null, null];
    // Fewer than a batch are not the last: another prune may have deleted some of it meanwhile.
    if (deliveries === 0 && reached[0] === null) return counts;
    // What is deleted stays in the index until the server tidies it: each batch begins where the last one ended, and
    // the last one looks from the beginning.
    reached = deliveries === 0 ? [null, null] : last;
    if (deliveries === 0) continue;
    counts.deliveries += deliveries;
    counts.attempts += attempts;
    onProgress?.({ ...counts });
  }
}

const DELETE = `with gone as materialized (
    select d.webhook_uuid, d.id, d.created_at from hookproof.delivery d where ${MAY_GO}
      and ($4::timestamptz is null or (d.created_at, d.id) > ($4, $5::uuid))
    order by d.created_at, d.id limit ${BATCH} for update),
  exchanges as (
    delete from hookproof.exchange e using gone
    where e.webhook_uuid = gone.webhook_uuid and e.delivery_id = gone.id
    returning e.webhook_uuid, e.started_at, e.attempt_id),
  attempts as (
    delete from hookproof.attempt a using exchanges e
    where a.webhook_uuid = e.webhook_uuid and a.started_at = e.started_at and a.id = e.attempt_id returning 1),
  deliveries as (
    delete from hookproof.delivery d using gone where d.webhook_uuid = gone.webhook_uuid and d.id = gone.id returning 1)
  select (select count(*) from deliveries), (select count(*) from attempts), last.created_at::text, last.id
  from (select 1) one
    left join (select created_at, id from gone order by created_at desc, id desc limit 1) last on true`;

/** The time and the id of the newest delivery of a batch; null: from the beginning. */
type PrunedTo = readonly [createdAt: string | null, id: string | null];
type PrunedRow = readonly [deliveries: number, attempts: number, ...PrunedTo];

/** Counts what may be deleted. */
export async function countPrunable(connection: PostgresConnection, options: PruneOptions): Promise<Prunable> {
  const values = await valuesOf(connection, options);
  const rows = values === null ? [] : await connection.rows<PrunableRow>(COUNT, values);
  const times = rows.flatMap(([, , , oldest, newest]) => [oldest, newest]).toSorted((a, b) => a - b);
  return {
    deliveries: rows.reduce((sum, [, deliveries]) => sum + deliveries, 0),
    attempts: rows.reduce((sum, [, , attempts]) => sum + attempts, 0),
    webhooks: rows.map(([uuid, deliveries]) => ({ uuid, deliveries })),
    made: [...times.slice(0, 1), ...times.slice(-1)],
  };
}

type PrunableRow = readonly [uuid: string, deliveries: number, attempts: number, oldest: number, newest: number];

const COUNT = `select d.webhook_uuid, count(*), sum((select count(*) from hookproof.exchange e
    where e.webhook_uuid = d.webhook_uuid and e.delivery_id = d.id))::bigint,
    (extract(epoch from min(d.created_at)) * 1000)::bigint, (extract(epoch from max(d.created_at)) * 1000)::bigint
  from hookproof.delivery d where ${MAY_GO} group by d.webhook_uuid order by count(*) desc`;

/** Null where nothing may go: all there is stays. */
async function valuesOf(connection: PostgresConnection, options: PruneOptions): Promise<ServerValue[] | null> {
  const { beforeMs, keepLast = 0, webhookUuid = null } = options;
  const before = beforeMs === undefined ? null : isoTime(beforeMs);
  if (keepLast === 0) return [before, webhookUuid, null];
  const [kept] = await connection.rows<[string]>(
    `select id from hookproof.delivery where $1::uuid is null or webhook_uuid = $1
     order by id desc limit 1 offset $2`,
    [webhookUuid, keepLast - 1],
  );
  return kept === undefined ? null : [before, webhookUuid, kept[0]];
}
