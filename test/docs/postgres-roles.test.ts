import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/terminal/environment.ts';
import { openPostgresQueue } from '../../src/history/postgres/queue/postgres-queue.ts';
import { openPostgresQueueReader } from '../../src/history/postgres/queue/queue-reader.ts';
import { openPostgresWorkerQueue } from '../../src/history/postgres/queue/worker-queue.ts';
import type { ClaimedDelivery, SettledAttempt } from '../../src/history/queue.ts';
import { openPostgresReader } from '../../src/history/postgres/reader.ts';
import { openPostgresWriter } from '../../src/history/postgres/writer.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../helpers/postgres.ts';
import type { QueuedDelivery } from '../../src/model/queued-delivery.ts';
import { makeAttempt, makeRecord, WEBHOOK } from '../helpers/record.ts';
import { addressOf } from '../helpers/stores.ts';

const FILE = resolve(import.meta.dirname, '../../docs/postgres-roles.sql');

function queuedOf(index: number): QueuedDelivery {
  const [{ body, ...delivery }] = makeRecord(index);
  const reach = { isConfigured: false, vendor: 'mail2many', url: delivery.url, resolve: [], connectTo: [] };
  return {
    delivery,
    request: { headers: [], hasOwnSignature: false, body },
    reach: { ...reach, timeoutMs: 1000 },
    number: 1,
    sinceFirstMs: 0,
    dueAt: 0,
  };
}

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  test('each role may do what it is for, and nothing else', async () => {
    const url = await server().makeDatabase();
    const database = url.slice(url.lastIndexOf('/') + 1);
    const owner = await openPostgresWriter(addressOf(url));
    const [delivery, attempt] = makeRecord(1);
    await owner.append(delivery, attempt);
    // A second time, as after an update.
    for (const _ of [1, 2]) await server().run(readFileSync(FILE, 'utf8'), database);
    for (const role of ['reader', 'writer', 'keeper'])
      await server().run(`create role one_${role} login in role hookproof_${role}`);
    const addressFor = (role: string): string => addressOf(server().url(database, `one_${role}`));
    const refused = /this user lacks the rights for it: permission denied for table/;

    const reader = await openPostgresReader(addressFor('reader'));
    expect((await reader.find(delivery.id)).attempts).toHaveLength(1);
    expect(await reader.countPrunable({})).toMatchObject({ deliveries: 1 });
    await expect(openPostgresWriter(addressFor('reader'))).rejects.toThrow(refused);

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

    for (const role of ['reader', 'writer', 'keeper'])
      for (const sql of [
        'update hookproof.attempt set status = 200',
        'update hookproof.delivery set body = body',
        'truncate hookproof.exchange',
        'drop table hookproof.exchange',
        'create table hookproof.other ()',
        'insert into hookproof.migration (version) values (9)',
      ])
        await expect(server().run(`set role one_${role}; ${sql}`, database), sql).rejects.toThrow(/permission|owner/);
    for (const one of [owner, reader, writer, writersReader, keeper, keepersReader]) await one.close();
  });

  test('who records queues, a worker sends, and neither does the work of the other', async () => {
    const url = await server().makeDatabase();
    const database = url.slice(url.lastIndexOf('/') + 1);
    const outage = { clock: systemClock, signal: new AbortController().signal, say: () => undefined };
    const openWorker = (address: string) =>
      openPostgresWorkerQueue(address, { once: false, nowMs: Date.now(), outage });
    const opened: { close(): Promise<void> }[] = [];
    const keep = async <One extends { close(): Promise<void> }>(opening: Promise<One>): Promise<One> => {
      const one = await opening;
      opened.push(one);
      return one;
    };
    await (await openWorker(addressOf(url))).close();
    await server().run(readFileSync(FILE, 'utf8'), database);
    for (const role of ['reader', 'writer', 'worker'])
      await server().run(`create role two_${role} login in role hookproof_${role}`);
    const addressFor = (role: string): string => addressOf(server().url(database, `two_${role}`));
    const refused = /this user lacks the rights for it: permission denied for/;

    const writer = await keep(openPostgresQueue(addressFor('writer')));
    const items = [0, 1].map((index) => queuedOf(index));
    await writer.enqueue(items, items[0]?.dueAt ?? 0);
    // As the program does: of a webhook that is held it is said that the events wait.
    expect(await writer.counts(0)).toHaveLength(1);
    await expect(writer.list({})).rejects.toThrow(refused);
    await expect(writer.cancel({})).rejects.toThrow(refused);
    const reader = await keep(openPostgresQueueReader(addressFor('reader')));
    expect([await reader.list({}), await reader.counts(0)]).toMatchObject([[{ number: 1 }, { number: 1 }], [{}]]);
    await expect(openPostgresQueue(addressFor('reader'))).rejects.toThrow(refused);
    await expect(openWorker(addressFor('writer')).then((queue) => queue.listNext(0))).rejects.toThrow(refused);

    const worker = await keep(openWorker(addressFor('worker')));
    await expect(worker.enqueue(items, 0)).rejects.toThrow(refused);
    const claimed: ClaimedDelivery[] = [];
    for (let tries = 0; claimed.length < 2 && tries < 200; tries++) {
      await worker.listNext(tries * 1000);
      claimed.push(...(await worker.claim(WEBHOOK, 9, 0)));
    }
    const [one, two] = claimed.map(({ claimId, delivery, request }) => {
      const whole = { ...delivery, body: request.body };
      return { claimId, delivery: whole, attempt: makeAttempt(whole), next: null };
    }) as [SettledAttempt, SettledAttempt];
    const later = { number: 2, sinceFirstMs: 0, dueAt: 60_000 };
    await worker.settle([one, { ...two, next: later, hold: { heldAt: 0, reason: 'deactivated' } }], 0);
    // As after an answer that came late: what is kept is looked for.
    await worker.settle([one], 0);
    expect([await worker.enable(WEBHOOK), await worker.makeDue({}, 0), await worker.cancel({})]).toEqual([true, 1, 1]);
    // It looks for leases that are over, every 3 s: pg-boss would keep a refusal to itself.
    for (const sql of [
      'update hookproof_jobs.version set maintained_on = now()',
      'delete from hookproof_jobs.archive where archived_on < now()',
      'insert into hookproof_jobs.archive (id, name) select id, name from hookproof_jobs.job where false',
    ])
      await server().run(`set role two_worker; ${sql}`, database);
    for (const sql of [
      'select body from hookproof.delivery',
      'select url from hookproof.attempt',
      'delete from hookproof.attempt',
      'update hookproof_jobs.version set version = 1',
      'drop table hookproof_jobs.job',
      'insert into hookproof.migration (version) values (9)',
    ])
      await expect(server().run(`set role two_worker; ${sql}`, database), sql).rejects.toThrow(/permission|owner/);
    for (const queue of opened) await queue.close();
  });
});
