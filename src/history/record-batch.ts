import type { Attempt, Delivery } from '../model/attempt.ts';
import type { SqlValue } from './database.ts';
import { COMMON_COLUMNS, OWN_COLUMNS, readColumns } from './record-row.ts';

/**
 * Records, taken apart. Each value costs 0.1 µs to hand over to a thread and 0.2 µs each time that it is bound: so the
 * values that many records share are there once, and the others in one list.
 */
export interface RecordBatch {
  /** Values of `COMMON_COLUMNS`: each combination that occurs. */
  common: SqlValue[][];
  /** Of each record the index of its values in `common`. */
  commonOf: number[];
  /** Record after record its values of `OWN_COLUMNS`. */
  own: SqlValue[];
  /** The request body and the response body of each record, in turn. */
  bodies: Uint8Array[];
}

/** A batch on its way to the thread that writes. */
export interface PackedBatch extends Omit<RecordBatch, 'bodies'> {
  /** Of each body. */
  lengths: number[];
  /** All bodies, one behind the other, in a buffer of their own: it changes the thread without being copied. */
  bytes: Uint8Array;
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

/** A record is compared with this many combinations at most: those that came last. */
const COMPARED = 8;

export function makeBatcher(): Batcher {
  let common: SqlValue[][] = [];
  let commonOf: number[] = [];
  let own: SqlValue[] = [];
  let bodies: Uint8Array[] = [];
  const indexOf = (values: SqlValue[]): number => {
    for (let index = common.length - 1; index >= Math.max(0, common.length - COMPARED); index--)
      if (isSame(common[index] as SqlValue[], values)) return index;
    return common.push(values) - 1;
  };
  return {
    add(delivery, attempt) {
      commonOf.push(indexOf(readColumns(COMMON_COLUMNS, delivery, attempt)));
      own.push(...readColumns(OWN_COLUMNS, delivery, attempt));
      bodies.push(delivery.body, attempt.responseBody);
      return delivery.body.length + attempt.responseBody.length + ROW_BYTES;
    },
    take() {
      const batch = { common, commonOf, own, bodies };
      common = [];
      commonOf = [];
      own = [];
      bodies = [];
      return batch;
    },
  };
}

const isSame = (values: SqlValue[], others: SqlValue[]): boolean =>
  values.every((value, index) => value === others[index]);

export function packBatch({ bodies, ...values }: RecordBatch): PackedBatch {
  const lengths = bodies.map(({ length }) => length);
  // Not `Buffer.concat`: a small one shares its memory with others, which would go to the thread, too.
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const body of bodies) {
    bytes.set(body, at);
    at += body.length;
  }
  return { ...values, lengths, bytes };
}

export function unpackBatch({ lengths, bytes, ...values }: PackedBatch): RecordBatch {
  let at = 0;
  return { ...values, bodies: lengths.map((length) => bytes.subarray(at, (at += length))) };
}
