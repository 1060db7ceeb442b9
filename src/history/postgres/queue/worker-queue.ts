import type { ClaimedDelivery, NextDue, WorkerQueue, WorkerQueueOptions } from '../../queue.ts';
import type { PostgresConnection } from '../connection.ts';
import { claimDue, readUnclaimed, readUnderWay, type ClaimBound } from './claim.ts';
import { openParts, queueOf, type QueueParts } from './postgres-queue.ts';
import { releaseAll, settleAll } from './settle.ts';
import type { LeasedWakeUp } from './wake-ups.ts';

/** Opens the queue in the database at `address` for one of its workers. */
export async function openPostgresWorkerQueue(address: string, { once }: WorkerQueueOptions): Promise<WorkerQueue> {
  const parts = await openParts(address, true);
  const [row] = await parts.connection.rows<[string]>('select clock_timestamp()::text');
  return workerQueueOf(parts, once ? (row?.[0] ?? null) : null);
}

/** pg-boss is asked so often, in milliseconds, and for so many. */
const POLL_MS = 500;
const AT_ONCE = 200;
/** Who cannot use a wake-up for so long gives it to others: its lease is for sending. */
const KEPT_MS = 4000;

interface HeldWakeUp extends LeasedWakeUp {
  fetchedAt: number;
}

function workerQueueOf(parts: QueueParts, bound: ClaimBound): WorkerQueue {
  const { transact, wakeUps } = parts;
  const queue = queueOf(parts);
  let held: HeldWakeUp[] = [];
  let orphans: ClaimedDelivery[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  let waiting: NextDue[] = [];
  const putBack = (given: readonly LeasedWakeUp[], inMs: number): Promise<void> =>
    transact(async (inside) => {
      await wakeUps.remove(idsOf(given), inside);
      await wakeUps.insert(
        given.map((one) => ({ ...one, inMs })),
        inside,
      );
    });
  const take = (isTaken: (one: HeldWakeUp) => boolean): HeldWakeUp[] => {
    const taken = held.filter(isTaken);
    held = held.filter((one) => !isTaken(one));
    return taken;
  };
  const ask = async (nowMs: number): Promise<void> => {
    const old = take(({ fetchedAt }) => nowMs - fetchedAt > KEPT_MS);
    if (old.length > 0) await putBack(old, 0);
    if (held.length >= AT_ONCE || nowMs - askedAt < POLL_MS) return;
    const found = await wakeUps.fetch(AT_ONCE - held.length);
    held.push(...found.map((one) => ({ ...one, fetchedAt: nowMs })));
    // A full answer has more behind it.
    askedAt = found.length > 0 ? Number.NEGATIVE_INFINITY : nowMs;
    if (found.length === 0) waiting = await transact((inside) => listWaitingWebhooks(inside, bound));
  };
  return {
    ...queue,
    listNext: async (nowMs) => {
      await ask(nowMs);
      const here = new Set(held.map(({ webhookUuid }) => webhookUuid));
      const others = waiting.filter(({ webhookUuid }) => !here.has(webhookUuid));
      return [...[...here].map((webhookUuid) => ({ webhookUuid, inMs: 0 })), ...others];
    },
    claim: async (webhookUuid, most) => {
      const ofWebhook = held.filter((one) => one.webhookUuid === webhookUuid).slice(0, most);
      const chosen = new Set(take((one) => ofWebhook.includes(one)));
      const { claimed, left } = await transact((inside) => useWakeUps(inside, parts, [...chosen], bound));
      orphans.push(...left);
      return claimed;
    },
    postpone: async (webhookUuid, ms) => {
      const unused = take((one) => one.webhookUuid === webhookUuid);
      if (unused.length > 0) await putBack(unused, ms);
    },
    settle: (items, nowMs) => transact((inside) => settleAll(inside, wakeUps, items, nowMs)),
    release: (items) => transact((inside) => releaseAll(inside, wakeUps, items)),
    takeOrphans: async () => {
      const taken = orphans;
      orphans = [];
      return taken;
    },
    close: async () => {
      const unused = take(() => true);
      if (unused.length > 0) await putBack(unused, 0).catch(() => undefined);
      await queue.close();
    },
  };
}

const idsOf = (wakeUps: readonly LeasedWakeUp[]): string[] => wakeUps.map(({ id }) => id);

/** Claims what is due of what was woken for, and tidies away the wake-ups that nothing is due for. */
async function useWakeUps(
  connection: PostgresConnection,
  { wakeUps }: QueueParts,
  woken: readonly LeasedWakeUp[],
  bound: ClaimBound,
): Promise<{ claimed: ClaimedDelivery[]; left: ClaimedDelivery[] }> {
  const claimed = await claimDue(connection, woken, bound);
  const claims = new Set(claimed.map(({ claimId }) => claimId));
  const others = woken.filter(({ id }) => !claims.has(id));
  if (others.length === 0) return { claimed, left: [] };
  // Of what was fetched a second time under its own claim the lease is over, and its worker has ended.
  const left = await readUnderWay(connection, idsOf(others));
  const leftIds = new Set(left.map(({ claimId }) => claimId));
  const unused = others.filter(({ id }) => !leftIds.has(id));
  await wakeUps.remove(idsOf(unused), connection);
  await wakeUps.insert(await readUnclaimed(connection, unused), connection);
  return { claimed, left };
}

/**
 * The webhooks of which something may still come, though no wake-up tells so by now. It jumps from one to the next in
 * the index instead of reading all that waits. What others have under way may come again, unless there is a bound.
 */
const WAITING = `with recursive known (uuid) as (
    (select webhook_uuid from hookproof.queued order by webhook_uuid limit 1)
    union all
    select (select webhook_uuid from hookproof.queued where webhook_uuid > uuid order by webhook_uuid limit 1)
    from known where uuid is not null)
  select uuid from known k where uuid is not null and (
    ($1::timestamptz is null
      and exists (select 1 from hookproof.queued q where q.webhook_uuid = k.uuid and q.due_at is null))
    or (exists (select 1 from hookproof.queued q
          where q.webhook_uuid = k.uuid and q.due_at <= coalesce($1::timestamptz, 'infinity'))
      and not exists (select 1 from hookproof.held_webhook h where h.webhook_uuid = k.uuid)))`;

async function listWaitingWebhooks(connection: PostgresConnection, bound: ClaimBound): Promise<NextDue[]> {
  const rows = await connection.rows<[string]>(WAITING, [bound]);
  return rows.map(([webhookUuid]) => ({ webhookUuid, inMs: POLL_MS }));
}
