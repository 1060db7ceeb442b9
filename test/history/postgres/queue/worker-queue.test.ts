import { describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresReader } from '../../../../src/history/postgres/reader.ts';
import { openPostgresQueue } from '../../../../src/history/postgres/queue/postgres-queue.ts';
import { openPostgresQueueReader } from '../../../../src/history/postgres/queue/queue-reader.ts';
import { openPostgresWorkerQueue } from '../../../../src/history/postgres/queue/worker-queue.ts';
import { MIGRATIONS } from '../../../../src/history/postgres/schema.ts';
import type { ClaimedDelivery, SettledAttempt, WorkerQueue } from '../../../../src/history/queue.ts';
import type { QueuedDelivery } from '../../../../src/model/queued-delivery.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../../helpers/postgres.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../../helpers/record.ts';
import { systemClock } from '../../../../src/cli/terminal/environment.ts';
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
async function claimSome(queue: WorkerQueue, most: number, nowMs = NOW): Promise<ClaimedDelivery[]> {
  const claimed: ClaimedDelivery[] = [];
  for (let tries = 0; claimed.length === 0 && tries < 100; tries++) {
    await queue.listNext(nowMs + tries * 1000);
    claimed.push(...(await queue.claim(WEBHOOK, most, nowMs)));
  }
  return claimed;
}

const idsOf = (items: readonly { delivery: { id: string } }[]): string[] => items.map(({ delivery }) => delivery.id);

