import { expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/terminal/display-width.ts';
import { renderStatistics } from '../../../src/cli/history/render-statistics.ts';
import type { DailyStatistics, OutcomeTotals } from '../../../src/report/statistics/daily-statistics.ts';

const LARGE: OutcomeTotals = {
  sent: 1_234_567,
  delivered: 1_230_000,
  refused: 4000,
  unreachable: 567,
  retries: 12_345,
  p50Ms: 12.3,
  p95Ms: 1230,
};
const SHOP = '123e4567-e89b-12d3-a456-426614174000';
const row = (parts: Partial<DailyStatistics>): DailyStatistics => ({
  day: '2026-11-30',
  webhookUuid: SHOP,
  direction: 'out',
  vendor: 'stripe',
  event: 'optin',
  ...LARGE,
  ...parts,
});

const DAYS = [
  row({ event: 'customer.subscription.trial_will_end' }),
  row({}),
  row({ direction: 'in', retries: null, unreachable: 0 }),
  row({ day: '2026-11-29', webhookUuid: 'news', event: '\u001b[31mred\n\u202e', p50Ms: null, p95Ms: null }),
];
const PLACE = 'hooks.example.test:8443/a/very/long/path/of/an/endpoint/webhooks';
const placeOf = (uuid: string): string | null => (uuid === 'news' ? PLACE : null);
const nameOf = (uuid: string): string | null => (uuid === SHOP ? 'shop' : null);

test.each([80, 60, 40, undefined])('no name is cut on a terminal of %s columns', (columns) => {
  const text = renderStatistics(
    {
      days: DAYS,
      totals: [
        { direction: 'out', ...LARGE },
        { direction: 'in', ...LARGE, retries: null },
      ],
    },
    { nameOf, placeOf },
    columns,
  );
  expect(text).toContain('customer.subscription.trial_will_end');
  const wide = text.split('\n').filter((line) => line.length > (columns ?? Infinity));
  expect(wide.filter((line) => !line.includes('customer.subscription.trial_will_end'))).toEqual([]);
  expect(text.match(/\bdelivered\b/g)?.length).toBeGreaterThan(0);
  expect(text).toMatch(/2026-11-29 {2}hooks.*webhooks {2}stripe/);
  expect(text).toMatchSnapshot();
});

test('the numbers of an event stand below the heads, whose letters take two columns', () => {
  const text = renderStatistics({ days: [row({ event: '注文が届いた' })], totals: [] }, { nameOf, placeOf }, 80);
  const [head = '', , line = ''] = text.split('\n');
  expect(displayWidth(line)).toBe(displayWidth(head));
});
