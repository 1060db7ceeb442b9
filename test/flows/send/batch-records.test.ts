import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBatchRecords, type BatchRecords } from '../../../src/flows/send/batch-records.ts';
import type { SentDelivery } from '../../../src/flows/send/send-event.ts';
import { connect } from '../../../src/history/database.ts';
import { openReader } from '../../../src/history/reader.ts';
import { openWriter } from '../../../src/history/writer.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeRecord, REFUSED } from '../../helpers/record.ts';

const openRecords = (total: number, file: string | null, atOnce = 1): Promise<BatchRecords> =>
  openBatchRecords(total, atOnce, {
    openWriter: async () => (file === null ? null : openWriter(file)),
    historyFile: () => file,
  });

/** Keeps the `index`-th delivery, and returns it as sent. */
async function keep({ history }: BatchRecords, index: number, isRefused = false): Promise<SentDelivery> {
  const [delivery, attempt] = makeRecord(index, isRefused ? { attempt: REFUSED } : {});
  await history?.append(delivery, attempt);
  return { delivery, attempts: [attempt], ended: isRefused ? 'exhausted' : 'delivered' };
}

test.each([
  [1, 1],
  [20, 1],
  [3, 3],
  [21, 1],
  [5000, 50],
])('of a batch of %i, %i at once, a delivery is reported once it can be read', async (total, atOnce) => {
  const file = join(testFolder(), 'history.db');
  const records = await openRecords(total, file, atOnce);
  const reader = await openReader(file);
  const found: Promise<unknown>[] = [];
  for (let index = 0; index < 3; index++) {
    const sent = await keep(records, index);
    records.whenStored(sent, () => found.push(reader.find(sent.delivery.id)));
  }
  expect(await records.lost()).toEqual([]);
  expect(found).toHaveLength(3);
  await Promise.all(found);
  await records.close();
});

test('without a history each is reported at once', async () => {
  const records = await openRecords(5000, null);
  const reported: number[] = [];
  records.whenStored(await keep(records, 0), () => reported.push(0));
  expect(reported).toEqual([0]);
  expect(await records.lost()).toEqual([]);
});

const failReported = (): never => expect.fail('it is not stored');

test('what cannot be stored any more is told, with what became of it, and reported by nobody else', async () => {
  const file = join(testFolder(), 'history.db');
  const records = await openRecords(5000, file);
  const other = connect(file, file, 1000);
  other.exec('drop table exchange');
  other.close();
  for (const [index, isRefused] of [false, true, false].entries())
    records.whenStored(await keep(records, index, isRefused), failReported);
  const lost = await records.lost();
  expect(lost.map(({ attempt }) => attempt.outcome)).toEqual(['delivered', 'refused', 'delivered']);
  expect(lost[0]).toMatchObject({
    kind: 'history',
    message: expect.stringMatching(/optin to .* and was not recorded$/),
  });
  expect(records.hasFailed()).toBe(true);
  // A ladder of retries that is under way ends with its next attempt.
  await expect(keep(records, 3)).rejects.toMatchObject({ kind: 'history' });
  await records.close();
});
