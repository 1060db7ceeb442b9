import { expect, test } from 'vitest';
import type { Selection } from '../../src/model/selection.ts';
import { makeRecord } from '../helpers/record.ts';
import { onEachStore } from '../helpers/stores.ts';

const ALL: Selection = {
  webhookUuid: null,
  from: null,
  to: null,
  asOf: null,
  event: null,
  failedOnly: false,
  includeTests: true,
  order: 'asc',
  limit: null,
  page: 1,
};

onEachStore((openNew) => {
  test('every time with a year of four digits is exported as it was recorded, the oldest first; no other is taken', async () => {
    const history = await openNew();
    const record = async (index: number, time: string): Promise<void> => {
      const [delivery, attempt] = makeRecord(index);
      const ms = Date.parse(time);
      await history.append({ ...delivery, createdAt: ms }, { ...attempt, startedAt: ms });
    };
    const times = ['0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'];
    for (const [index, time] of [...times.entries()].toReversed()) await record(index, time);
    for (const odd of ['0000-12-31T23:59:59.999Z', '-000001-06-01T00:00:00.000Z', '+010000-01-01T00:00:00.000Z', 'no'])
      await expect(record(9, odd), odd).rejects.toMatchObject({
        kind: 'history',
        message: expect.stringMatching(/^cannot record a time of .*: its year is to be from 1 to 9999$/),
      });
    const lines: string[] = [];
    const layout = { fields: ['timestamp' as const], style: 'csv' as const, separator: '\n' };
    for await (const { bytes } of history.lines(ALL, layout)) lines.push(Buffer.from(bytes).toString());
    expect(lines.join('').trim().split('\n')).toEqual(times);
  });
});
