import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { exportHistory, exportTable } from '../../../src/flows/history/export-history.ts';
import { onEachStore } from '../../helpers/stores.ts';
import { makeRecord, WEBHOOK } from '../../helpers/record.ts';
import { crowd, downFrom, eventIds, exported, historyOf } from './exported.ts';

onEachStore((openNew) => {
  test('pages are the whole, without overlap or gap, in either order, and end empty', async () => {
    const history = await historyOf(openNew, crowd(25));
    const pages = await Promise.all(['1', '2', '3', '4'].map((page) => eventIds(history, { limit: '10', page })));
    expect(pages).toEqual([downFrom(24, 10), downFrom(14, 10), downFrom(4, 5), []]);
    const ascending = await Promise.all(
      ['1', '2', '3'].map((page) => eventIds(history, { limit: '10', page, order: 'asc' })),
    );
    expect(ascending).toEqual(pages.slice(0, 3).map((page) => page.toReversed()));
    expect(await eventIds(history, { limit: '3' })).toEqual([24, 23, 22]);
  });

  test.each([
    ['no end', {}],
    ['an end in the future', { to: '2099-12-31' }],
    ['an end among the attempts', { to: '2026-11-01T10:00:00.007Z' }],
  ])('with %s pages stay where they are, whatever is recorded after the first', async (_name, range) => {
    const history = await historyOf(openNew, crowd(25));
    const whole = await eventIds(history, range);
    const { text, next } = await exported(history, { ...range, limit: '10', fields: 'eventId' });
    const pages = [text];
    for (let pin = next; pin !== null;) {
      const begun = Date.parse('2026-11-01T10:00:00.000Z');
      // One that begins now, and two that were under way: of those recorded, one began amid the pages, one before them.
      for (const createdAt of [begun + 500 + pin.page, begun + 7, begun - 1]) {
        await history.append(...makeRecord(pin.page * 1000 + (createdAt - begun), { delivery: { createdAt } }));
      }
      const { to, asOf, page }: NonNullable<typeof next> = pin;
      const later = await exported(history, {
        ...range,
        limit: '10',
        fields: 'eventId',
        page: String(page),
        to,
        asOf: String(asOf),
      });
      pages.push(later.text);
      pin = later.next;
    }
    const ids = pages
      .flatMap((page) => page.split('\n').filter(Boolean))
      .map((line) => Number((JSON.parse(line) as { eventId: string }).eventId.slice(4)));
    expect(ids).toEqual(whole);
  });

  test('the last page has no next', async () => {
    const history = await historyOf(openNew, crowd(25));
    expect((await exported(history, { limit: '10', failed: true })).next).toBeNull();
    expect((await exported(history, { limit: '10' })).next).toEqual({
      page: 2,
      to: '2026-11-01T10:00:00.008Z',
      asOf: expect.any(Number),
    });
  });

  test('an attempt that is recorded while a page is written does not push another off it', async () => {
    const history = await historyOf(openNew, crowd(2500));
    const settings = { uuid: WEBHOOK, format: 'csv', order: 'asc', limit: '2400', page: '1' };
    const before = await exported(history, settings);
    let appended = 0;
    const { manifest } = await exportHistory({ ...settings, hash: true }, history, {
      write: async () => {
        appended += 1;
        await history.append(
          ...makeRecord(10_000 + appended, { delivery: { createdAt: Date.parse('2026-11-01T10:00:00.800Z') } }),
        );
      },
    });
    expect(appended).toBeGreaterThan(1);
    expect(manifest.sha256).toBe(createHash('sha256').update(before.text).digest('hex'));
  });

  test('a table is one page of values', async () => {
    const history = await historyOf(openNew, crowd(120));
    const { fields, rows, next } = await exportTable({ uuid: WEBHOOK, fields: 'eventId,status' }, history);
    expect([fields, rows.length, rows[0], rows.at(-1)]).toEqual([
      ['eventId', 'status'],
      100,
      ['evt_119', 200],
      ['evt_20', 500],
    ]);
    expect(next?.page).toBe(2);
  });
});
