import type { Attempt, Delivery } from '../model/attempt.ts';
import type { SqlValue } from './database.ts';
import { attemptValues, deliveryValues, exchangeValues } from './record.ts';
import { PART_BYTES } from './request-body.ts';

/** The rows of one attempt, and of its delivery should that be new. */
export interface RecordRows {
  delivery: SqlValue[];
  exchange: SqlValue[];
  attempt: SqlValue[];
  /** Of the delivery. */
  id: string;
  /** The whole body. */
  body: Uint8Array;
}

/**
 * Records on their way to another thread, as flat as they can be: for each the values of its rows in turn and the
 * lengths of its two bodies, which lie one behind the other in `bytes`. Objects would take twice as long to hand over,
 * and while they wait the garbage collector would move every one of them about.
 */
export interface PackedRecords {
  values: (string | number | null)[];
  bytes: Uint8Array;
}

const [DELIVERY_VALUES, EXCHANGE_VALUES, ATTEMPT_VALUES] = [10, 10, 18];
/** Where bodies stand in their rows. */
const BODY_AT = 9;
const RESPONSE_BODY_AT = 5;
const PER_RECORD = DELIVERY_VALUES + EXCHANGE_VALUES + ATTEMPT_VALUES;

const FIRST_BYTES = 64 * 1024;

/** Packs records one by one. */
export interface Packer {
  add(delivery: Delivery, attempt: Attempt): void;
  /** What was added since the last time. */
  take(): PackedRecords;
}

export function makePacker(): Packer {
  let values: PackedRecords['values'] = [];
  let bytes = new Uint8Array(FIRST_BYTES);
  let used = 0;
  const put = (part: Uint8Array): number => {
    if (used + part.length > bytes.length) {
      const larger = new Uint8Array(Math.max(bytes.length * 2, used + part.length));
      larger.set(bytes.subarray(0, used));
      bytes = larger;
    }
    bytes.set(part, used);
    used += part.length;
    return part.length;
  };
  return {
    add(delivery, attempt) {
      // In place of each body its length.
      for (const value of deliveryValues(delivery)) values.push(typeof value === 'object' && value !== null ? put(delivery.body) : value);
      for (const value of exchangeValues(delivery, attempt)) values.push(typeof value === 'object' && value !== null ? put(attempt.responseBody) : value);
      for (const value of attemptValues(delivery, attempt)) values.push(value as string | number | null);
    },
    take() {
      const taken = { values, bytes: bytes.slice(0, used) };
      values = [];
      used = 0;
      if (bytes.length > FIRST_BYTES) bytes = new Uint8Array(FIRST_BYTES);
      return taken;
    },
  };
}

/** The rows again, in the order they were packed. */
export function* unpackRecords({ values, bytes }: PackedRecords): Generator<RecordRows> {
  let at = 0;
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length));
  for (let from = 0; from < values.length; from += PER_RECORD) {
    const delivery: SqlValue[] = values.slice(from, from + DELIVERY_VALUES);
    const exchange: SqlValue[] = values.slice(from + DELIVERY_VALUES, from + DELIVERY_VALUES + EXCHANGE_VALUES);
    const attempt: SqlValue[] = values.slice(from + DELIVERY_VALUES + EXCHANGE_VALUES, from + PER_RECORD);
    const body = take(delivery[BODY_AT] as number);
    delivery[BODY_AT] = body.length > PART_BYTES ? body.subarray(0, PART_BYTES) : body;
    exchange[RESPONSE_BODY_AT] = take(exchange[RESPONSE_BODY_AT] as number);
    yield { delivery, exchange, attempt, id: delivery[0] as string, body };
  }
}
