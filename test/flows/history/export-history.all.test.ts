import { expect, test } from 'vitest';
import { exportTable } from '../../../src/flows/history/export-history.ts';
import { onEachStore } from '../../helpers/stores.ts';
import { makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';
import { eventIds, exported, historyOf } from './exported.ts';

const UUIDS = [WEBHOOK, WEBHOOK.replace('123e', '023e'), WEBHOOK.replace('123e', 'f23e')];
const COUNT = 1700;

/** Deliveries of three webhooks in turn, several in each millisecond, more than one chunk of the database's. */
const records = Array.from({ length: COUNT }, (_, index) =>
  makeRecord(index, {
    delivery: {
      createdAt: Date.parse('2026-11-01T10:00:00.000Z') + Math.floor(index / 7),
      webhookUuid: UUIDS[Math.floor(index * 1.7) % UUIDS.length] ?? WEBHOOK,
      direction: index % 5 === 0 ? 'in' : 'out',
      purpose: index % 11 === 0 ? 'test' : 'event',
    },
    ...(index % 3 === 0 ? { attempt: { ...REFUSED, error: `"not", ${index}` } } : {}),
  }),
);
const numbers = Array.from(records, (_, index) => index);
const ALL = { uuid: undefined, all: true } as const;
const isEvent = (index: number): boolean => index % 11 !== 0;

onEachStore((openNew) => {
  test.each([
    ['newest first', {}, numbers.filter(isEvent).toReversed()],
    ['oldest first', { order: 'asc' }, numbers.filter(isEvent)],
    ['with tests', { includeTests: true }, numbers.toReversed()],
    [
      'received',
      { direction: 'in' as const },
      numbers.filter((index) => isEvent(index) && index % 5 === 0).toReversed(),
    ],
    ['failed', { failed: true }, numbers.filter((index) => isEvent(index) && index % 3 === 0).toReversed()],
    [
      'of a time',
      { from: '2026-11-01T10:00:00.010Z', to: '2026-11-01T10:00:00.011Z', includeTests: true },
      numbers.slice(70, 84).toReversed(),
    ],
    ['a page', { limit: '7', page: '2', includeTests: true }, numbers.slice(-14, -7).toReversed()],
    ['a page far back', { limit: '700', page: '2', order: 'asc', includeTests: true }, numbers.slice(-1400, -700)],
  ])('every webhook at once, in the order of time: %s', async (_, settings, expected) => {
    const history = await historyOf(openNew, records);
    expect(await eventIds(history, { ...ALL, ...settings })).toEqual(expected);
  });

  test('lines of every webhook are those of each', async () => {
    const history = await historyOf(openNew, records);
    for (const format of ['csv', 'ndjson']) {
      const linesOf = async (settings: object): Promise<string[]> =>
        (await exported(history, { format, ...settings })).text.trimEnd().split(/\r?\n/);
      const ofEach = await Promise.all(UUIDS.map((uuid) => linesOf({ uuid })));
      expect((await linesOf(ALL)).toSorted()).toEqual([...new Set(ofEach.flat())].toSorted());
    }
  });

  test('the next page of every webhook begins where this one ended', async () => {
    const history = await historyOf(openNew, records);
    const { next, manifest } = await exported(history, { ...ALL, limit: '10' });
    expect(manifest).toMatchObject({ rows: 10, selection: { webhookUuid: null } });
    const { page, to, asOf } = next as NonNullable<typeof next>;
    const rest = await eventIds(history, { ...ALL, limit: '10', page: String(page), to, asOf: String(asOf) });
    expect(rest).toEqual(numbers.filter(isEvent).slice(-20, -10).toReversed());
  });

  test('a direction of one webhook', async () => {
    const history = await historyOf(openNew, records);
    const { rows } = await exportTable({ uuid: WEBHOOK, direction: 'in', fields: 'direction', limit: '9999' }, history);
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.flat())).toEqual(new Set(['in']));
  });

  test('the manifest says the end that was asked for', async () => {
    const history = await historyOf(openNew, records);
    const { manifest } = await exported(history, { to: '2026-11-30', limit: '5' });
    expect(manifest.selection.to).toBe('2026-11-30T23:59:59.999Z');
  });
});
