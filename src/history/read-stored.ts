import type { Timings, TlsFacts } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { Header } from '../model/plan.ts';
import type { Reach } from '../model/queued-delivery.ts';

// A damaged file may open, and hold texts that are none of ours: whoever reads one says so.
// All throw AppError `history`.

/** @param of which row: `attempt 0199…` */
export const readHeaders = (text: string, of: string): Header[] => read(text, isHeaders, `the headers of ${of}`);

export const readTimings = (text: string, of: string): Timings => read(text, isTimings, `the times of ${of}`);

export const readTls = (text: string, of: string): TlsFacts => read(text, isTls, `the TLS facts of ${of}`);

export const readControl = (text: string, of: string): string[] => read(text, isTexts, `the control of ${of}`);

export const readReach = (text: string, of: string): Reach => read(text, isReach, `the endpoint of ${of}`);

/** Milliseconds since the epoch. */
export function readTime(text: string, of: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw damaged(`the time of ${of}`);
  return ms;
}

function read<Value>(text: string, isValue: (value: unknown) => value is Value, what: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(what);
  }
  if (!isValue(value)) throw damaged(what);
  return value;
}

const damaged = (what: string): AppError =>
  new AppError('history', `the history is damaged: ${what} cannot be read`, {
    hint: 'restore it from a backup, or recover what is readable with: sqlite3 FILE .recover',
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isHeaders = (value: unknown): value is Header[] =>
  Array.isArray(value) && value.every((one) => isTexts(one) && one.length === 2);

const isTimings = (value: unknown): value is Timings =>
  isObject(value) && Object.values(value).every((ms) => ms === null || typeof ms === 'number');

const isTls = (value: unknown): value is TlsFacts =>
  isObject(value) &&
  typeof value.protocol === 'string' &&
  (value.peerFingerprint === null || typeof value.peerFingerprint === 'string');

/** The rest is checked where it is used, as if a user had given it. */
const isReach = (value: unknown): value is Reach =>
  isObject(value) &&
  typeof value.vendor === 'string' &&
  typeof value.timeoutMs === 'number' &&
  isTexts(value.resolve) &&
  isTexts(value.connectTo);
