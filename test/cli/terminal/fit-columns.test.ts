import { expect, test } from 'vitest';
import { fitColumns, type TableColumn } from '../../../src/cli/terminal/fit-columns.ts';

const id: TableColumn = { title: 'id' };
const event: TableColumn = { title: 'event', atWorst: 5 };
const note: TableColumn = { title: 'note', wrapTo: 10, leaveOut: 1, below: true };
const url: TableColumn = { title: 'url', cutTo: 8, leaveOut: 2 };

test.each<[string, TableColumn[], number[], number, [place: number, width: number][] | null, number[]]>([
  [
    'it matches',
    [id, event, url],
    [8, 10, 20],
    42,
    [
      [0, 8],
      [1, 10],
      [2, 20],
    ],
    [],
  ],
  [
    'what may be narrower gives way first',
    [id, event, url],
    [8, 10, 20],
    30,
    [
      [0, 8],
      [1, 10],
      [2, 8],
    ],
    [],
  ],
  [
    'the widest of them before the others',
    [note, note],
    [30, 14],
    30,
    [
      [0, 14],
      [1, 14],
    ],
    [],
  ],
  [
    'then a column is left out',
    [id, event, url],
    [8, 10, 20],
    29,
    [
      [0, 8],
      [1, 10],
    ],
    [],
  ],
  [
    'the highest number first',
    [id, note, url],
    [8, 12, 20],
    22,
    [
      [0, 8],
      [1, 12],
    ],
    [],
  ],
  [
    'what stands below its row',
    [id, event, note],
    [8, 10, 12],
    28,
    [
      [0, 8],
      [1, 10],
    ],
    [2],
  ],
  [
    'at worst, others are wrapped',
    [id, event, url],
    [8, 10, 20],
    16,
    [
      [0, 8],
      [1, 6],
    ],
    [],
  ],
  ['no room for what must stay', [id, event, url], [8, 10, 20], 14, null, []],
])('columns of a table: %s', (_, columns, natural, available, shown, below) => {
  const fitted = fitColumns(columns, natural, available, 2);
  expect(fitted?.shown.map(({ place, width }) => [place, width]) ?? null).toEqual(shown);
  expect(fitted?.below ?? []).toEqual(below);
});
