import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPostgresQueue } from '../../src/history/postgres/queue/postgres-queue.ts';
import { openPostgresQueueReader } from '../../src/history/postgres/queue/queue-reader.ts';
import { openPostgresWorkerQueue } from '../../src/history/postgres/queue/worker-queue.ts';
import { openPostgresReader } from '../../src/history/postgres/reader.ts';
import { openPostgresWriter } from '../../src/history/postgres/writer.ts';
import type { ClaimedDelivery } from '../../src/history/queue.ts';
import type { QueuedDelivery } from '../../src/model/queued-delivery.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../helpers/postgres.ts';
import { makeAttempt, makeRecord, WEBHOOK } from '../helpers/record.ts';
import { addressOf } from '../helpers/stores.ts';

const FILE = resolve(import.meta.dirname, '../../docs/postgres-roles.sql');

const ROLES = ['reader', 'writer', 'worker', 'keeper'];
const NOW = Date.parse('2026-11-01T12:00:00.000Z');

function makeQueued(index: number): QueuedDelivery {
  const [{ body, ...delivery }] = makeRecord(index);
  const reach = { isConfigured: false, vendor: 'mail2many', url: delivery.url, resolve: [], connectTo: [] };
  const request = { headers: [], hasOwnSignature: false, body };
  return { delivery, request, reach: { ...reach, timeoutMs: 9000 }, number: 1, sinceFirstMs: 0, dueAt: NOW };
}

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  test('the worker may queue, send and record, the reader sees what waits, and nobody else does', async () => {
    const url = await server().makeDatabase();
    const database = url.slice(url.lastIndexOf('/') + 1);
    const owner = await openPostgresQueue(addressOf(url));
    await server().run(readFileSync(FILE, 'utf8'), database);
    for (const role of ROLES) await server().run(`create role queue_${role} login in role hookproof_${role}`);
    const addressFor = (role: string): string => addressOf(server().url(database, `queue_${role}`));

    const worker = await openPostgresWorkerQueue(addressFor('worker'), { once: false, nowMs: NOW });
    await worker.enqueue([makeQueued(1), makeQueued(2), makeQueued(3)], NOW);
    let claimed: ClaimedDelivery[] = [];
    for (let tries = 0; claimed.length === 0 && tries < 100; tries++) {
      await worker.listNext(NOW + tries * 1000);
      claimed = await worker.claim(WEBHOOK, 2, NOW);
    }
    const [sent, unsent] = claimed as [ClaimedDelivery, ClaimedDelivery];
    const delivery = { ...sent.delivery, body: sent.request.body };
    const hold = { heldAt: NOW, reason: 'a test' };
    await worker.settle([{ claimId: sent.claimId, delivery, attempt: makeAttempt(delivery), next: null, hold }], NOW);
    await worker.release([unsent]);
    expect(await worker.takeOrphans()).toEqual([]);
    expect(await worker.enable(WEBHOOK)).toBe(true);
    const [first, attempt] = makeRecord(4);
    await worker.recordFirst({ delivery: first, attempt, rest: { ...makeQueued(4), number: 2 } }, NOW);
    expect(await worker.makeDue({}, NOW)).toBe(3);

    const reader = await openPostgresQueueReader(addressFor('reader'));
    expect(await reader.list({})).toHaveLength(3);
    expect(await reader.counts(NOW)).toMatchObject([{ due: 3, underWay: 0, held: null }]);
    expect(await worker.cancel({})).toBe(3);
    for (const role of ['reader', 'writer', 'keeper'])
      await expect(openPostgresQueue(addressFor(role)), role).rejects.toThrow(/lacks the rights/);
    for (const role of ['writer', 'keeper']) {
      const none = await openPostgresQueueReader(addressFor(role));
      await expect(none.list({}), role).rejects.toThrow(/lacks the rights/);
      await none.close();
    }
    for (const one of [owner, worker, reader]) await one.close();
  });

  test('each role may do what it is for, and nothing else', async () => {
    const url = await server().makeDatabase();
    const database = url.slice(url.lastIndexOf('/') + 1);
    const owner = await openPostgresWriter(addressOf(url));
    const [delivery, attempt] = makeRecord(1);
    await owner.append(delivery, attempt);
    // A second time, as after an update.
    for (const _ of [1, 2]) await server().run(readFileSync(FILE, 'utf8'), database);
    for (const role of ROLES) await server().run(`create role one_${role} login in role hookproof_${role}`);
    const addressFor = (role: string): string => addressOf(server().url(database, `one_${role}`));
    const refused = /this user lacks the rights for it: permission denied for table/;

    const reader = await openPostgresReader(addressFor('reader'));
    expect((await reader.find(delivery.id)).attempts).toHaveLength(1);
    expect(await reader.countPrunable({})).toMatchObject({ deliveries: 1 });
    const readersWriter = await openPostgresWriter(addressFor('reader'));
    await expect(readersWriter.append(...makeRecord(2))).rejects.toThrow(refused);
    await expect(readersWriter.prune({})).rejects.toThrow(refused);

    const writer = await openPostgresWriter(addressFor('writer'));
    await writer.append(delivery, makeAttempt(delivery, { number: 2 }));
    await writer.append(...makeRecord(3));
    expect((await reader.find(delivery.id)).attempts).toHaveLength(2);
    const writersReader = await openPostgresReader(addressFor('writer'));
    await expect(writersReader.list({ limit: 1 })).rejects.toThrow(refused);
    await expect(writersReader.find(delivery.id)).rejects.toThrow(refused);
    await expect(writer.prune({})).rejects.toThrow(refused);

    const keeper = await openPostgresWriter(addressFor('keeper'));
    await expect(keeper.append(...makeRecord(4))).rejects.toThrow(refused);
    expect(await keeper.prune({ keepLast: 1 })).toEqual({ deliveries: 1, attempts: 2 });
    const keepersReader = await openPostgresReader(addressFor('keeper'));
    expect(await keepersReader.countPrunable({})).toMatchObject({ deliveries: 1 });
    expect(await keepersReader.webhookUrls(delivery.webhookUuid)).toEqual([delivery.url]);
    await expect(keepersReader.find(makeRecord(3)[0].id)).rejects.toThrow(refused);

    for (const role of ROLES)
      for (const sql of [
        'update hookproof.attempt set status = 200',
        'update hookproof.delivery set body = body',
        'truncate hookproof.exchange',
        'drop table hookproof.exchange',
        'create table hookproof.other ()',
        'insert into hookproof.migration (version) values (9)',
      ])
        await expect(server().run(`set role one_${role}; ${sql}`, database), sql).rejects.toThrow(/permission|owner/);
    for (const one of [owner, reader, readersWriter, writer, writersReader, keeper, keepersReader]) await one.close();
  });
});
