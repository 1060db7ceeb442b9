import type { ClaimedDelivery, WebhookDue, WorkerQueue, WorkerQueueOptions } from '../../queue.ts';
import type { PostgresConnection } from '../connection.ts';
import { claimDue, readOrphans, readQueuedIds, readUnclaimed, type ClaimBound } from './claim.ts';
import { LONGEST_PAUSE_MS, LOST_AT_ONCE, wakeLost } from './lost-wake-ups.ts';
import { outlastRestarts } from './outlast-restarts.ts';
import { openParts, queueOf, type QueueParts } from './postgres-queue.ts';
import { countWaiting } from './queue-reader.ts';
import { releaseAll, settleAll } from './settle.ts';
import type { LeasedWakeUp } from './wake-ups.ts';

/** Opens the queue in the database at `address` for one of its workers. It outlasts a restart of the server. */
export function openPostgresWorkerQueue(address: string, options: WorkerQueueOptions): Promise<WorkerQueue> {
  let bound: ClaimBound = null;
  return outlastRestarts(async () => {
    const parts = await openParts(address, true);
    // Opened again, it is bound as it was.
    if (options.once) bound ??= await readTime(parts.connection);
    return workerQueueOf(parts, bound, options.outage);
  }, options);
}

const readTime = async (connection: PostgresConnection): Promise<string> =>
  (await connection.rows<[string]>('select clock_timestamp()::text'))[0]?.[0] ?? '';

/** pg-boss is asked so often, in milliseconds, and for so many. */
const POLL_MS = 500;
const AT_ONCE = 200;
/** Who cannot use a wake-up for so long gives it to others: its lease is for sending. */
const KEPT_MS = 4000;
/** Who has a bound waits so long for what others are woken for; they keep it for as long as they spare its endpoint. */
const PATIENCE_MS = 10_000;
/** How often lost wake-ups are looked for; among a million it takes seconds, and may take this share of the time. */
const LOOK_MS = 30_000;
const LOOK_SHARE = 1 / 20;

/** Of a clock that may be set back. */
const isOver = (sinceMs: number, ms: number, nowMs: number): boolean => nowMs < sinceMs || nowMs - sinceMs >= ms;

function workerQueueOf(parts: QueueParts, bound: ClaimBound, outage: WorkerQueueOptions['outage']): WorkerQueue {
  const { transact, wakeUps } = parts;
  const queue = queueOf(parts);
  const woken = new WokenDeliveries(parts, bound, outage);
  let orphans: ClaimedDelivery[] = [];
  return {
    ...queue,
    counts: () => countWaiting(parts.connection, bound),
    listNext: (nowMs) => woken.list(nowMs),
    claim: async (webhookUuid, most) => {
      const given = woken.take(webhookUuid, most);
      const { claimed, left } = await transact((inside) => useWakeUps(inside, parts, given, bound));
      orphans.push(...left);
      return claimed;
    },
    postpone: (webhookUuid, ms) => woken.postpone(webhookUuid, Math.min(ms, LONGEST_PAUSE_MS)),
    settle: (items, nowMs) => transact((inside) => settleAll(inside, wakeUps, items, nowMs)),
    release: (items) => transact((inside) => releaseAll(inside, wakeUps, items)),
    takeOrphans: async () => {
      const taken = orphans;
      orphans = [];
      return taken;
    },
    close: async () => {
      await woken.putBackAll().catch(() => undefined);
      await queue.close();
    },
  };
}

interface HeldWakeUp extends LeasedWakeUp {
  fetchedAt: number;
}

/** The wake-ups that this worker has and has not used. Asks for more as it is looked at. */
class WokenDeliveries {
  #held: HeldWakeUp[] = [];
  #waiting: WebhookDue[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #lookMs = LOOK_MS;
  /** Since when there has been no wake-up; null: the last time there was one. */
  #quietSince: number | null = null;
  #patienceMs = PATIENCE_MS;
  /** How many wake-ups were lost when it was looked for them. */
  #lost = 0;
  readonly #parts: QueueParts;
  readonly #bound: ClaimBound;
  readonly #outage: WorkerQueueOptions['outage'];

  constructor(parts: QueueParts, bound: ClaimBound, outage: WorkerQueueOptions['outage']) {
    this.#parts = parts;
    this.#bound = bound;
    this.#outage = outage;
  }

