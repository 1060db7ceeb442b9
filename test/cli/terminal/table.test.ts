import { expect, test } from 'vitest';
import { fitWidths } from '../../../src/cli/terminal/table.ts';

test.each([
  ['no terminal: as wide as the cells', [36, 7, 60], undefined, [36, 7, 60]],
  ['it fits', [10, 10], 22, [10, 10]],
  ['the widest gives way first', [36, 7, 20], 60, [29, 7, 20]],
  ['then the next, together', [36, 7, 36], 51, [20, 7, 20]],
  ['never below what can be recognised', [36, 36], 10, [8, 8]],
])('columns of a table: %s', (_, natural, available, widths) => {
  expect(fitWidths(natural, available)).toEqual(widths);
});
