import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPostgresReader } from '../../src/history/postgres/reader.ts';
import { openPostgresWriter } from '../../src/history/postgres/writer.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../helpers/postgres.ts';
import { makeAttempt, makeRecord } from '../helpers/record.ts';
import { addressOf } from '../helpers/stores.ts';

const FILE = resolve(import.meta.dirname, '../../docs/postgres-roles.sql');

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
    for (const one of [owner, reader, readersWriter, writer, writersReader, keeper, keepersReader]) await one.close();
  });
});
