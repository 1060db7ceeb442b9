import { expect, test } from 'vitest';
import { EXIT_CODES, exitCodeOf } from '../../../src/cli/terminal/exit.ts';
import { AppError, type AppErrorKind } from '../../../src/model/error.ts';

const CODES: Record<AppErrorKind, number> = { refused: 1, usage: 2, config: 2, unreachable: 3, history: 4, input: 5 };

test.each(Object.entries(CODES) as [AppErrorKind, number][])('an error of the kind %s ends with %i', (kind, code) => {
  expect(exitCodeOf(new AppError(kind, 'it failed'))).toBe(code);
  expect(EXIT_CODES.map(([known]) => known)).toContain(code);
});

test('whatever else is thrown is a bug: 70', () => {
  expect([exitCodeOf(new TypeError('x')), exitCodeOf('x'), exitCodeOf(undefined)]).toEqual([70, 70, 70]);
});