  async list(nowMs: number): Promise<WebhookDue[]> {
    await this.putBack(
      this.#takeThose(({ fetchedAt }) => isOver(fetchedAt, KEPT_MS, nowMs)),
      0,
    );
    await this.#ask(nowMs);
    const here = new Set(this.#held.map(({ webhookUuid }) => webhookUuid));
    const others = this.#waiting.filter(({ webhookUuid }) => !here.has(webhookUuid));
    return [...[...here].map((webhookUuid) => ({ webhookUuid, inMs: 0 })), ...others];
  }

  /** Those of one webhook, at most so many. */
  take(webhookUuid: string, most: number): HeldWakeUp[] {
    let taken = 0;
    return this.#takeThose((one) => one.webhookUuid === webhookUuid && taken++ < most);
  }

  async postpone(webhookUuid: string, ms: number): Promise<void> {
    const taken = this.take(webhookUuid, AT_ONCE);
    // These come back, if to nobody else.
    if (taken.length > 0) [this.#quietSince, this.#patienceMs] = [null, Math.max(this.#patienceMs, ms + PATIENCE_MS)];
    await this.putBack(taken, ms);
  }

  /** They wake whoever asks, so long from now. */
  async putBack(given: readonly LeasedWakeUp[], inMs: number): Promise<void> {
    if (given.length === 0) return;
    const { transact, wakeUps } = this.#parts;
    await transact(async (inside) => {
      await wakeUps.remove(idsOf(given), inside);
      await wakeUps.insert(
        given.map((one) => ({ ...one, inMs })),
        inside,
      );
    });
  }

  putBackAll(): Promise<void> {
    return this.putBack(
      this.#takeThose(() => true),
      0,
    );
  }

  async #ask(nowMs: number): Promise<void> {
    if (this.#held.length >= AT_ONCE || !isOver(this.#askedAt, POLL_MS, nowMs)) return;
    const { transact } = this.#parts;
    const found = await this.#fetchOrWake(nowMs);
    this.#held.push(...found.map((one) => ({ ...one, fetchedAt: nowMs })));
    // Where there was something there may be more.
    this.#askedAt = found.length > 0 ? Number.NEGATIVE_INFINITY : nowMs;
    if (found.length > 0) {
      [this.#quietSince, this.#patienceMs] = [null, PATIENCE_MS];
      return;
    }
    this.#quietSince ??= nowMs;
    const isOthers = this.#bound !== null && isOver(this.#quietSince, this.#patienceMs, nowMs);
    this.#waiting = isOthers ? [] : await transact((inside) => listWaitingWebhooks(inside, this.#bound));
  }

  async #fetchOrWake(nowMs: number): Promise<LeasedWakeUp[]> {
    if (isOver(this.#lookedAt, this.#lookMs, nowMs)) await this.#wakeLost(nowMs);
    const found = await this.#fetch();
    // Where so many were lost there may be more.
    if (found.length > 0 || this.#lost < LOST_AT_ONCE) return found;
    await this.#wakeLost(nowMs);
    return this.#fetch();
  }

  async #wakeLost(nowMs: number): Promise<void> {
    const { transact, wakeUps } = this.#parts;
    const { clock } = this.#outage;
    const beganAt = clock.now();
    this.#lost = await transact((inside) => wakeLost(inside, wakeUps));
    this.#lookMs = Math.max(LOOK_MS, (clock.now() - beganAt) / LOOK_SHARE);
    this.#lookedAt = nowMs;
  }

  /** Of what was canceled the wake-ups still come: thousands of them must not hold up what waits. */
  async #fetch(): Promise<LeasedWakeUp[]> {
    const { transact, wakeUps } = this.#parts;
    while (!this.#outage.signal.aborted) {
      const found = await wakeUps.fetch(AT_ONCE - this.#held.length);
      if (found.length === 0) break;
      const ids = await transact((inside) => readQueuedIds(inside, found));
      const gone = found.filter(({ deliveryId }) => !ids.has(deliveryId));
      if (gone.length > 0) await transact((inside) => wakeUps.remove(idsOf(gone), inside));
      if (gone.length < found.length) return found.filter(({ deliveryId }) => ids.has(deliveryId));
    }
    return [];
  }

  #takeThose(isTaken: (one: HeldWakeUp) => boolean): HeldWakeUp[] {
    const taken = new Set(this.#held.filter(isTaken));
    this.#held = this.#held.filter((one) => !taken.has(one));
    return [...taken];
  }
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
  const left = await readOrphans(connection, others);
  // Until they are settled, their wake-ups stay: this worker may be killed as well.
  const leftIds = new Set(left.map(({ delivery }) => delivery.id));
  const unused = others.filter(({ deliveryId }) => !leftIds.has(deliveryId));
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

async function listWaitingWebhooks(connection: PostgresConnection, bound: ClaimBound): Promise<WebhookDue[]> {
  const rows = await connection.rows<[string]>(WAITING, [bound]);
  return rows.map(([webhookUuid]) => ({ webhookUuid, inMs: POLL_MS }));
}
