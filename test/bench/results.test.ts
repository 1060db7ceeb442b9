import { expect, test } from 'vitest';
import { describeMachine, lineOf, quoteRun, toResult } from './results.js';

const raced = (ratio: number, more: object = {}) =>
  toResult('export', { name: 'CSV', against: 'sqlite3', aMs: 90, bMs: 100, ratio, budget: 1.2, ...more });
const atLeast = (ratio: number) =>
  toResult('load', { name: 'sending', against: 'rival', aPerSecond: 900, bPerSecond: 1000, ratio, atLeast: 0.5 });

test.each([
  ['within its budget', raced(1.2), 'kept     CSV: 90 ms against 100 ms (sqlite3): 1.20 × (budget ≤ 1.2 ×)'],
  ['above it', raced(1.21), 'MISSED   CSV: 90 ms against 100 ms (sqlite3): 1.21 × (budget ≤ 1.2 ×)'],
  ['short of a goal', raced(1.1, { goal: 1 }), 'NOT YET  CSV: 90 ms against 100 ms (sqlite3): 1.10 × (budget ≤ 1 ×)'],
  ['short of a goal, and worse than it was', raced(1.3, { goal: 1 }), /^MISSED .*\(budget ≤ 1 ×\)$/],
  ['a goal without a limit', raced(9, { isGoal: true }), /^NOT YET /],
  ['too much memory', raced(0.9, { peakMiB: 71, budgetMiB: 70 }), /^MISSED {3}CSV: 90 ms, peak 71 MiB \(≤ 70\)/],
  ['as quick as asked', atLeast(0.5), /^kept .*900\/s against 1000\/s .*\(budget ≥ 0\.5 ×\)$/],
  ['too slow', atLeast(0.49), /^MISSED /],
  ['in time', toResult('x', { name: 'start', ms: 80, budgetMs: 80 }), 'kept     start: 80 ms (budget ≤ 80 ms)'],
  ['too late', toResult('x', { name: 'start', ms: 80.2, budgetMs: 80 }), /^MISSED /],
  ['few enough', toResult('x', { name: 'files', amount: 7, most: 7, unit: 'files' }), /^kept .*7 files \(budget ≤ 7/],
  ['too many', toResult('x', { name: 'files', amount: 8, most: 7, unit: 'files' }), /^MISSED /],
  ['without a rival', toResult('x', { name: 'CSV', skipped: 'no sqlite3' }), 'skipped  CSV: no sqlite3'],
])('a measurement that is %s is told so', (_, result, line) => {
  if (typeof line === 'string') expect(lineOf(result)).toBe(line);
  else expect(lineOf(result)).toMatch(line);
});

test('a page gets the table of the run between its marks, and keeps everything else', () => {
  const page = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n';
  const quoted = quoteRun(page, { machine: describeMachine({}), results: [raced(1, { name: 'a|b' })] });
  expect(quoted).toMatch(/^before\n<!-- bench -->\n\nMeasured on \d{4}-\d\d-\d\d at commit /);
  expect(quoted).toContain('| kept | a\\|b | 90 ms | 100 ms (sqlite3) | 1.00 × | ≤ 1.2 × |');
  expect(quoted).toMatch(/\n\n<!-- \/bench -->\nafter\n$/);
  expect(quoted).not.toContain('old');
  for (const broken of ['no marks', '<!-- /bench --><!-- bench -->'])
    expect(() => quoteRun(broken, { machine: describeMachine({}), results: [] })).toThrow(/has no <!-- bench -->/);
});
