import { expect, test } from 'vitest';
import { readDateRange } from '../../src/export/date-range.ts';

test.each([
  ['days, both included', '2026-11-01', '2026-11-30', '2026-11-01T00:00:00.000Z', '2026-11-30T23:59:59.999Z'],
  ['one day', '2028-02-29', '2028-02-29', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
  [
    'exact times',
    '2026-11-01T10:00:00Z',
    '2026-11-01T10:00:00.250Z',
    '2026-11-01T10:00:00.000Z',
    '2026-11-01T10:00:00.250Z',
  ],
  [
    'other zones',
    '2026-11-01T00:30+02:00',
    '2026-11-01T00:30:00-02:00',
    '2026-10-31T22:30:00.000Z',
    '2026-11-01T02:30:00.000Z',
  ],
  ['only from', '2026-11-01', undefined, '2026-11-01T00:00:00.000Z', null],
  ['only to', undefined, '2026-11-01', null, '2026-11-01T23:59:59.999Z'],
  ['neither', undefined, undefined, null, null],
])('%s', (_name, from, to, expectedFrom, expectedTo) => {
  expect(readDateRange(from, to)).toEqual({ from: expectedFrom, to: expectedTo });
});

test.each([
  ['2026-02-30', 'no such day exists'],
  ['2026-02-29', 'no such day exists'],
  ['2026-13-01', 'no such day exists'],
  ['2026-02-30T10:00:00Z', 'no such day exists'],
  ['2026-11-01T24:00:00Z', 'is not a date or time'],
  ['2026-11-01T10:60:00Z', 'is not a date or time'],
  ['2026-11-01T10:00:00', 'has no zone'],
  ['01.11.2026', 'is not a date or time'],
  ['2026-11', 'is not a date or time'],
  ['yesterday', 'is not a date or time'],
  ['', 'is not a date or time'],
])('%s is refused', (text, words) => {
  expect(() => readDateRange(undefined, text)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(words) }),
  );
});

test('from after to is refused', () => {
  expect(() => readDateRange('2026-11-02', '2026-11-01')).toThrow(/--from 2026-11-02 is after --to 2026-11-01/);
});
