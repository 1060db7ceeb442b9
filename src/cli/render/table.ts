import Table from 'cli-table3';
import { painter } from './color.ts';
import { plainLine } from './plain-text.ts';

const NO_BORDERS = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ',
};

/** Rows in columns without borders, so that they can be copied and cut. `paint` may colour a cell afterwards. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], paint?: (cell: string, column: number) => string): string {
  const dim = painter(process.stdout).dim;
  const table = new Table({ chars: NO_BORDERS, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] } });
  table.push(head.map((cell) => dim(cell)));
  for (const row of rows) {
    table.push(row.map((cell, column) => (paint ? paint(plainLine(cell), column) : plainLine(cell))));
  }
  return table.toString().replace(/[ \t]+$/gm, '');
}
