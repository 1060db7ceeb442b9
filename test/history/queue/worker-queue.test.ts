import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { openQueueReader } from '../../../src/history/queue/queue-reader.ts';
import { openQueue } from '../../../src/history/queue/sqlite-queue.ts';
import { openWorkerQueue } from '../../../src/history/queue/worker-queue.ts';
import type { ClaimedDelivery, WorkerQueue } from '../../../src/history/queue.ts';
import type { QueuedDelivery } from '../../../src/model/queued-delivery.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';

const OTHER = '223e4567-e89b-12d3-a456-426614174000';
const NOW = Date.parse('2026-11-01T12:00:00.000Z');

function queued(index: number, parts: Partial<QueuedDelivery> = {}, webhookUuid = WEBHOOK): QueuedDelivery {
  const [{ body, ...delivery }] = makeRecord(index, { delivery: { webhookUuid } });
  return {
    delivery,
    request: { headers: [['Content-Type', 'application/json']], hasOwnSignature: false, body },
    reach: { isConfigured: false, vendor: 'mail2many', url: delivery.url, resolve: [], connectTo: [], timeoutMs: 9000 },
    number: 1,
    sinceFirstMs: 0,
    dueAt: NOW + index,
    ...parts,
  };
}

async function openTestQueue(path = join(testFolder(), 'history.db')): Promise<{ path: string; queue: WorkerQueue }> {
  const queue = await openWorkerQueue(path, { once: false, nowMs: NOW });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await queue.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { path, queue: { ...queue, close } };
}

const attemptOf = ({ delivery, request, number }: ClaimedDelivery, parts: Parameters<typeof makeAttempt>[1] = {}) => {
  const whole = { ...delivery, body: request.body };
  return { claimId: '', delivery: whole, attempt: makeAttempt(whole, { number, ...parts }) };
};

const idsOf = (items: readonly { delivery: { id: string } }[]): string[] => items.map(({ delivery }) => delivery.id);

/** Byte by byte large bodies take long to compare. */
const asText = ({ request, ...item }: ClaimedDelivery): unknown => ({
  ...item,
  request: { ...request, body: Buffer.from(request.body).toString() },
});

test('what is put in comes out as it was, when it is due, once', async () => {
  const { queue } = await openTestQueue();
  const large = queued(1, { request: { headers: [], hasOwnSignature: true, body: Buffer.alloc(3_000_000, 'x') } });
  const items = [queued(0), large, queued(2, { dueAt: NOW + 60_000 }), queued(3, {}, OTHER)];
  await queue.enqueue(items, NOW);
  expect(await queue.listNext(NOW + 10)).toEqual([
    { webhookUuid: WEBHOOK, inMs: -10 },
    { webhookUuid: OTHER, inMs: -7 },
  ]);
  const claimed = await queue.claim(WEBHOOK, 10, NOW + 10);
  const expected = [items[0], large].map((item) =>
    asText({ ...(item as QueuedDelivery), beganAt: NOW + 10, claimId: '' }),
  );
  expect(claimed.map(asText)).toEqual(expected);
  expect(await queue.claim(WEBHOOK, 10, NOW + 10)).toEqual([]);
  expect(await queue.listNext(NOW)).toEqual([
    { webhookUuid: OTHER, inMs: 3 },
    { webhookUuid: WEBHOOK, inMs: 60_000 },
  ]);
});

test('an attempt is recorded together with what comes next; what has ended leaves the queue', async () => {
  const { path, queue } = await openTestQueue();
  await queue.enqueue([queued(0), queued(1)], NOW);
  const [first, second] = (await queue.claim(WEBHOOK, 2, NOW + 9)) as [ClaimedDelivery, ClaimedDelivery];
  const next = { number: 2, sinceFirstMs: 60_000, dueAt: NOW + 60_000 };
  await queue.settle(
    [
      { ...attemptOf(first, REFUSED), next },
      { ...attemptOf(second), next: null },
    ],
    NOW,
  );
  const history = await openHistory(path);
  onTestFinished(() => history.close());
  const listed = await history.list({ limit: 9 });
  expect(listed.map(({ id, attempts }) => [id, attempts.map(({ outcome }) => outcome)])).toEqual([
    [second.delivery.id, ['delivered']],
    [first.delivery.id, ['refused']],
  ]);
  const [again] = await queue.claim(WEBHOOK, 2, NOW + 60_000);
  expect(again).toMatchObject({ ...next, delivery: first.delivery });
  await queue.settle([{ ...attemptOf(again as ClaimedDelivery), next: null }], NOW);
  expect(await queue.counts(NOW)).toEqual([]);
});

