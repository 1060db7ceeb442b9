import { describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresReader } from '../../../../src/history/postgres/reader.ts';
import { openPostgresWorkerQueue } from '../../../../src/history/postgres/queue/worker-queue.ts';
import type { ClaimedDelivery, SettledAttempt, WorkerQueue } from '../../../../src/history/queue.ts';
import type { QueuedDelivery } from '../../../../src/model/queued-delivery.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../../helpers/postgres.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../../helpers/record.ts';
import { addressOf } from '../../../helpers/stores.ts';

/** What the caller's clock shows: the server's is another. */
const NOW = Date.parse('2020-01-01T00:00:00.000Z');
/** No answer takes longer, so that a lease is soon over. */
const TIMEOUT_MS = 1;

function queued(index: number, inMs = 0): QueuedDelivery {
  const [{ body, ...delivery }] = makeRecord(index);
  const reach = { isConfigured: false, vendor: 'mail2many', url: delivery.url, resolve: [], connectTo: [] };
  return {
    delivery,
    request: { headers: [['X-A', `"q" \\ ${index}`]], hasOwnSignature: index % 2 === 0, body },
    reach: { ...reach, timeoutMs: TIMEOUT_MS },
    number: 1,
    sinceFirstMs: 0,
    dueAt: NOW + inMs,
  };
}

function settled({ claimId, delivery, request, number }: ClaimedDelivery, parts: Partial<SettledAttempt> = {}) {
  const whole = { ...delivery, body: request.body };
  return { claimId, delivery: whole, attempt: makeAttempt(whole, { number }), next: null, ...parts };
}

/** pg-boss takes what is due before now, and now is the same in one transaction. */
async function claimSome(queue: WorkerQueue, most: number): Promise<ClaimedDelivery[]> {
  const claimed: ClaimedDelivery[] = [];
  for (let tries = 0; claimed.length === 0 && tries < 100; tries++) {
    await queue.listNext(NOW + tries * 1000);
    claimed.push(...(await queue.claim(WEBHOOK, most, NOW)));
  }
  return claimed;
}

const idsOf = (items: readonly { delivery: { id: string } }[]): string[] => items.map(({ delivery }) => delivery.id);

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  async function openPlace(): Promise<{
    url: string;
    open: () => Promise<WorkerQueue>;
    sql: (text: string) => Promise<unknown>;
  }> {
    const url = await server().makeDatabase();
    const open = async (): Promise<WorkerQueue> => {
      const queue = await openPostgresWorkerQueue(addressOf(url), { once: false, nowMs: NOW });
      onTestFinished(() => queue.close());
      return queue;
    };
    return { url, open, sql: (text) => server().run(text, new URL(url).pathname.slice(1)) };
  }

  test('two workers share what is due; each attempt is recorded with what comes next, by the clock of the server', async () => {
    const { url, open } = await openPlace();
    const [one, two] = [await open(), await open()];
    const items = [queued(0), queued(1), queued(2), queued(3, 3_600_000)];
    await one.enqueue(items, NOW);
    const [first] = (await claimSome(one, 1)) as [ClaimedDelivery];
    await one.postpone(WEBHOOK, 0);
    const others = await claimSome(two, 9);
    expect([...idsOf([first]), ...idsOf(others)].toSorted()).toEqual(idsOf(items.slice(0, 3)));
    const { delivery, request, reach } = items.find((item) => item.delivery.id === first.delivery.id) as QueuedDelivery;
    expect(first).toMatchObject({ delivery, reach, request: { ...request, body: new Uint8Array(request.body) } });
    const next = { number: 2, sinceFirstMs: 60_000.5, dueAt: NOW + 60_000 };
    await one.settle([settled(first, { next })], NOW);
    await two.settle(
      others.map((item) => settled(item)),
      NOW,
    );
    const left = await one.list({});
    expect(left.map(({ number }) => number)).toEqual([2, 1]);
    expect(left[0]?.dueAt).toBeGreaterThan(Date.now() + 30_000);
    const reader = await openPostgresReader(addressOf(url));
    onTestFinished(() => reader.close());
    expect(await reader.list({ limit: 9 })).toHaveLength(3);
  });

  test('what a worker that has ended had under way is found by another when its lease is over', async () => {
    const { open, sql } = await openPlace();
    const [one, two] = [await open(), await open()];
    await one.enqueue([queued(0)], NOW);
    const [lost] = (await claimSome(one, 1)) as [ClaimedDelivery];
    await two.listNext(NOW);
    expect([await two.claim(WEBHOOK, 9, NOW), await two.takeOrphans()]).toEqual([[], []]);
    // The lease is over, and pg-boss gives it to whoever asks.
    await sql(`update hookproof_jobs.job set state = 'retry' where state = 'active'`);
    await claimSome(two, 9);
    const [orphan] = (await two.takeOrphans()) as [ClaimedDelivery];
    expect(orphan).toEqual(lost);
    const unknown = { ...makeAttempt({ ...lost.delivery, body: lost.request.body }), errorCode: 'OUTCOME_UNKNOWN' };
    const next = { number: 2, sinceFirstMs: 1, dueAt: NOW + 60_000 };
    await two.settle(
      [settled(orphan, { attempt: { ...unknown, ...REFUSED, errorCode: 'OUTCOME_UNKNOWN' }, next })],
      NOW,
    );
    // The first was only slow: its answer is recorded, and takes nothing out of the hands of the second.
    await one.settle([settled(lost, { attempt: { ...unknown, id: lost.claimId, errorCode: null } })], NOW);
    expect(await one.list({})).toMatchObject([{ number: 2 }]);
    expect(await sql('select count(*)::integer as attempts from hookproof.attempt')).toEqual([{ attempts: 2 }]);
  });

  test('a held webhook waits until it is enabled; what is hurried or canceled is so for every worker', async () => {
    const { open } = await openPlace();
    const queue = await open();
    await queue.enqueue([queued(0), queued(1), queued(2, 3_600_000)], NOW);
    const [first] = (await claimSome(queue, 1)) as [ClaimedDelivery];
    await queue.settle([settled(first, { hold: { heldAt: NOW, reason: 'deactivated' } })], NOW);
    await queue.listNext(NOW);
    expect(await queue.claim(WEBHOOK, 9, NOW)).toEqual([]);
    expect(await queue.counts(NOW)).toMatchObject([{ due: 1, later: 1, underWay: 0, held: { reason: 'deactivated' } }]);
    expect([await queue.enable(WEBHOOK), await queue.enable(WEBHOOK)]).toEqual([true, false]);
    const [again] = (await claimSome(queue, 9)) as [ClaimedDelivery];
    await queue.release([again]);
    expect(await queue.makeDue({ webhookUuid: WEBHOOK, event: 'optin' }, NOW)).toBe(2);
    expect(await queue.cancel({ idBeginning: again.delivery.id })).toBe(1);
    expect(idsOf(await claimSome(queue, 9))).toEqual([queued(2).delivery.id]);
  });
});
