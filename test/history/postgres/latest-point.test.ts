import { describe, expect, test } from 'vitest';
import { completeAddress } from '../../../src/history/postgres/address.ts';
import { connectPostgres } from '../../../src/history/postgres/connection.ts';
import { latestPoint, pointTime } from '../../../src/history/postgres/latest-point.ts';
import { LOCK_RECORDING } from '../../../src/history/postgres/schema.ts';
import { openPostgresWriter } from '../../../src/history/postgres/writer.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { makeRecord } from '../../helpers/record.ts';

const addressOf = (url: string): string =>
  completeAddress(url, { source: '--history', env: {}, home: '/nowhere', folder: '/' });

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  test('the point is behind all that was recorded, and before all that comes', async () => {
    const address = addressOf(await server().makeDatabase());
    const writer = await openPostgresWriter(address);
    const reader = await connectPostgres(address);
    expect(await latestPoint(reader)).toBe(0);
    await writer.append(...makeRecord(1));
    const point = await latestPoint(reader);
    await writer.append(...makeRecord(2));
    const upTo = 'select id from hookproof.attempt where recorded_at <= $1';
    expect(await reader.rows(upTo, [pointTime(point)])).toEqual([[makeRecord(1)[1].id]]);
    expect(await reader.rows(upTo, [pointTime(await latestPoint(reader))])).toHaveLength(2);
    await Promise.all([reader.close(), writer.close()]);
  });

  test('who was storing attempts before is waited for, and who comes later is not', async () => {
    const address = addressOf(await server().makeDatabase());
    const writer = await openPostgresWriter(address);
    const [reader, slow, later] = [
      await connectPostgres(address),
      await connectPostgres(address),
      await connectPostgres(address),
    ];
    await slow.script('begin');
    await slow.rows(`select ${LOCK_RECORDING}`);
    let isThere = false;
    const point = latestPoint(reader).then((us) => {
      isThere = true;
      return us;
    });
    // The reader has its first answer of who is storing, and goes on asking.
    const asked = `select 1 from pg_stat_activity
      where query like '%virtualtransaction%' and state = 'idle' and pid <> pg_backend_pid()`;
    while ((await later.rows(asked)).length === 0);
    await later.script('begin');
    await later.rows(`select ${LOCK_RECORDING}`);
    expect(isThere).toBe(false);
    await slow.script('commit');
    expect(await point).toBe(0);
    await later.script('rollback');
    await Promise.all([reader, slow, later, writer].map((one) => one.close()));
  });

  test('a statement that stores attempts holds the lock, and asks the clock behind it', async () => {
    const address = addressOf(await server().makeDatabase());
    const [writer, holder] = [await openPostgresWriter(address), await connectPostgres(address)];
    await holder.script('begin');
    await holder.rows(`select ${LOCK_RECORDING.replace('_shared', '')}`);
    const stored = writer.append(...makeRecord(1));
    while ((await holder.rows(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length === 0);
    const [before] = await holder.rows<[string]>('select clock_timestamp()::text');
    await holder.script('commit');
    await stored;
    expect(await holder.rows('select recorded_at >= $1::timestamptz from hookproof.attempt', [before![0]])).toEqual([
      [true],
    ]);
    await Promise.all([writer.close(), holder.close()]);
  });
});
