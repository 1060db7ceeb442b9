import type { Database } from './database.ts';

/**
 * A body is kept in parts of this size, the first of them with its delivery: binding a blob copies it three times
 * on its way into the file, which a mail of 25 MiB should not cost in memory.
 */
export const PART_BYTES = 1024 * 1024;

/** Keeps what goes beyond the first part of a body. */
export function insertRest(database: Database, deliveryId: string, rest: Uint8Array): void {
  for (let part = 0; part * PART_BYTES < rest.length; part++) {
    database
      .prepare('insert into body_rest (delivery_id, part, bytes) values (?, ?, ?)')
      .run(deliveryId, part + 1, rest.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
  }
}

/** The whole body of a delivery; null when there is no such delivery. */
export function readRequestBody(database: Database, deliveryId: string): Uint8Array | null {
  const first = database.prepare<[Uint8Array]>('select body from delivery where id = ?').first(deliveryId);
  if (first === undefined) return null;
  if (first[0].length < PART_BYTES) return new Uint8Array(first[0]);
  const rest = database
    .prepare<[Uint8Array]>('select bytes from body_rest where delivery_id = ? order by part')
    .all(deliveryId);
  return new Uint8Array(Buffer.concat([first, ...rest].map(([bytes]) => bytes)));
}