test('what did not go out is given back as it was; what a worker leaves behind is found by the next', async () => {
  const { path, queue } = await openTestQueue();
  await queue.enqueue([queued(0), queued(1)], NOW);
  const [first, second] = (await queue.claim(WEBHOOK, 2, NOW + 9)) as [ClaimedDelivery, ClaimedDelivery];
  await queue.release([first]);
  await queue.close();
  const { queue: next } = await openTestQueue(path);
  expect(await next.takeOrphans()).toEqual([second]);
  expect(await next.claim(WEBHOOK, 9, NOW + 20)).toEqual([{ ...first, beganAt: NOW + 20 }]);
});

test('the rest of a held webhook waits until it is enabled', async () => {
  const { queue } = await openTestQueue();
  await queue.enqueue([queued(0), queued(1), queued(2, {}, OTHER)], NOW);
  const [first] = (await queue.claim(WEBHOOK, 1, NOW + 9)) as [ClaimedDelivery];
  const hold = { heldAt: NOW + 9, reason: 'deactivated' };
  await queue.settle([{ ...attemptOf(first, REFUSED), next: null, hold }], NOW);
  expect(await queue.listNext(NOW)).toEqual([{ webhookUuid: OTHER, inMs: 2 }]);
  expect(await queue.counts(NOW + 1)).toMatchObject([
    { webhookUuid: WEBHOOK, due: 1, later: 0, underWay: 0, held: hold },
    { webhookUuid: OTHER, due: 0, later: 1, underWay: 0, held: null },
  ]);
  expect((await queue.list({})).map(({ isHeld }) => isHeld)).toEqual([true, false]);
  expect([await queue.enable(WEBHOOK), await queue.enable(WEBHOOK)]).toEqual([true, false]);
  expect(idsOf(await queue.claim(WEBHOOK, 9, NOW + 9))).toEqual([queued(1).delivery.id]);
});

test('cancelling and hurrying leave what is under way', async () => {
  const { queue } = await openTestQueue();
  const later = { dueAt: NOW + 60_000 };
  await queue.enqueue([queued(0), queued(1, later), queued(2, later), queued(3, later, OTHER)], NOW);
  await queue.claim(WEBHOOK, 1, NOW);
  expect(await queue.cancel({ idBeginning: queued(1).delivery.id })).toBe(1);
  expect(await queue.makeDue({ webhookUuid: WEBHOOK }, NOW + 5)).toBe(1);
  expect((await queue.list({})).map(({ id, dueAt }) => [id, dueAt])).toEqual([
    [queued(0).delivery.id, null],
    [queued(2).delivery.id, NOW + 5],
    [queued(3).delivery.id, NOW + 60_000],
  ]);
  expect(await queue.cancel({})).toBe(2);
});

test('a history without a queue is read as one whose queue is empty, and is not changed', async () => {
  const folder = testFolder();
  const path = join(folder, 'history.db');
  const history = await openHistory(path);
  await history.append(...makeRecord(0));
  await history.close();
  for (const file of [path, join(folder, 'missing.db')]) {
    const reader = await openQueueReader(file);
    expect([await reader.list({}), await reader.counts(NOW)]).toEqual([[], []]);
    await reader.close();
  }
});

test('of two workers on one history the second is refused; who fills the queue is not', async () => {
  const { path, queue } = await openTestQueue();
  await expect(openWorkerQueue(path, { once: false, nowMs: NOW })).rejects.toMatchObject({
    kind: 'history',
    thenAgain: true,
  });
  const filling = await openQueue(path);
  await filling.enqueue([queued(0)], NOW);
  await filling.close();
  expect(await queue.listNext(NOW)).toHaveLength(1);
});
