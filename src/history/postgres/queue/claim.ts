import type { ClaimedDelivery } from '../../queue.ts';
import { toClaimed, type ClaimedRow } from '../../queued-row.ts';
import { arrayText, type PostgresConnection, type ServerValue } from '../connection.ts';
import { epochMs } from './queue-reader.ts';
import type { LeasedWakeUp, WakeUp } from './wake-ups.ts';

/** Only what is due by then, as the database writes a time; null: by now. */
export type ClaimBound = string | null;

type ClaimedColumns = readonly [...ClaimedRow, claimId: string, body: Uint8Array];

const columnsOf = (dueAt: string): string =>
  `q.delivery_id, q.webhook_uuid, ${epochMs('u.began_at')}, ${epochMs(dueAt)}, q.number, q.since_first_ms,
   q.vendor, q.event, q.event_id, q.url, q.method, ${epochMs('q.created_at')}, q.headers,
   q.has_own_signature::integer, q.reach,
   u.claim_id, q.body`;

const GIVEN = `given as materialized (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as given (webhook_uuid, delivery_id, claim_id))`;

const placesOf = (woken: readonly LeasedWakeUp[]): ServerValue[] => [
  arrayText(woken.map(({ webhookUuid }) => webhookUuid)),
  arrayText(woken.map(({ deliveryId }) => deliveryId)),
  arrayText(woken.map(({ id }) => id)),
];

/** A row that another worker is looking at is its own. Of two wake-ups for one delivery one is enough. */
const CLAIM = `with ${GIVEN},
  free as materialized (
    select q.* from hookproof.queued q
    where (q.webhook_uuid, q.delivery_id) in (select webhook_uuid, delivery_id from given)
      and q.due_at <= least(clock_timestamp(), coalesce($4::timestamptz, 'infinity'))
      and not exists (select 1 from hookproof.held_webhook h where h.webhook_uuid = q.webhook_uuid)
    for update of q skip locked),
  marked as (
    insert into hookproof.under_way (webhook_uuid, delivery_id, claim_id, began_at, due_at)
    select distinct on (f.delivery_id) f.webhook_uuid, f.delivery_id, g.claim_id, clock_timestamp(), f.due_at
    from free f join given g on g.webhook_uuid = f.webhook_uuid and g.delivery_id = f.delivery_id
    returning *),
  taken as (
    update hookproof.queued t set due_at = null from free f
    where t.webhook_uuid = f.webhook_uuid and t.delivery_id = f.delivery_id)
  select ${columnsOf('u.due_at')} from free q join marked u using (webhook_uuid, delivery_id)
  order by u.due_at, q.delivery_id`;

export async function claimDue(
  connection: PostgresConnection,
  woken: readonly LeasedWakeUp[],
  bound: ClaimBound,
): Promise<ClaimedDelivery[]> {
  if (woken.length === 0) return [];
  const rows = await connection.rows<ClaimedColumns>(CLAIM, [...placesOf(woken), bound]);
  return rows.map(toClaim);
}

/** Which of these deliveries are in the queue, due or not. */
export async function readQueuedIds(
  connection: PostgresConnection,
  woken: readonly LeasedWakeUp[],
): Promise<ReadonlySet<string>> {
  const rows = await connection.rows<[string]>(
    `with ${GIVEN} select q.delivery_id from hookproof.queued q
     join given g on g.webhook_uuid = q.webhook_uuid and g.delivery_id = q.delivery_id`,
    placesOf(woken),
  );
  return new Set(rows.map(([id]) => id));
}

/** Of `under_way u` and `queued q`. */
export const LEASE_ENDS = `u.began_at + q.lease_seconds * interval '1 second'`;

/**
 * Those that are under way and whose lease is over: their worker has ended. Whoever was woken for the delivery looks,
 * and whichever wake-up it was.
 */
export async function readOrphans(
  connection: PostgresConnection,
  woken: readonly LeasedWakeUp[],
): Promise<ClaimedDelivery[]> {
  const rows = await connection.rows<ClaimedColumns>(
    `with ${GIVEN}
     select ${columnsOf('u.due_at')}
     from hookproof.under_way u join hookproof.queued q using (webhook_uuid, delivery_id)
     where (u.webhook_uuid, u.delivery_id) in (select webhook_uuid, delivery_id from given)
       and ${LEASE_ENDS} <= clock_timestamp()`,
    placesOf(woken),
  );
  return rows.map(toClaim);
}

/**
 * Those of the deliveries that somebody must still be woken for, and when: they are due later, are left for a bound, or
 * are under way and to be looked after when the lease is over.
 */
export async function readUnclaimed(connection: PostgresConnection, woken: readonly LeasedWakeUp[]): Promise<WakeUp[]> {
  if (woken.length === 0) return [];
  const rows = await connection.rows<[webhookUuid: string, deliveryId: string, leaseSeconds: number, inMs: number]>(
    `with ${GIVEN}
     select distinct q.webhook_uuid, q.delivery_id, q.lease_seconds,
       ceil(extract(epoch from coalesce(q.due_at, ${LEASE_ENDS}) - clock_timestamp()) * 1000)::bigint
     from hookproof.queued q join given g on g.webhook_uuid = q.webhook_uuid and g.delivery_id = q.delivery_id
     left join hookproof.under_way u on u.webhook_uuid = q.webhook_uuid and u.delivery_id = q.delivery_id
     where u.delivery_id is not null
       or q.due_at is not null
         and not exists (select 1 from hookproof.held_webhook h where h.webhook_uuid = q.webhook_uuid)`,
    placesOf(woken),
  );
  // One that is due, and was not claimed, belongs to another or is beyond the bound.
  return rows.map(([webhookUuid, deliveryId, leaseSeconds, inMs]) => ({
    webhookUuid,
    deliveryId,
    leaseSeconds,
    inMs: inMs > 0 ? inMs : 1000,
  }));
}

function toClaim(row: ClaimedColumns): ClaimedDelivery {
  const [claimId, body] = row.slice(-2) as [string, Uint8Array];
  return toClaimed(row.slice(0, -2) as unknown as ClaimedRow, new Uint8Array(body), claimId);
}
