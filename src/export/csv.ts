import { FREE_TEXT_FIELDS, type Cell } from '../model/export-field.ts';
import { encodeBase64 } from './base64.ts';
import type { Format } from './format.ts';

const LINE_END = '\r\n';

/** RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), UTF-8, without a byte-order mark. */
export const CSV: Format = {
  opening: (fields) => `${fields.join(',')}${LINE_END}`,
  sqlLine: ({ columns, needsCare }) => {
    const plain = concat(columns.map(({ sql }) => sql));
    const careful = concat(columns.map(({ field, sql }) => (FREE_TEXT_FIELDS.has(field) ? careSql(sql) : sql)));
    const line = `case when ${needsCare} then ${careful} else ${plain} end`;
    // A line that is empty altogether would be skipped by many readers.
    return columns.length === 1 ? `ifnull(nullif(${line}, ''), '""')` : line;
  },
  line: (fields, cells) => {
    const line = cells.map(writeCell).join(',');
    return fields.length === 1 && line === '' ? '""' : line;
  },
  separator: LINE_END,
  closing: LINE_END,
  empty: (fields) => `${fields.join(',')}${LINE_END}`,
};

function writeCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // Base64 has no character a formula could do harm with, and a guard would break decoding.
  if (typeof cell !== 'string') return encodeBase64(cell);
  const safe = RUN_BY_SPREADSHEETS.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** https://owasp.org/www-community/attacks/CSV_Injection */
const RUN_BY_SPREADSHEETS = /^[=+\-@\t\r\n]/;

/** `writeCell` of a text, in SQL. */
function careSql(sql: string): string {
  const safe = `case when ${sql} glob '[=+@\t\r\n-]*' then concat('''', ${sql}) else ${sql} end`;
  return `case when ${sql} glob '*[",\r\n]*' then concat('"', replace(${safe}, '"', '""'), '"') else ${safe} end`;
}

/** Not `concat_ws`: in SQLite 3.45 it leaves out the separator of an empty text. Nulls become empty. */
function concat(cells: readonly string[]): string {
  return `concat(${cells.join(`, ',', `)})`;
}
