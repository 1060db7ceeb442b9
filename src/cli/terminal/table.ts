import Table from 'cli-table3';
import { painter } from './color.ts';
import { columnsOf, plainLine } from './text.ts';

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
const GAP = NO_BORDERS.middle.length;
const MIN_WIDTH = 8;

/**
 * Rows in columns without borders, so that they can be copied and cut. On a terminal the widest columns are shortened
 * with `…` until a row fits a line: the beginning of an id is enough to name it. `paint` may colour a cell.
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint?: (cell: string, column: number) => string,
): string {
  const dim = painter(process.stdout).dim;
  const cells = [head, ...rows].map((row) => row.map(plainLine));
  const widths = fitWidths(
    head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length))),
    columnsOf(process.stdout),
  );
  const table = new Table({
    chars: NO_BORDERS,
    colWidths: widths,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const [index, row] of cells.entries()) {
    table.push(row.map((cell, column) => paintCell(cell, index === 0 ? dim : (text) => paint?.(text, column) ?? text)));
  }
  return table.toString().replace(/[ \t]+$/gm, '');
}

const paintCell = (cell: string, paint: (text: string) => string): string => (cell === '' ? cell : paint(cell));

/**
 * Natural widths where they fit `available` columns (undefined: no terminal), else the widest cut down step by step.
 */
export function fitWidths(natural: readonly number[], available: number | undefined): number[] {
  const widths = [...natural];
  if (available === undefined) return widths;
  const room = available - GAP * (widths.length - 1);
  for (let total = widths.reduce((sum, width) => sum + width, 0); total > room; total--) {
    const widest = Math.max(...widths);
    if (widest <= MIN_WIDTH) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
