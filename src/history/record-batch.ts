import type { Attempt, Delivery } from '../model/attempt.ts';
import type { Database } from './database.ts';
import { insertRecord, rowOf, type RecordRow } from './record-row.ts';

/** Records on their way to the thread that writes: values that are bound one by one, and all bodies in one buffer. */
export interface RecordBatch {
  rows: RecordRow[];
  /** How long the request body and the response body of each row are, in turn. */
  lengths: number[];
  /** All of them, one behind the other, in a buffer of their own: it changes the thread without being copied. */
  bodies: Uint8Array;
}

/** Collects records for a batch. */
export interface Batcher {
  /** Returns how many bytes the record takes, roughly. */
  add(delivery: Delivery, attempt: Attempt): number;
  /** Returns what was added since the last call. */
  take(): RecordBatch;
}

/** What a record takes beside its bodies: headers, ids, times. */
const ROW_BYTES = 1024;

export function makeBatcher(): Batcher {
  let rows: RecordRow[] = [];
  let bodies: Uint8Array[] = [];
  return {
    add(delivery, attempt) {
      rows.push(rowOf(delivery, attempt));
      bodies.push(delivery.body, attempt.responseBody);
      return delivery.body.length + attempt.responseBody.length + ROW_BYTES;
    },
    take() {
      const batch = { rows, lengths: bodies.map(({ length }) => length), bodies: joined(bodies) };
      rows = [];
      bodies = [];
      return batch;
    },
  };
}

/** Not `Buffer.concat`: a small one shares its memory with others, which would go to the thread, too. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Stores the records, all of them or none. */
export function insertBatch(database: Database, { rows, lengths, bodies }: RecordBatch): void {
  let at = 0;
  const next = (index: number): Uint8Array => bodies.subarray(at, (at += lengths[index] ?? 0));
  database.transact(() => {
    for (const [index, row] of rows.entries())
      insertRecord(database, row, { body: next(index * 2), responseBody: next(index * 2 + 1) });
  });
}
