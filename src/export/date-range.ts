import { AppError } from '../model/error.ts';

export interface DateRange {
  /** ISO-8601 UTC with milliseconds, both included; null is open. */
  from: string | null;
  to: string | null;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const FORMS =
  'write a day as 2026-11-30 (UTC, the whole day), a time with its zone as 2026-11-30T12:00:00Z, or an age such as 24h';

/**
 * Reads `--from` and `--to`. A day alone is the whole day in UTC, both days included; a time is exact.
 * Impossible days, times without a zone and `from` after `to`: AppError `usage`.
 */
export function readDateRange(from: string | undefined, to: string | undefined): DateRange {
  const range = {
    from: from === undefined ? null : readInstant('--from', from, 'T00:00:00.000Z'),
    to: to === undefined ? null : readInstant('--to', to, 'T23:59:59.999Z'),
  };
  if (range.from !== null && range.to !== null && range.from > range.to) {
    throw new AppError('usage', `--from ${from} is after --to ${to}`, { hint: 'swap the two, or drop one' });
  }
  return range;
}

function readInstant(flag: string, given: string, timeOfDay: string): string {
  const text = given.trim().toUpperCase();
  const day = TIME.exec(text)?.[1] ?? text;
  if (!DATE.test(day)) {
    const zoneless = /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text);
    throw new AppError('usage', `${flag} ${given} ${zoneless ? 'has no zone' : 'is not a date or time'}`, {
      hint: FORMS,
    });
  }
  if (!isRealDay(day)) throw new AppError('usage', `${flag} ${given}: no such day exists`, { hint: FORMS });
  return new Date(day === text ? `${day}${timeOfDay}` : text).toISOString();
}

/** JavaScript takes 30 February for 2 March. */
function isRealDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
