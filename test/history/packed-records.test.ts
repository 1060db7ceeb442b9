import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { insertPacked } from '../../src/history/insert-packed.ts';
import { openForWriting } from '../../src/history/open-database.ts';
import { makePacker, type PackedRecords } from '../../src/history/packed-records.ts';
import { readerOf } from '../../src/history/reader.ts';
import { writerOf } from '../../src/history/writer.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeRecord, REFUSED } from '../helpers/record.ts';

async function openPacked(path: string) {
  const database = await openForWriting(path);
  return {
    ...readerOf(database),
    ...writerOf(database),
    appendPacked: async (records: PackedRecords) => insertPacked(database, records),
  };
}

test('records survive the transfer to a thread, bodies byte for byte and without their buffers', async () => {
  const history = await openPacked(join(testFolder(), 'history.db'));
  const buffer = new Uint8Array(4 * 1024 * 1024).map((_, index) => index % 251);
  const tls = { protocol: 'TLSv1.3', peerFingerprint: 'AB:CD' };
  const records = [
    makeRecord(0, { delivery: { body: buffer.subarray(10, 13) } }),
    makeRecord(1, {
      delivery: { body: new Uint8Array(), eventId: null, direction: 'in' },
      attempt: { ...REFUSED, responseBody: new Uint8Array(), tls },
    }),
    makeRecord(2, {
      delivery: { body: buffer.subarray(1) },
      attempt: {
        requestHeaders: [
          ['authorization', 'Bearer x'],
          ['x-name', 'Müller \u0001 "😀"'],
        ],
      },
    }),
  ];
  const packer = makePacker();
  for (const record of records) packer.add(...record);
  const packed = packer.take();
  await history.appendPacked(
    structuredClone(packed, { transfer: [packed.bytes.buffer as ArrayBuffer, packed.rows.buffer as ArrayBuffer] }),
  );
  expect(packer.take()).toEqual({ count: 0, rows: new Uint8Array(), shapes: '[]', bytes: new Uint8Array(), large: [] });
  await history.appendPacked(packer.take());
  for (const [delivery, attempt] of records) {
    const found = await history.find(delivery.id);
    expect(Buffer.from(found.body).equals(Buffer.from(delivery.body))).toBe(true);
    const masked = attempt.requestHeaders.map(([name, value]) => [name, name === 'authorization' ? '***' : value]);
    expect({ ...found, body: null }).toEqual({
      ...delivery,
      body: null,
      attempts: [{ ...attempt, requestHeaders: masked }],
    });
  }
  await history.close();
});

test('of a large body one part goes with the rest of a batch; all of it counts', () => {
  const packer = makePacker();
  const body = new Uint8Array(16 * 1024 * 1024).fill(7);
  expect(packer.add(...makeRecord(0, { delivery: { body } }))).toBeGreaterThan(body.length);
  const { bytes, large } = packer.take();
  expect([bytes.length < 2 * 1024 * 1024, large.map(({ rest }) => rest.length)]).toEqual([true, [15 * 1024 * 1024]]);
  // To be handed to another thread, while the request that it came with is still answered.
  expect(large[0]?.rest.buffer).not.toBe(body.buffer);
});

test('a packed record of a known delivery adds its attempt alone; half a surrogate pair is replaced', async () => {
  const history = await openPacked(join(testFolder(), 'history.db'));
  const body = new Uint8Array(2.5 * 1024 * 1024).fill(7);
  const [delivery, attempt] = makeRecord(0, { delivery: { body, eventId: 'half \ud800' } });
  const again = [2, 3].map((number) => ({ ...makeRecord(number)[1], deliveryId: delivery.id, number }));
  const packer = makePacker();
  for (const one of [attempt, ...again.slice(0, 1)]) packer.add(delivery, one);
  await history.appendPacked(packer.take());
  for (const one of again.slice(1)) packer.add(delivery, one);
  await history.appendPacked(packer.take());
  const found = await history.find(delivery.id);
  expect(Buffer.from(found.body).equals(Buffer.from(body))).toBe(true);
  expect([found.eventId, found.attempts.map(({ number }) => number)]).toEqual(['half \uFFFD', [1, 2, 3]]);
  await history.close();
});

test('packed or not, records of many kinds end up as the same rows', async () => {
  const records = Array.from({ length: 300 }, (_, index) =>
    makeRecord(index, {
      delivery: {
        eventId: [null, '', `e${index}`, 'Grün 😀 "\\'][index % 4] as string | null,
        body: new Uint8Array((index * 37) % 5000).fill(index),
        createdAt: Date.UTC(2025, 0, 1) + index * 86_400_123,
        purpose: index % 5 === 0 ? 'test' : 'event',
        url: `http://127.0.0.1/${index % 20}`,
      },
      attempt: {
        ...(index % 3 === 0 ? REFUSED : {}),
        responseBody: new Uint8Array(index % 7).fill(65),
        responseBytes: 10 ** (index % 15),
        timings: { dnsMs: null, connectMs: 1.5, tlsMs: null, firstByteMs: null, totalMs: index ** 3 / 7 },
      },
    }),
  );
  const folder = testFolder();
  const [packed, plain] = [await openPacked(join(folder, 'packed.db')), await openPacked(join(folder, 'plain.db'))];
  const packer = makePacker();
  for (const [index, record] of records.entries()) {
    packer.add(...record);
    if (index % 100 === 99) await packed.appendPacked(packer.take());
  }
  await plain.appendAll(records);
  await Promise.all([packed.close(), plain.close()]);
  for (const table of ['delivery', 'attempt', 'exchange'])
    expect(rowsOf(join(folder, 'packed.db'), table)).toEqual(rowsOf(join(folder, 'plain.db'), table));
});

test('a value that does not fit its place is an error, and the records before and after it are kept', async () => {
  const history = await openPacked(join(testFolder(), 'history.db'));
  const packer = makePacker();
  const [first, , last] = [makeRecord(0), makeRecord(1), makeRecord(2)] as const;
  packer.add(...first);
  const [delivery, attempt] = makeRecord(1);
  expect(() => packer.add(delivery, { ...attempt, id: `${attempt.id}0` })).toThrow(
    /attempt_id of a record does not fit/,
  );
  expect(() => packer.add(delivery, { ...attempt, timings: { ...attempt.timings, totalMs: Number.NaN } })).toThrow(
    /duration_us of a record does not fit/,
  );
  packer.add(...last);
  await history.appendPacked(packer.take());
  const kept = await history.list({ limit: 10 });
  expect(kept.map(({ id }) => id).toSorted()).toEqual([first[0].id, last[0].id].toSorted());
  expect(Buffer.from((await history.find(last[0].id)).body).equals(Buffer.from(last[0].body))).toBe(true);
  await history.close();
});

function rowsOf(file: string, table: string): unknown[] {
  return new Libsql(file).prepare(`select * from ${table} order by 1, 2, 3`).all();
}
