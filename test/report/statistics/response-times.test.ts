import { expect, test } from 'vitest';
import { countResponseTimes } from '../../../src/report/statistics/response-times.ts';
import { seededRandom } from '../../../src/plan/ids.ts';

const percentiles = (times: readonly number[], percents: readonly number[]): (number | null)[] => {
  const counted = countResponseTimes();
  for (const ms of times) counted.add(ms);
  return percents.map((percent) => counted.percentile(percent));
};

test.each([
  ['none', [], [50], [null]],
  ['one', [7.25], [0, 1, 50, 95, 100], [7.25, 7.25, 7.25, 7.25, 7.25]],
  ['the example of the nearest rank', [15, 20, 35, 40, 50], [5, 30, 40, 50, 100], [15, 20, 20, 35, 50]],
  ['two: the middle is the lower one', [1, 2], [50, 51], [1, 2]],
  ['three digits, a half goes up', [12.345, 1234.5, 0.0004, 99_950], [25, 50, 75, 100], [0, 12.3, 1230, 100_000]],
  ['a time of day, and a clock that went backwards', [86_400_000, -3], [50, 100], [0, 86_400_000]],
])('percentiles of %s', (_, times, percents, expected) => {
  expect(percentiles(times, percents)).toEqual(expected);
});

test('of thousands of times they are what sorting them all gives, to three digits', () => {
  const random = seededRandom('times');
  const number = (): number => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
  const times = Array.from({ length: 5000 }, () => Math.round(10 ** (number() * 6)) / 1000);
  const sorted = times.toSorted((one, other) => one - other);
  for (const percent of [1, 50, 90, 95, 99, 99.9]) {
    const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number;
    expect(percentiles(times, [percent])[0]).toBeCloseTo(Number(exact.toPrecision(3)), 10);
  }
});
