import { FREE_TEXT_FIELDS, NUMBER_FIELDS, type Cell, type ExportField, type SqlRow } from '../model/export-field.ts';
import { encodeBase64 } from './base64.ts';
import type { Format } from './format.ts';

/** One JSON object a line (https://github.com/ndjson/ndjson-spec), compact, every field present. */
export const NDJSON: Format = {
  opening: () => '',
  sqlLine: writeObjectSql,
  line: writeObject,
  separator: '\n',
  closing: '\n',
  empty: () => '',
};

/** An object with exactly the fields, in their order; null where there is nothing. */
export function writeObject(fields: readonly ExportField[], cells: readonly Cell[]): string {
  const entries = fields.map((field, index) => [field, toJson(cells[index] ?? null)]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** `writeObject` in SQL. SQLite's own json_object is ten times slower than joining texts. */
export function writeObjectSql({ columns, needsCare }: SqlRow): string {
  const write = (freeText: (sql: string) => string): string => {
    const parts = columns.flatMap(({ field, sql }, index) => {
      const text = FREE_TEXT_FIELDS.has(field) ? freeText(sql) : quotePlain(sql);
      return [`'${index === 0 ? '{' : ','}"${field}":'`, `ifnull(${NUMBER_FIELDS.has(field) ? sql : text}, 'null')`];
    });
    return `concat(${parts.join(', ')}, '}')`;
  };
  return `case when ${needsCare} then ${write((sql) => `json_quote(${sql})`)} else ${write(quotePlain)} end`;
}

function quotePlain(sql: string): string {
  return `'"' || ${sql} || '"'`;
}

function toJson(cell: Cell): string | number | null {
  return cell instanceof Uint8Array ? encodeBase64(cell) : cell;
}
