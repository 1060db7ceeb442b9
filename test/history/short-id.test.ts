import { expect, test } from 'vitest';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { onEachStore, type OpenNew } from '../helpers/stores.ts';
import { makeRecord } from '../helpers/record.ts';

const NOW = Date.parse('2026-11-01T10:00:00.000Z');
/** Digits of the time above these are left out of a short form. */
const WINDOW_MS = 2 ** 28;

async function storeIds(openNew: OpenNew, ids: readonly string[]) {
  const history = await openNew();
  for (const [index, id] of ids.entries()) await history.append(...makeRecord(index, { delivery: { id } }));
  return history;
}

const v7 = (ms: number, rest: string): string => {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest}`;
};

onEachStore((openNew) => {
  test.each<[string, string[], (number | 'whole')[]]>([
    ['the digits of time', [v7(NOW, '7abc-8def-9f3a1b2c4d5e'), v7(NOW + 1, '7abc-8def-9f3a1b2c4d5e')], [13, 13]],
    [
      'more where another began at the same millisecond',
      [v7(NOW, '7001-8000-000000000000'), v7(NOW, '7002-8000-000000000000')],
      [18, 18],
    ],
    [
      'more where one of another day has the same digits',
      [
        v7(NOW, '7001-8000-000000000000'),
        v7(NOW - 5 * WINDOW_MS, '7001-8001-000000000000'),
        v7(NOW - WINDOW_MS, '7002-8000-000000000000'),
      ],
      [23, 23, 18],
    ],
    [
      'the whole id where nothing less will do',
      [v7(NOW, '7001-8000-000000000000'), v7(NOW, '7001-8000-000000000001')],
      ['whole', 'whole'],
    ],
  ])('the short form of an id is %s', async (_, ids, ends) => {
    const history = await storeIds(openNew, ids);
    const short = ids.map((id, index) => (ends[index] === 'whole' ? id : id.slice(5, ends[index] as number)));
    expect(await history.shortIds(ids)).toEqual(short);
  });

  test('every short form finds its delivery, in capitals too, years apart', async () => {
    const { uuidV7 } = makeIds(systemRandom());
    const ids = Array.from({ length: 300 }, (_, index) => uuidV7(NOW - (index % 40) * WINDOW_MS - (index >> 5) * 3));
    const history = await storeIds(openNew, ids);
    const short = await history.shortIds(ids);
    expect(new Set(short).size).toBe(ids.length);
    for (const [index, form] of short.entries()) expect((await history.find(form.toUpperCase())).id).toBe(ids[index]);
  });

  test('a short form that several have names none of them', async () => {
    const ids = [v7(NOW, '7001-8000-000000000000'), v7(NOW - WINDOW_MS, '7002-8000-000000000000')];
    const history = await storeIds(openNew, ids);
    const form = ids[0]?.slice(5, 13) ?? '';
    await expect(history.find(form)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(`${form}-7001`),
    });
    await expect(history.find('fff-ffff')).rejects.toMatchObject({ kind: 'refused' });
  });
});
