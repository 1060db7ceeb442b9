import { isUnknownOutcome, type ClaimedDelivery, type SettledAttempt } from '../../queue.ts';
import { makeBatcher, packBatch } from '../../record-batch.ts';
import { arrayText, type PostgresConnection, type ServerValue } from '../connection.ts';
import { isoTime } from '../../stored-values.ts';
import { insertBatch } from '../insert-batch.ts';
import type { WakeUps } from './wake-ups.ts';

/** A claim that another worker has ended since, for its lease was over, changes nothing any more. */
const STEP = `with given as materialized (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::numeric[], $6::numeric[])
      as given (webhook_uuid, delivery_id, claim_id, number, since_first_ms, in_ms)),
  done as (
    delete from hookproof.under_way u using given g
    where u.webhook_uuid = g.webhook_uuid and u.delivery_id = g.delivery_id and u.claim_id = g.claim_id
    returning g.*),
  over as (
    delete from hookproof.queued q using done d
    where q.webhook_uuid = d.webhook_uuid and q.delivery_id = d.delivery_id and d.number is null),
  next as (
    update hookproof.queued q set number = d.number, since_first_ms = d.since_first_ms,
      due_at = clock_timestamp() + d.in_ms * interval '1 millisecond'
    from done d where q.webhook_uuid = d.webhook_uuid and q.delivery_id = d.delivery_id and d.number is not null
    returning q.delivery_id, q.lease_seconds)
  select d.webhook_uuid, d.delivery_id, d.claim_id, n.lease_seconds, d.in_ms
  from done d left join next n using (delivery_id)`;

type SteppedRow = readonly [
  webhookUuid: string,
  deliveryId: string,
  claimId: string,
  leaseSeconds: number | null,
  inMs: number | null,
];

export async function settleAll(
  connection: PostgresConnection,
  wakeUps: WakeUps,
  items: readonly SettledAttempt[],
  nowMs: number,
): Promise<void> {
  const stepped = await connection.rows<SteppedRow>(STEP, placesOf(items, nowMs));
  const own = new Set(stepped.map(([, , claimId]) => claimId));
  const others = items.filter(({ claimId }) => !own.has(claimId));
  const recorded = await readRecorded(connection, others);
  const batcher = makeBatcher();
  for (const { claimId, delivery, attempt } of items)
    // An answer is a fact, whoever has the delivery by now. That it is unknown was recorded by another.
    if (own.has(claimId) || !(isUnknownOutcome(attempt) || recorded.has(attempt.id))) batcher.add(delivery, attempt);
  await insertBatch(connection, packBatch(batcher.take()));
  await wakeUps.remove(
    items.map(({ claimId }) => claimId),
    connection,
  );
  await wakeUps.insert(
    stepped.flatMap(([webhookUuid, deliveryId, , leaseSeconds, inMs]) =>
      leaseSeconds === null || inMs === null
        ? []
        : [{ webhookUuid, deliveryId, leaseSeconds, inMs: Math.ceil(inMs) + 1 }],
    ),
    connection,
  );
  for (const { delivery, hold } of items)
    if (hold !== undefined)
      await connection.run(
        `insert into hookproof.held_webhook (webhook_uuid, held_at, reason) values ($1::uuid, clock_timestamp(), $2)
         on conflict (webhook_uuid) do nothing`,
        [delivery.webhookUuid, hold.reason],
      );
}

/** The ids of what was kept before: the server went away before it said so. */
async function readRecorded(
  connection: PostgresConnection,
  items: readonly SettledAttempt[],
): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set();
  const rows = await connection.rows<[string]>(
    `select id from hookproof.attempt where (webhook_uuid, started_at, id) in (
       select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]))`,
    [
      arrayText(items.map(({ delivery }) => delivery.webhookUuid)),
      arrayText(items.map(({ attempt }) => isoTime(attempt.startedAt))),
      arrayText(items.map(({ attempt }) => attempt.id)),
    ],
  );
  return new Set(rows.map(([id]) => id));
}

const placesOf = (items: readonly SettledAttempt[], nowMs: number): ServerValue[] => [
  arrayText(items.map(({ delivery }) => delivery.webhookUuid)),
  arrayText(items.map(({ delivery }) => delivery.id)),
  arrayText(items.map(({ claimId }) => claimId)),
  arrayText(items.map(({ next }) => next?.number ?? null)),
  arrayText(items.map(({ next }) => next?.sinceFirstMs ?? null)),
  arrayText(items.map(({ next }) => (next === null ? null : Math.max(0, next.dueAt - nowMs)))),
];

const RELEASE = `with done as (
    delete from hookproof.under_way where claim_id = any($1::uuid[]) returning *)
  update hookproof.queued q set due_at = d.due_at from done d
  where q.webhook_uuid = d.webhook_uuid and q.delivery_id = d.delivery_id
  returning q.webhook_uuid, q.delivery_id, q.lease_seconds`;

export async function releaseAll(
  connection: PostgresConnection,
  wakeUps: WakeUps,
  items: readonly ClaimedDelivery[],
): Promise<void> {
  const claims = items.map(({ claimId }) => claimId);
  const rows = await connection.rows<[string, string, number]>(RELEASE, [arrayText(claims)]);
  await wakeUps.remove(claims, connection);
  await wakeUps.insert(
    rows.map(([webhookUuid, deliveryId, leaseSeconds]) => ({ webhookUuid, deliveryId, leaseSeconds, inMs: 0 })),
    connection,
  );
}
