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
  /** Writes a line otherwise than the database does. */
  writeLine?: (fields: readonly ExportField[], cells: readonly Cell[]) => string;
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

/** Not of rows: the page that `webhook report` writes. */
export const PAGE_FORMAT = 'html';

/** What `--format` takes, beside `table`, which the terminal draws, and the page. */
export const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

/**
 * CSV that Excel reads when the file is opened, by what separates its cells: that is the list separator of the system,
 * a semicolon where numbers have a decimal comma.
 */
const DIALECTS = { excel: ';', 'excel-comma': ',' } as const;

/** What `--csv-dialect` takes. */
export const CSV_DIALECT_NAMES = Object.keys(DIALECTS) as (keyof typeof DIALECTS)[];

/** The format called `name`, as `dialect` writes it. Unknown, or a dialect of another format: AppError `usage`. */
export function findExportFormat(name: string, dialect?: string): ExportFormat {
  if (dialect === undefined) return findFormat(name);
  const known = CSV_DIALECT_NAMES.find((one) => one === dialect);
  if (known === undefined)
    throw new AppError('usage', `unknown dialect ${dialect}`, {
      hint: `known dialects: ${CSV_DIALECT_NAMES.join(', ')}`,
      unknown: { given: dialect, among: CSV_DIALECT_NAMES },
    });
  if (name !== 'csv')
    throw new AppError('usage', `--csv-dialect applies to csv, not to ${name}`, {
      hint: 'add --format csv, or leave out --csv-dialect',
    });
  return makeExcelCsv(DIALECTS[known]);
}

/**
 * Excel knows UTF-8 by its byte-order mark. It reads `2026-11-30 12:00:00` as a date in every language, and a number
 * with a fraction only where its mark is the system's (German Excel makes 12 May of 12.5): so seconds and milliseconds
 * are whole. https://wiki.scn.sap.com/wiki/display/ABAP/Excel+files+-+CSV+format
 * http://support.elvac.eu/Vdip/Prilohy/IMDISP_userdoc/cs/csv/csvfileformat.html
 */
function makeExcelCsv(separator: string): ExportFormat {
  const head = (fields: readonly ExportField[]): string => `\ufeff${fields.join(separator)}\r\n`;
  return {
    ...CSV,
    opening: head,
    empty: head,
    writeLine: (fields, cells) =>
      writeCsvLine(
        cells.map((cell, at) => excelCell(fields[at], cell)),
        separator,
      ),
  };
}

function excelCell(field: ExportField | undefined, cell: Cell): Cell {
  if (typeof cell === 'number') return Math.round(cell);
  return field === 'timestamp' ? String(cell).slice(0, 19).replace('T', ' ') : cell;
}

function findFormat(name: string): ExportFormat {
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

function writeCsvLine(cells: readonly Cell[], separator = ','): string {
  const line = cells.map((cell) => writeCsvCell(cell, separator)).join(separator);
  // Many readers would skip a line that is empty altogether.
  return cells.length === 1 && line === '' ? '""' : line;
}

/** https://owasp.org/www-community/attacks/CSV_Injection */
const RUN_BY_SPREADSHEETS = /^[=+\-@\t\r\n]/;

function writeCsvCell(cell: Cell, separator: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  // Base64 has no character a formula could do harm with, and a guard would break decoding.
  if (typeof cell !== 'string') return encodeBase64(cell);
  const safe = RUN_BY_SPREADSHEETS.test(cell) ? `'${cell}` : cell;
  return safe.includes(separator) || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
