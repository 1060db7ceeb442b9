import { FREE_TEXT_FIELDS, NUMBER_FIELDS, type ExportField, type LineStyle } from '../../model/export-field.ts';
import { FIELD_SQL } from './select-attempts.ts';

interface LineColumnSql {
  field: ExportField;
  sql: string;
}

/** The line of an attempt, letter by letter as SQLite writes it; texts with care only in rows that need it. */
export function lineSql(fields: readonly ExportField[], style: LineStyle): string {
  const parts = fields.flatMap((field) => (isColumn(field) ? [{ field, sql: FIELD_SQL[field] }] : []));
  const write = style === 'csv' ? csvLine : jsonLine;
  const line = `case when needs_care then ${write(parts, true)} else ${write(parts, false)} end`;
  // A CSV line that is empty altogether would be skipped by many readers.
  return style === 'csv' && parts.length === 1 ? `coalesce(nullif(${line}, ''), '""')` : line;
}

export const isColumn = (field: ExportField): field is keyof typeof FIELD_SQL => field in FIELD_SQL;

/** Nulls become empty. */
function csvLine(parts: readonly LineColumnSql[], withCare: boolean): string {
  const cells = parts.map(({ field, sql }) => (withCare && FREE_TEXT_FIELDS.has(field) ? csvText(sql) : sql));
  return `concat(${cells.join(`, ',', `)})`;
}

/** RFC 4180 quotes, and an apostrophe before what a spreadsheet would run. */
function csvText(sql: string): string {
  const safe = `case when ${sql} ~ '^[-=+@\\u0009\\u000d]' then concat('''', ${sql}) else ${sql} end`;
  return `case when ${sql} ~ '[",\\u000a\\u000d]' then concat('"', replace(${safe}, '"', '""'), '"') else ${safe} end`;
}

/** The server's own JSON functions are slower than joining texts. */
function jsonLine(parts: readonly LineColumnSql[], withCare: boolean): string {
  const pieces = parts.flatMap(({ field, sql }, index) => {
    const quoted = withCare && FREE_TEXT_FIELDS.has(field) ? `to_json(${sql})::text` : `'"' || ${sql} || '"'`;
    const value = NUMBER_FIELDS.has(field) ? `${sql}::text` : quoted;
    return [`'${index === 0 ? '{' : ','}"${field}":'`, `coalesce(${value}, 'null')`];
  });
  return `concat(${pieces.join(', ')}, '}')`;
}
