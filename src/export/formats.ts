import { escapeUnseen } from '../model/json.ts';
import { AppError } from '../model/error.ts';
import type { Cell, ExportField, LineStyle } from '../model/export-field.ts';

/** How rows become a document: `style` says how a line is written, the rest what stands around the lines. */
export interface ExportFormat {
  style: LineStyle;
  /** Before the first line. */
  opening: (fields: readonly ExportField[]) => string;
  /** Between lines. */
  separator: string;
  /** After the last line. */
  closing: string;
  /** The whole output when there is no row. */
  empty: (fields: readonly ExportField[]) => string;
}

/** UTF-8 without a byte-order mark, lines end as RFC 4180 says. */
const CSV: ExportFormat = {
  style: 'csv',
  opening: (fields) => `${fields.join(',')}\r\n`,
  separator: '\r\n',
  closing: '\r\n',
  empty: (fields) => `${fields.join(',')}\r\n`,
};

/** One JSON object a line: https://github.com/ndjson/ndjson-spec */
const NDJSON: ExportFormat = {
  style: 'json',
  opening: () => '',
  separator: '\n',
  closing: '\n',
  empty: () => '',
};

/** One array of objects, an object a line. */
const JSON_ARRAY: ExportFormat = {
  style: 'json',
  opening: () => '[\n',
  separator: ',\n',
  closing: '\n]\n',
  empty: () => '[]\n',
};

const FORMATS = { csv: CSV, ndjson: NDJSON, json: JSON_ARRAY } as const;

/** What `--format` takes, `table` aside: the terminal draws that one. */
export const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

/** The format called `name`. Unknown: AppError `usage`. */
export function findExportFormat(name: string): ExportFormat {
  const format = FORMAT_NAMES.find((known) => known === name);
  if (format === undefined) {
    throw new AppError('usage', `unknown format ${name}`, {
      hint: `known formats: ${FORMAT_NAMES.join(', ')}`,
      unknown: { given: name, among: FORMAT_NAMES },
    });
  }
  return FORMATS[format];
}

/** Writes what the database writes for rows without bodies, character for character. */
export function writeLine(style: LineStyle, fields: readonly ExportField[], cells: readonly Cell[]): string {
  return style === 'csv' ? writeCsvLine(cells) : writeJsonLine(fields, cells);
}

function writeCsvLine(cells: readonly Cell[]): string {
  const line = cells.map(writeCsvCell).join(',');
  // Many readers would skip a line that is empty altogether.
  return cells.length === 1 && line === '' ? '""' : line;
}

/** https://owasp.org/www-community/attacks/CSV_Injection */
const RUN_BY_SPREADSHEETS = /^[=+\-@\t\r\n]/;

function writeCsvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // Base64 has no character a formula could do harm with, and a guard would break decoding.
  if (typeof cell !== 'string') return encodeBase64(cell);
  const safe = RUN_BY_SPREADSHEETS.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function writeJsonLine(fields: readonly ExportField[], cells: readonly Cell[]): string {
  const entries = fields.map((field, index) => [field, toJsonValue(cells[index] ?? null)]);
  return escapeUnseen(JSON.stringify(Object.fromEntries(entries)));
}

function toJsonValue(cell: Cell): string | number | null {
  return cell instanceof Uint8Array ? encodeBase64(cell) : cell;
}

/** Standard base64 with padding (RFC 4648 section 4). */
function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
