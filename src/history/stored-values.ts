import { AppError } from '../model/error.ts';
import type { Attempt } from '../model/attempt.ts';
import { hideQuerySecrets } from '../model/http-url.ts';
import type { Database } from './database.ts';

/** Microseconds: more digits are noise, and would be written differently by SQLite and JavaScript. */
export function durationUs({ timings }: Attempt): number {
  return Math.round(timings.totalMs * 1000);
}

let lastTime: { ms: number; text: string } = { ms: 0, text: new Date(0).toISOString() };

/** ISO-8601 UTC with milliseconds. A record asks for one moment three times, and a batch holds many of one moment. */
export function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: timeText(ms) };
  return lastTime.text;
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Others have a sign before the year, which SQLite would sort as text and PostgreSQL does not read. */
function timeText(ms: number): string {
  if (ms >= FIRST_MS && ms <= LAST_MS) return new Date(ms).toISOString();
  throw new AppError('history', `cannot record a time of ${ms} ms: its year is to be from 1 to 9999`, {
    hint: 'check the clock of this machine',
  });
}

/** Removes `user:password@`, and puts `***` for the secrets in the query. */
export function withoutUrlCredentials(url: string): string {
  const bare = !url.includes('@')
    ? storableText(url)
    : storableText(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  return hideQuerySecrets(bare);
}

const NOT_STORED = /[\0\p{Surrogate}]/u;

/** SQLite's text functions stop at a NUL, and half a surrogate pair is no UTF-8. */
export function storableText(value: string): string;
export function storableText(value: string | null): string | null;
export function storableText(value: string | null): string | null {
  return value === null || !NOT_STORED.test(value) ? value : value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/**
 * A body is kept in parts of this size, the first of them with its delivery: binding a blob copies it three times
 * on its way into the file, which a mail of 25 MiB should not cost in memory.
 */
export const PART_BYTES = 1024 * 1024;

/** Keeps what goes beyond the first part of a body; of a delivery that is known it is there. */
export function insertRest(database: Database, deliveryId: string, rest: Uint8Array): void {
  for (let part = 0; part * PART_BYTES < rest.length; part++) {
    database
      .prepare('insert into body_rest (delivery_id, part, bytes) values (?, ?, ?) on conflict do nothing')
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
