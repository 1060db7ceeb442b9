import type { Cell, ExportField, SqlRow } from '../model/export-field.ts';

/** How rows become bytes. `sqlLine` and `line` write the same characters: one in SQL, one in JavaScript. */
export interface Format {
  /** Before the first line. */
  opening: (fields: readonly ExportField[]) => string;
  /** SQL expression of one line. */
  sqlLine: (row: SqlRow) => string;
  line: (fields: readonly ExportField[], cells: readonly Cell[]) => string;
  /** Between lines. */
  separator: string;
  /** After the last line. */
  closing: string;
  /** The whole output when there is no row. */
  empty: (fields: readonly ExportField[]) => string;
}
