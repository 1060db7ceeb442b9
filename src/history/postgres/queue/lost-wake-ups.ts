import type { PostgresConnection } from '../connection.ts';
import { TRY_LOCK_WAKING } from '../schema.ts';
import { LEASE_ENDS } from './claim.ts';
import { SCHEMA, unlessGone, type WakeUp, type WakeUps } from './wake-ups.ts';

/** So many are woken in one transaction. */
export const LOST_AT_ONCE = 500;
/** Who puts a wake-up back has it come again within this time, in milliseconds. */
export const LONGEST_PAUSE_MS = 600_000;

/**
 * What is due, or is under way past its lease, and has no wake-up. One that wakes later than the longest pause was not
 * put back for a delivery that is due now. By `except`, the server hashes or sorts both sides: `not exists` became a
 * loop in a loop, for it cannot tell how many there are.
 */
const LOST = `with recursive known (uuid) as (
    (select webhook_uuid from hookproof.queued order by webhook_uuid limit 1)
    union all
    select (select webhook_uuid from hookproof.queued where webhook_uuid > uuid order by webhook_uuid limit 1)
    from known where uuid is not null),
  due as materialized (
    select q.webhook_uuid, q.delivery_id
    from known k join hookproof.queued q on q.webhook_uuid = k.uuid
    where q.due_at <= statement_timestamp()
      and not exists (select 1 from hookproof.held_webhook h where h.webhook_uuid = k.uuid)
    union all
    select u.webhook_uuid, u.delivery_id
    from hookproof.under_way u join hookproof.queued q using (webhook_uuid, delivery_id)
    where ${LEASE_ENDS} <= statement_timestamp()),
  lost as materialized (
    select webhook_uuid, delivery_id from due
    except
    select (data->>'webhookUuid')::uuid, (data->>'deliveryId')::uuid from ${SCHEMA}.job
    where exists (select 1 from due) and (
      state = 'active' or state < 'active'
        and start_after <= statement_timestamp() + ${2 * LONGEST_PAUSE_MS} * interval '1 millisecond')
    limit ${LOST_AT_ONCE})
  select q.webhook_uuid, q.delivery_id, q.lease_seconds
  from lost join hookproof.queued q using (webhook_uuid, delivery_id)`;

type LostRow = [webhookUuid: string, deliveryId: string, leaseSeconds: number];

/**
 * The truth is in our tables: whoever empties those of pg-boss, or restores ours alone, takes no delivery with him.
 * Inside a transaction. Returns how many were woken; at most `LOST_AT_ONCE`, and none while another worker looks.
 */
export async function wakeLost(connection: PostgresConnection, wakeUps: WakeUps): Promise<number> {
  const [lock] = await connection.rows<[boolean]>(`select ${TRY_LOCK_WAKING}`);
  if (lock?.[0] !== true) return 0;
  const rows = await unlessGone(connection.path, connection.rows<LostRow>(LOST));
  const lost = rows.map(([webhookUuid, deliveryId, leaseSeconds]): WakeUp => {
    return { webhookUuid, deliveryId, leaseSeconds, inMs: 0 };
  });
  await wakeUps.insert(lost, connection);
  return lost.length;
}
