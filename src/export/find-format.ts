import { AppError } from '../model/error.ts';
import { CSV } from './csv.ts';
import type { Format } from './format.ts';
import { JSON_ARRAY } from './json.ts';
import { NDJSON } from './ndjson.ts';

const FORMATS = { csv: CSV, ndjson: NDJSON, json: JSON_ARRAY } as const satisfies Record<string, Format>;

/** What `--format` takes, `table` aside: that one is drawn by the terminal's side. */
export const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

/** The format called `name`. Unknown: AppError `usage`. */
export function findFormat(name: string): Format {
  const format = FORMAT_NAMES.find((known) => known === name);
  if (format === undefined) {
    throw new AppError('usage', `unknown format ${name}`, {
      hint: `known formats: ${FORMAT_NAMES.join(', ')}`,
      unknown: { given: name, among: FORMAT_NAMES },
    });
  }
  return FORMATS[format];
}
