import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecorder, openRecorderAt, storeOf, type RecordStore } from '../../../src/history/store/recorder.ts';
import { takeOrders } from '../../../src/history/store/writer-thread.ts';
import { AppError } from '../../../src/model/error.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { makeRecord } from '../../helpers/record.ts';

const ignore = (): void => undefined;

/** Batches that were written, each once `mayWrite` lets it. */
function storeWith(mayWrite: () => Promise<void> = async () => undefined): { store: RecordStore; batches: number[] } {
  const batches: number[] = [];
  const store = storeOf({
    close: async () => undefined,
    appendAll: async (records) => {
      batches.push(records.length);
      await mayWrite();
    },
  });
  return { store, batches };
}

test('what comes while a batch is written goes with the next one, and flush waits for all of it', async () => {
  const gate = makeGate();
  const { store, batches } = storeWith(() => gate.opened);
  const recorder = makeRecorder(store, { pauseMs: 0, onFailure: ignore });
  void recorder.record(...makeRecord(0));
  const flushed = recorder.flush();
  for (let index = 1; index <= 5; index++) void recorder.record(...makeRecord(index));
  gate.open();
  await flushed;
  expect(batches).toEqual([1, 5]);
});

test('who records faster than can be written must wait', async () => {
  const gate = makeGate();
  const { store } = storeWith(() => gate.opened);
  const recorder = makeRecorder(store, { onFailure: ignore });
  const body = new Uint8Array(16 * 1024 * 1024);
  const waits = [0, 1, 2, 3, 4, 5].map((index) => recorder.record(...makeRecord(index, { delivery: { body } })));
  expect(waits.map((wait) => wait instanceof Promise)).toEqual([false, false, false, true, true, true]);
  gate.open();
  await waits[5];
  await recorder.flush();
});

test('who waits does so until his own record is stored, and no batch holds more than one large body', async () => {
  const gates = Array.from({ length: 6 }, makeGate);
  let written = 0;
  const { store, batches } = storeWith(() => gates[written++]?.opened ?? Promise.resolve());
  const recorder = makeRecorder(store, { pauseMs: 0, onFailure: ignore });
  const body = new Uint8Array(16 * 1024 * 1024);
  const done: number[] = [];
  const waits = gates.map((_, index) =>
    recorder.record(...makeRecord(index, { delivery: { body } }))?.then(() => done.push(index)),
  );
  expect(recorder.unstored()).toBe(6);
  for (const [index, gate] of gates.entries()) {
    expect(done.every((one) => one < index)).toBe(true);
    gate.open();
    await waits[index];
  }
  expect(done).toEqual([3, 4, 5]);
  await recorder.flush();
  expect([batches, recorder.unstored()]).toEqual([[1, 1, 1, 1, 1, 1], 0]);
});

test('a failure is reported once, and flush and close reject with it', async () => {
  const failure = new AppError('history', 'the disk is full');
  const reported: unknown[] = [];
  const { store } = storeWith(() => Promise.reject(failure));
  const recorder = makeRecorder(store, { pauseMs: 0, onFailure: (error) => reported.push(error) });
  void recorder.record(...makeRecord(0));
  await expect(recorder.flush()).rejects.toBe(failure);
  expect(recorder.record(...makeRecord(1))).toBeUndefined();
  await expect(recorder.close()).rejects.toBe(failure);
  expect(reported).toEqual([failure]);
});

test('a batch is one transaction: all of it or none', async () => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  const [delivery, attempt] = makeRecord(1);
  await history.appendAll([makeRecord(0), [delivery, attempt]]);
  // The same attempt again breaks the primary key.
  await expect(history.appendAll([makeRecord(2), [delivery, attempt]])).rejects.toThrow(AppError);
  expect(await history.list({ limit: 10 })).toHaveLength(2);
  await history.close();
});

test('what was taken and is not stored is counted, after a failure too', async () => {
  const failure = new AppError('history', 'the disk is full');
  let calls = 0;
  const store = storeOf({
    close: async () => undefined,
    appendAll: () => (calls++ === 0 ? Promise.resolve() : Promise.reject(failure)),
  });
  const recorder = makeRecorder(store, { pauseMs: 0, onFailure: ignore });
  void recorder.record(...makeRecord(0));
  expect(recorder.unstored()).toBe(1);
  await recorder.flush();
  expect(recorder.unstored()).toBe(0);
  for (let index = 1; index <= 3; index++) void recorder.record(...makeRecord(index));
  await expect(recorder.flush()).rejects.toBe(failure);
  void recorder.record(...makeRecord(4));
  expect(recorder.unstored()).toBe(4);
});

test('each thread that records is told the failure that came first, not what came of it', async () => {
  const problems = ['the server went away', 'something else answers there'];
  const main = new MessageChannel();
  onTestFinished(() => main.port2.close());
  takeOrders(main.port1, {
    insert: async () => {
      throw new AppError('history', problems.shift() ?? 'one batch too many');
    },
    close: async () => undefined,
  });
  const told = await Promise.all(
    [0, 1, 2].map(async (index) => {
      const { port1, port2 } = new MessageChannel();
      main.port2.postMessage(port1, [port1]);
      onTestFinished(() => port2.close());
      const reported: string[] = [];
      const recorder = openRecorderAt(port2, { pauseMs: 0, onFailure: ({ message }) => reported.push(message) });
      void recorder.record(...makeRecord(index));
      await expect(recorder.flush()).rejects.toThrow('the server went away');
      return [...reported, recorder.unstored()];
    }),
  );
  expect(told).toEqual(Array.from({ length: 3 }, () => ['the server went away', 1]));
});
