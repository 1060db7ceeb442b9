import { FREE_TEXT_FIELDS, NUMBER_FIELDS, type ExportField, type LineStyle } from '../../model/export-field.ts';
import { FIELD_SQL } from './select-attempts.ts';

/** How the server writes attempts as lines of a `copy`. */
export interface LineSql {
  columns: string;
  /** Of `copy`. */
  options: string;
  /** What ends the time of an attempt, which stands first in each row. */
  delimiter: string;
  /** The time is none of the fields, or stands elsewhere as well: it is not a part of the line. */
  isTimed: boolean;
}

const TIME = FIELD_SQL.timestamp;

/** Letter by letter what SQLite writes. */
export function lineSql(fields: readonly ExportField[], style: LineStyle): LineSql {
  const known = fields.filter(isColumn);
  if (style === 'json') {
    // No character of JSON is one of these two, so the line comes as it is.
    const options = String.raw`format csv, delimiter E'\x01', quote E'\x02'`;
    return { columns: `${TIME}, ${jsonLine(known)}`, options, delimiter: '\u0001', isTimed: true };
  }
  const isTimed = known[0] !== 'timestamp';
  const columns = [...(isTimed ? [TIME] : []), ...known.map(csvCell)].join(', ');
  return { columns, options: 'format csv', delimiter: ',', isTimed };
}

export const isColumn = (field: ExportField): field is keyof typeof FIELD_SQL => field in FIELD_SQL;

/** Of the characters that make a cell a formula, and of tab and carriage return. */
const RUN_CODES = Array.from('=+-@\t\r', (character) => character.charCodeAt(0)).join(', ');

/** An apostrophe before what a spreadsheet would run. `copy` quotes by RFC 4180, and also the empty text. */
function csvCell(field: keyof typeof FIELD_SQL): string {
  const sql = FIELD_SQL[field];
  if (!FREE_TEXT_FIELDS.has(field)) return sql;
  const isRun = `needs_care and ascii(${sql}) in (${RUN_CODES})`;
  return `case when ${isRun} then concat('''', ${sql}) else nullif(${sql}, '') end`;
}

/** Texts with care only in rows that need it. */
const jsonLine = (fields: readonly (keyof typeof FIELD_SQL)[]): string =>
  `case when needs_care then ${jsonObject(fields, true)} else ${jsonObject(fields, false)} end`;

/** The server's own JSON functions are slower than joining texts. */
function jsonObject(fields: readonly (keyof typeof FIELD_SQL)[], withCare: boolean): string {
  const pieces = fields.flatMap((field, index) => {
    const sql = FIELD_SQL[field];
    const quoted = withCare && FREE_TEXT_FIELDS.has(field) ? `to_json(${sql})::text` : `'"' || ${sql} || '"'`;
    const value = NUMBER_FIELDS.has(field) ? `${sql}::text` : quoted;
    return [`'${index === 0 ? '{' : ','}"${field}":'`, `coalesce(${value}, 'null')`];
  });
  return `concat(${pieces.join(', ')}, '}')`;
}
