import { basename, extname } from 'node:path';
import { FORMAT_NAMES, PAGE_FORMAT } from '../../export/formats.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';

// What the name of a file says of its format. A file that is something else than its name says is opened wrongly, or
// not at all, by whoever gets it.

/** Files of spreadsheet programs: nothing of ours is one, whatever `--format` says. */
const SPREADSHEETS = new Set(['xlsx', 'xlsm', 'xlsb', 'xls', 'ods', 'numbers']);

/** Other endings of the same formats. */
const ENDINGS: Readonly<Record<string, string | undefined>> = { jsonl: 'ndjson', htm: PAGE_FORMAT };

const endingOf = (file: string): string => extname(file).slice(1).toLowerCase();

const withEnding = (file: string, ending: string): string => `${basename(file, extname(file))}.${ending}`;

export function isFile(output: string | undefined): output is string {
  return output !== undefined && output !== '-';
}

/** For `--format`. Throws AppError `usage`. */
export function refuseSpreadsheetFormat(format: string): void {
  if (!SPREADSHEETS.has(format.toLowerCase())) return;
  throw new AppError('usage', `--format ${format}: no format makes .${format.toLowerCase()} files`, {
    hint: 'write CSV, which spreadsheets open: --format csv --csv-dialect excel',
  });
}

export function refuseSpreadsheet(output: string | undefined): void {
  if (!isFile(output) || !SPREADSHEETS.has(endingOf(output))) return;
  throw new AppError('usage', `-o ${output}: no format makes .${endingOf(output)} files`, {
    hint: `write CSV, which spreadsheets open: -o ${quoteForShell(withEnding(output, 'csv'))} --csv-dialect excel`,
  });
}

/** The format of rows, or of the page; null for a name without an ending. Throws AppError `usage` for any other. */
export function formatByEnding(output: string): string | null {
  const ending = endingOf(output);
  if (ending === '') return null;
  const names = [...FORMAT_NAMES, PAGE_FORMAT];
  const format = names.find((name) => name === ending) ?? ENDINGS[ending];
  if (format !== undefined) return format;
  throw new AppError('usage', `-o ${output}: .${ending} is not a format`, {
    hint: `name it .${names.join(', .')}, or set the format: --format csv`,
    unknown: { given: ending, among: names },
  });
}

/** For a command that writes nothing but the page. Throws AppError `usage`. */
export function refuseOtherThanPage(output: string | undefined): void {
  if (!isFile(output)) return;
  const ending = endingOf(output);
  if (ending === '' || (ENDINGS[ending] ?? ending) === PAGE_FORMAT) return;
  const exported = SPREADSHEETS.has(ending) ? 'csv' : FORMAT_NAMES.find((name) => name === (ENDINGS[ending] ?? ending));
  const rows =
    exported === undefined
      ? ''
      : `; rows as ${exported}: webhook export -o ${quoteForShell(withEnding(output, exported))}`;
  throw new AppError('usage', `-o ${output}: the report is an HTML page, not a .${ending} file`, {
    hint: `name it -o ${quoteForShell(withEnding(output, PAGE_FORMAT))}${rows}`,
  });
}
