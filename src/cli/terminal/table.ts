import { painter } from './color.ts';
import { cutLine, cutMiddle, displayWidth, padLine, wrapLine } from './display-width.ts';
import { fitColumns, type TableColumn, type FittedColumns } from './fit-columns.ts';
import { columnsOf, plainLine } from './text.ts';
import { screenOf } from './stdio.ts';

const GAP = '  ';
const INDENT = '    ';

/** Colours a line of a cell; what it pads and wraps is the text without colours. */
export type PaintCell = (line: string, column: number) => string;

/**
 * Rows in columns without borders, so that they can be copied and cut. On a terminal no line is longer than it is wide:
 * the columns say what gives way. In a pipe every column is there, as wide as its cells. A plain title is a column that
 * stays and may be wrapped.
 */
export function renderTable(
  head: readonly (string | TableColumn)[],
  rows: readonly (readonly string[])[],
  paint: PaintCell = (line) => line,
): string {
  const columns = head.map((one) => (typeof one === 'string' ? { title: one, wrapTo: USUAL_LEAST } : one));
  const cells = rows.map((row) => row.map(plainLine));
  const natural = columns.map(({ title }, place) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[place] ?? '')), displayWidth(title)),
  );
  const available = columnsOf(screenOf(1));
  const fitted =
    available === undefined
      ? { shown: natural.map((width, place) => ({ place, width })), below: [] }
      : fitColumns(columns, natural, available, GAP.length);
  if (fitted === null) return stackRows(columns, cells, available ?? 0, paint);
  return layOut(columns, cells, fitted, paint, available ?? 0).join('\n');
}

const USUAL_LEAST = 10;

function layOut(
  columns: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  { shown, below }: FittedColumns,
  paint: PaintCell,
  available: number,
): string[] {
  const { dim } = painter(screenOf(1));
  const head = columns.map(({ title }) => title);
  return [head, ...cells].flatMap((row, index) => {
    const lines = shown.map(({ place, width }) => linesOf(row[place] ?? '', width, columns[place]));
    const height = Math.max(...lines.map(({ length }) => length));
    const rowLines = Array.from({ length: height }, (_, at) => {
      const parts = shown.map(({ place, width }, nth) => {
        const line = lines[nth]?.[at] ?? '';
        const painted = line === '' ? '' : index === 0 ? dim(line) : paint(line, place);
        return painted + ' '.repeat(padLine(line, width).length - line.length);
      });
      return parts.join(GAP).trimEnd();
    });
    const under = index === 0 ? [] : below.flatMap((place) => underRow(row[place] ?? '', available));
    return [...rowLines, ...under];
  });
}

function linesOf(cell: string, width: number, column: TableColumn | undefined): string[] {
  if (column?.cutTo === undefined) return wrapLine(cell, width);
  return [column.keepsEnds ? cutMiddle(cell, width) : cutLine(cell, width)];
}

function underRow(cell: string, available: number): string[] {
  return cell === '' ? [] : wrapLine(cell, available - INDENT.length).map((line) => INDENT + line);
}

/** Where a line has no room for the columns that must stay: one cell a line, with its title. */
function stackRows(
  columns: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  available: number,
  paint: PaintCell,
): string {
  const { dim } = painter(screenOf(1));
  return cells
    .map((row) =>
      columns.flatMap(({ title }, place) => {
        const cell = row[place] ?? '';
        if (cell === '') return [];
        const prefix = title === '' ? '' : `${title}: `;
        const [first = '', ...rest] = wrapLine(`${prefix}${cell}`, available);
        const value = first.slice(prefix.length);
        const start = first.startsWith(prefix) ? dim(prefix) + paint(value, place) : first;
        return [start, ...rest.map((line) => paint(line, place))];
      }),
    )
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}
