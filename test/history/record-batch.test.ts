import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/history/open-database.ts';
import { readerOf } from '../../src/history/reader.ts';
import { insertBatch } from '../../src/history/insert-batch.ts';
import { makeBatcher, packBatch, unpackBatch, type RecordBatch } from '../../src/history/record-batch.ts';
import { writerOf } from '../../src/history/writer.ts';
import { testFolder } from '../helpers/folder.ts';
import { makeRecord, REFUSED } from '../helpers/record.ts';

async function openBatched() {
  const database = await openForWriting(join(testFolder(), 'history.db'));
  return {
    ...readerOf(database),
    ...writerOf(database),
    appendBatch: (batch: RecordBatch) => insertBatch(database, batch),
  };
}

/** As it comes out of the other thread. */
function transferred(batch: RecordBatch): RecordBatch {
  const packed = packBatch(batch);
  expect(packed.bytes.buffer.byteLength).toBe(packed.bytes.length);
  return unpackBatch(structuredClone(packed, { transfer: [packed.bytes.buffer as ArrayBuffer] }));
}

test('records survive the transfer to a thread, bodies byte for byte and without their buffers', async () => {
  const history = await openBatched();
  const buffer = new Uint8Array(4 * 1024 * 1024).map((_, index) => index % 251);
  const tls = { protocol: 'TLSv1.3', peerFingerprint: 'AB:CD' };
  const records = [
    // A small part of memory that Node shares out.
    makeRecord(0, { delivery: { body: Buffer.from('{"small":true}') }, attempt: { responseBody: Buffer.from('yes') } }),
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
  const batcher = makeBatcher();
  const sizes = records.map((record) => batcher.add(...record));
  expect(sizes[2]).toBeGreaterThan(4 * 1024 * 1024);
  history.appendBatch(transferred(batcher.take()));
  expect(batcher.take()).toEqual({ common: [], commonOf: [], own: [], bodies: [] });
  for (const [delivery, attempt] of records) {
    const found = await history.find(delivery.id);
    expect(Buffer.from(found.body).equals(Buffer.from(delivery.body))).toBe(true);
    expect(Buffer.from(found.attempts[0]?.responseBody ?? []).equals(Buffer.from(attempt.responseBody))).toBe(true);
    const masked = attempt.requestHeaders.map(([name, value]) => [name, name === 'authorization' ? '***' : value]);
    expect({ ...found, body: null, attempts: [{ ...found.attempts[0], responseBody: null }] }).toEqual({
      ...delivery,
      body: null,
      attempts: [{ ...attempt, requestHeaders: masked, responseBody: null }],
    });
  }
  await history.close();
});

test('a record of a known delivery adds its attempt alone; half a surrogate pair is replaced', async () => {
  const history = await openBatched();
  const body = new Uint8Array(2.5 * 1024 * 1024).fill(7);
  const [delivery, attempt] = makeRecord(0, { delivery: { body, eventId: 'half \ud800' } });
  const again = [2, 3].map((number) => ({ ...makeRecord(number)[1], deliveryId: delivery.id, number }));
  const batcher = makeBatcher();
  for (const some of [[attempt, ...again.slice(0, 1)], again.slice(1)]) {
    for (const one of some) batcher.add(delivery, one);
    history.appendBatch(transferred(batcher.take()));
  }
  const found = await history.find(delivery.id);
  expect(Buffer.from(found.body).equals(Buffer.from(body))).toBe(true);
  expect([found.eventId, found.attempts.map(({ number }) => number)]).toEqual(['half \uFFFD', [1, 2, 3]]);
  await history.close();
});

test('a batch is stored whole or not at all', async () => {
  const history = await openBatched();
  const batcher = makeBatcher();
  for (const index of [0, 1, 1]) batcher.add(...makeRecord(index));
  expect(() => history.appendBatch(batcher.take())).toThrow(expect.objectContaining({ kind: 'history' }));
  expect(await history.list({ limit: 5 })).toEqual([]);
  await history.close();
});
