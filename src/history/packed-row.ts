import type { ByteRun } from './byte-run.ts';

/** What differs from record to record, and its width in a row: ASCII, padded with spaces. */
export const ROW_FIELDS = [
  { name: 'shape', width: 10, type: 'integer' },
  { name: 'id', width: 36, type: 'text' },
  { name: 'attempt_id', width: 36, type: 'text' },
  { name: 'created_at', width: 27, type: 'text' },
  { name: 'started_at', width: 27, type: 'text' },
  { name: 'duration_us', width: 16, type: 'integer' },
  { name: 'response_bytes', width: 16, type: 'integer' },
  // Where its body begins in `bytes`; the rest follows in this order.
  { name: 'body_at', width: 10, type: 'integer' },
  { name: 'body_length', width: 10, type: 'integer' },
  { name: 'response_length', width: 10, type: 'integer' },
  { name: 'headers_length', width: 10, type: 'integer' },
  { name: 'timings_length', width: 10, type: 'integer' },
  { name: 'has_event_id', width: 1, type: 'integer' },
  { name: 'event_id_length', width: 10, type: 'integer' },
] as const;

export const ROW_BYTES = ROW_FIELDS.reduce((sum, { width }) => sum + width, 0);

const WIDTHS = ROW_FIELDS.map(({ width }) => width);
const SPACE = 0x20;
const row = Buffer.alloc(ROW_BYTES);

/**
 * Adds a row. Digits are written one by one: making and padding a string for each number took as long as the rest of a
 * record.
 * @param values in the order of `ROW_FIELDS`: ASCII texts and whole numbers from 0. One that is neither, or too long,
 *   is a RangeError, and nothing is added.
 */
export function putRow(rows: ByteRun, values: readonly (string | number)[]): void {
  row.fill(SPACE);
  let at = 0;
  for (let field = 0; field < WIDTHS.length; field++) {
    const [value, width] = [values[field] as string | number, WIDTHS[field] as number];
    const fits =
      typeof value === 'string'
        ? value.length <= width && row.write(value, at, 'utf8') === value.length
        : putDigits(row, value, at, width);
    if (!fits) throw new RangeError(`the ${ROW_FIELDS[field]?.name} of a record does not fit its place: ${value}`);
    at += width;
  }
  rows.put(row);
}

const DIGIT_0 = 0x30;

/** Writes a whole number right-aligned. False when it has more digits than fit. */
function putDigits(bytes: Uint8Array, value: number, from: number, width: number): boolean {
  let rest = value;
  let at = from + width;
  do {
    at -= 1;
    const tens = Math.floor(rest / 10);
    bytes[at] = DIGIT_0 + rest - tens * 10;
    rest = tens;
  } while (rest > 0 && at > from);
  return rest === 0;
}