const outageOf = (said: string[]) => ({
  clock: systemClock,
  signal: new AbortController().signal,
  say: (text: string) => void said.push(text),
});

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  async function openPlace(said: string[] = []): Promise<{
    url: string;
    open: () => Promise<WorkerQueue>;
    sql: (text: string) => Promise<unknown>;
  }> {
    const url = await server().makeDatabase();
    const open = async (): Promise<WorkerQueue> => {
      const queue = await openPostgresWorkerQueue(addressOf(url), { once: false, nowMs: NOW, outage: outageOf(said) });
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
    // pg-boss gives it to whoever asks, but the worker has its time: it is looked at when the lease is over.
    await sql(`update hookproof_jobs.job set state = 'retry' where state = 'active'`);
    await two.listNext(NOW + 1000);
    expect([await two.claim(WEBHOOK, 9, NOW), await two.takeOrphans()]).toEqual([[], []]);
    await sql(`update hookproof.under_way set began_at = began_at - interval '1 hour';
      update hookproof_jobs.job set start_after = now() - interval '1 second'`);
    // Whoever is woken and cannot use it gives it back, and nobody loses sight of the delivery.
    await two.listNext(NOW + 2000);
    await two.listNext(NOW + 9000);
    await two.listNext(NOW + 10_000);
    expect(await two.claim(WEBHOOK, 9, NOW)).toEqual([]);
    const [orphan] = (await two.takeOrphans()) as [ClaimedDelivery];
    expect(orphan).toEqual({ ...lost, beganAt: lost.beganAt - 3_600_000 });
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

  test('what was canceled does not hold up what waits', async () => {
    const { open, sql } = await openPlace();
    const queue = await open();
    await queue.enqueue(
      Array.from({ length: 450 }, (_, index) => queued(index)),
      NOW,
    );
    expect(await queue.cancel({})).toBe(450);
    await queue.enqueue([queued(450)], NOW);
    // Of the server it is past, once it has answered.
    await sql('select 1');
    expect(await queue.listNext(NOW)).toEqual([{ webhookUuid: WEBHOOK, inMs: 0 }]);
    expect(idsOf(await queue.claim(WEBHOOK, 1, NOW))).toEqual(idsOf([queued(450)]));
    expect(await sql('select count(*)::integer as jobs from hookproof_jobs.job')).toEqual([{ jobs: 1 }]);
  });

  test('an answer that came while the server was away is recorded once it is back, and once', async () => {
    const said: string[] = [];
    const { open, sql } = await openPlace(said);
    const queue = await open();
    await queue.enqueue([queued(0), queued(1)], NOW);
    const [one, two] = (await claimSome(queue, 2)) as [ClaimedDelivery, ClaimedDelivery];
    await queue.settle([settled(one)], NOW);
    await server().stop();
    // As when the server went away before it could say that the first is kept.
    const kept = queue.settle([settled(one), settled(two)], NOW);
    const counted = queue.counts(NOW);
    await server().start();
    await Promise.all([kept, counted]);
    expect(await queue.list({})).toEqual([]);
    expect(await sql('select count(*)::integer as attempts from hookproof.attempt')).toEqual([{ attempts: 2 }]);
    expect(said).toEqual([
      expect.stringMatching(/the server went away in the middle: trying again for 5 min$/),
      expect.stringMatching(/the queue is back after [\d.]+ m?s$/),
    ]);
  });

  test('of two connections either may break', async () => {
    const said: string[] = [];
    const { open, sql } = await openPlace(said);
    const queue = await open();
    await queue.enqueue([queued(0)], NOW);
    // That of pg-boss, which passes over such failures.
    await sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like '%hookproof_jobs.%' and pid <> pg_backend_pid()`);
    expect(await claimSome(queue, 1)).toHaveLength(1);
    expect(said).toHaveLength(2);
  });

  const LOSSES: readonly [what: string, sql: string][] = [
    ['the wake-ups are deleted', 'delete from hookproof_jobs.job'],
    ['the schema of pg-boss is dropped', 'drop schema hookproof_jobs cascade'],
  ];

  test.each(LOSSES)('%s: what is due is woken, by a worker that runs and by a new one', async (_, loss) => {
    const { url, open, sql } = await openPlace();
    const running = await open();
    expect(await running.listNext(NOW)).toEqual([]);
    await running.enqueue([queued(0), queued(1), queued(2, 3_600_000)], NOW);
    await sql(loss);
    const [first] = (await claimSome(running, 1, NOW + 60_000)) as [ClaimedDelivery];
    await running.settle([settled(first)], NOW);
    await running.close();
    await sql(loss);
    const options = { once: true, nowMs: NOW, outage: outageOf([]) };
    const fresh = await openPostgresWorkerQueue(addressOf(url), options);
    onTestFinished(() => fresh.close());
    const [second] = (await claimSome(fresh, 9)) as [ClaimedDelivery];
    expect(idsOf([first, second]).toSorted()).toEqual(idsOf([queued(0), queued(1)]));
    await fresh.settle([settled(second)], NOW);
    expect(await sql('select count(*)::integer as attempts from hookproof.attempt')).toEqual([{ attempts: 2 }]);
  });

  test("a wake-up that is in somebody's hands, or put back, is not lost; one of a lease that is over is", async () => {
    const { open, sql } = await openPlace();
    const [one, two] = [await open(), await open()];
    const jobs = async (): Promise<unknown> => sql('select count(*)::integer as jobs from hookproof_jobs.job');
    await one.enqueue([queued(0), queued(1), queued(2)], NOW);
    const [lost] = (await claimSome(one, 1)) as [ClaimedDelivery];
    await two.listNext(NOW + 60_000);
    expect(await jobs()).toEqual([{ jobs: 3 }]);
    await one.postpone(WEBHOOK, 86_400_000);
    await two.listNext(NOW + 120_000);
    expect(await jobs()).toEqual([{ jobs: 3 }]);
    await sql(`delete from hookproof_jobs.job where state = 'active';
      update hookproof.under_way set began_at = began_at - interval '1 hour'`);
    await two.listNext(NOW + 180_000);
    await two.listNext(NOW + 181_000);
    await two.claim(WEBHOOK, 9, NOW);
    expect(idsOf(await two.takeOrphans())).toEqual(idsOf([lost]));
  });

  test('who has a bound waits for wake-ups of others, but not for long; what it left is counted', async () => {
    const { url, open } = await openPlace();
    const other = await open();
    await other.enqueue([queued(0), queued(1), queued(2)], NOW);
    await claimSome(other, 1);
    await other.postpone(WEBHOOK, 600_000);
    const options = { once: true, nowMs: NOW, outage: outageOf([]) };
    const queue = await openPostgresWorkerQueue(addressOf(url), options);
    onTestFinished(() => queue.close());
    await other.enqueue([queued(3)], NOW);
    await other.listNext(NOW + 60_000);
    await other.postpone(WEBHOOK, 600_000);
    const waits = [{ webhookUuid: WEBHOOK, inMs: expect.any(Number) }];
    expect(await queue.listNext(NOW)).toEqual(waits);
    expect(await queue.listNext(NOW + 9000)).toEqual(waits);
    expect(await queue.listNext(NOW + 20_000)).toEqual([]);
    expect(await queue.counts(NOW)).toMatchObject([{ due: 2, later: 1, underWay: 1 }]);
  });

  test.each(['version', 'queue'])('pg-boss without its table of the %s is told, and what to do', async (table) => {
    const { url, open, sql } = await openPlace();
    const queue = await open();
    await queue.enqueue([queued(0)], NOW);
    await sql(`truncate hookproof_jobs.${table} cascade`);
    await expect(openPostgresQueue(addressOf(url))).rejects.toMatchObject({
      kind: 'history',
      message: expect.stringContaining('which wakes the workers, were emptied'),
      hint: expect.stringContaining('drop schema hookproof_jobs cascade'),
    });
    if (table === 'queue')
      await expect(queue.makeDue({}, NOW)).rejects.toMatchObject({ message: expect.stringContaining('is gone') });
  });

  test('whoever is to stop does not wait for a server that is away', async () => {
    const url = await server().makeDatabase();
    const stopping = new AbortController();
    const outage = { ...outageOf([]), signal: stopping.signal };
    const queue = await openPostgresWorkerQueue(addressOf(url), { once: false, nowMs: NOW, outage });
    await server().stop();
    try {
      const listed = queue.listNext(NOW);
      stopping.abort();
      await expect(listed).rejects.toMatchObject({ kind: 'history', message: expect.stringContaining('went away') });
      await queue.close();
    } finally {
      await server().start();
    }
  });

  test('two workers whose clocks are five minutes apart send nothing early, and take nothing from each other', async () => {
    const { open, sql } = await openPlace();
    const [early, late] = [await open(), await open()];
    const fast = Date.now() + 150_000;
    const slow = Date.now() - 150_000;
    // Each may ask again at once: its clock goes on by more than it waits between two questions.
    let asked = 100_000;
    const claimBy = async (queue: WorkerQueue, nowMs: number): Promise<ClaimedDelivery[]> => {
      asked += 1000;
      await queue.listNext(nowMs + asked);
      return queue.claim(WEBHOOK, 9, nowMs + asked);
    };
    await late.enqueue([{ ...queued(0), dueAt: slow }], slow);
    const [item] = (await claimSome(late, 1, slow)) as [ClaimedDelivery];
    expect([await claimBy(early, fast), await early.takeOrphans()]).toEqual([[], []]);
    await late.settle([settled(item, { next: { number: 2, sinceFirstMs: 60_000, dueAt: slow + 60_000 } })], slow);
    expect([...(await claimBy(early, fast)), ...(await claimBy(late, slow))]).toEqual([]);
    const due = `extract(epoch from due_at - clock_timestamp())::integer between 40 and 60`;
    expect(await sql(`select ${due} as rightly from hookproof.queued`)).toEqual([{ rightly: true }]);
    // The minute is over.
    await sql(
      `update hookproof.queued set due_at = clock_timestamp(); update hookproof_jobs.job set start_after = now()`,
    );
    const [again] = (await claimSome(early, 1, fast + 200_000)) as [ClaimedDelivery];
    expect([await claimBy(late, slow), await late.takeOrphans()]).toEqual([[], []]);
    await early.settle([settled(again)], fast);
    expect(await late.list({})).toEqual([]);
    expect(await sql('select count(*)::integer as attempts from hookproof.attempt')).toEqual([{ attempts: 2 }]);
  });

  test('an older program has no queue yet, and of a newer one it is said', async () => {
    const url = await server().makeDatabase();
    const address = addressOf(url);
    const sql = (text: string) => server().run(text, new URL(url).pathname.slice(1));
    await sql(`create schema hookproof; ${MIGRATIONS[0]};
      create table hookproof.migration (version integer primary key, made_at timestamptz default now());
      insert into hookproof.migration (version) values (1)`);
    const reader = await openPostgresQueueReader(address);
    expect([await reader.list({}), await reader.counts(NOW)]).toEqual([[], []]);
    await reader.close();
    const queue = await openPostgresQueue(address);
    await queue.enqueue([queued(0)], NOW);
    expect(await queue.list({})).toHaveLength(1);
    await queue.close();
    await sql('update hookproof_jobs.version set version = version + 1');
    await expect(openPostgresQueue(address)).rejects.toMatchObject({
      kind: 'history',
      message: expect.stringMatching(/the jobs of its queue \(schema hookproof_jobs\) were made by a newer hookproof/),
    });
    await sql(`insert into hookproof.migration (version) values (${MIGRATIONS.length + 1})`);
    const newer = { kind: 'history', message: expect.stringContaining('was written by a newer hookproof (format') };
    await expect(openPostgresQueueReader(address)).rejects.toMatchObject(newer);
    await expect(
      openPostgresWorkerQueue(address, { once: true, nowMs: NOW, outage: outageOf([]) }),
    ).rejects.toMatchObject(newer);
  });
});
