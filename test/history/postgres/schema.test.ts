import { describe, expect, test } from 'vitest';
import { connectPostgres } from '../../../src/history/postgres/connection.ts';
import { openPostgresReader } from '../../../src/history/postgres/reader.ts';
import { migrate, MIGRATIONS, requireServer } from '../../../src/history/postgres/schema.ts';
import { openPostgresWriter } from '../../../src/history/postgres/writer.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { makeRecord } from '../../helpers/record.ts';
import { addressOf } from '../../helpers/stores.ts';

test.each([
  [150_018, 'UTF8', null],
  [140_000, 'UTF8', null],
  [130_021, 'UTF8', 'history x: the server is PostgreSQL 13, and 14 or newer is needed'],
  [90_624, 'UTF8', 'history x: the server is PostgreSQL 9.6, and 14 or newer is needed'],
  [150_018, 'LATIN1', 'history x: the database is encoded in LATIN1, and UTF8 is needed'],
])('a server of version %i with %s', (version, encoding, refused) => {
  const refusal = expect(() => requireServer('x', version, encoding));
  if (refused === null) refusal.not.toThrow();
  else refusal.toThrow(expect.objectContaining({ kind: 'history', message: refused }));
});

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  test('many that migrate at once make the tables once, and all can write', async () => {
    const url = await server().makeDatabase();
    const writers = await Promise.all(Array.from({ length: 8 }, () => openPostgresWriter(addressOf(url))));
    await Promise.all(writers.map((writer, index) => writer.append(...makeRecord(index))));
    const reader = await openPostgresReader(addressOf(url));
    expect(await reader.list({ limit: 20 })).toHaveLength(8);
    const connection = await connectPostgres(addressOf(url));
    const versions = await connection.rows('select version from hookproof.migration order by version');
    expect(versions).toEqual(MIGRATIONS.map((_, index) => [index + 1]));
    await Promise.all([...writers, reader, connection].map((one) => one.close()));
  });

  test('a migration that fails leaves nothing, and the next one does it all', async () => {
    const url = await server().makeDatabase();
    const connection = await connectPostgres(addressOf(url));
    await connection.script('create schema hookproof; create table hookproof.exchange (in_the_way integer)');
    await expect(migrate(connection)).rejects.toMatchObject({ kind: 'history' });
    const tables = `select table_name from information_schema.tables where table_schema = 'hookproof'`;
    expect(await connection.rows(tables)).toEqual([['exchange']]);
    await connection.script('drop table hookproof.exchange');
    await migrate(connection);
    expect(await connection.rows(tables)).toHaveLength(7);
    await connection.close();
  });

  test('the tables of a newer version are neither read nor written', async () => {
    const url = await server().makeDatabase();
    await (await openPostgresWriter(addressOf(url))).close();
    const connection = await connectPostgres(addressOf(url));
    await connection.rows('insert into hookproof.migration (version) values ($1)', [MIGRATIONS.length + 1]);
    await connection.close();
    const refused = { kind: 'history', message: expect.stringContaining('was written by a newer hookproof (format') };
    await expect(openPostgresReader(addressOf(url))).rejects.toMatchObject(refused);
    await expect(openPostgresWriter(addressOf(url))).rejects.toMatchObject(refused);
  });

  test('a database that is not encoded in UTF8 is refused', async () => {
    const url = await server().makeDatabase(`encoding 'LATIN1' template template0`);
    await expect(openPostgresWriter(addressOf(url))).rejects.toThrow(/is encoded in LATIN1, and UTF8 is needed/);
  });
});
