/**
 * The columns of an export, in their order: one row per attempt. The only list: flags, headers,
 * history's columns and the documentation derive from it.
 */
export const EXPORT_FIELDS = [
  'timestamp',
  'webhookUuid',
  'deliveryId',
  'attempt',
  'direction',
  'vendor',
  'event',
  'eventId',
  'url',
  'outcome',
  'status',
  'errorCode',
  'error',
  'durationMs',
  'requestBytes',
  'responseBytes',
  'remoteAddress',
] as const;

/** Added by `--include-tests` to distinguish its rows: `event` or `test`. */
export const PURPOSE_FIELD = 'purpose';

/** Added by `--include-bodies`, in base64: bodies are bytes, not always text. */
export const BODY_FIELDS = ['requestBody', 'responseBody'] as const;

export type ExportField = (typeof EXPORT_FIELDS)[number] | typeof PURPOSE_FIELD | (typeof BODY_FIELDS)[number];

/** Text that comes from outside and may hold any character; the rest is numbers, ids, times and fixed words. */
export const FREE_TEXT_FIELDS: ReadonlySet<ExportField> = new Set<ExportField>([
  'vendor',
  'event',
  'eventId',
  'url',
  'errorCode',
  'error',
  'remoteAddress',
]);

/** Written as numbers; every other field is text (bodies: bytes). */
export const NUMBER_FIELDS: ReadonlySet<ExportField> = new Set<ExportField>([
  'attempt',
  'status',
  'durationMs',
  'requestBytes',
  'responseBytes',
]);

/** One value of one field: text, number, bytes of a body, or nothing. */
export type Cell = string | number | Uint8Array | null;

/**
 * How a row is written as one line, by the database or by `export/formats.ts`: the same characters either way.
 * `csv`: RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), nothing where there is nothing, texts that a spreadsheet
 * would run begin with an apostrophe. `json`: a compact object with every field, null where there is nothing.
 */
export type LineStyle = 'csv' | 'json';
