import { InvalidArgumentError } from 'commander';
import { readDateRange } from '../../export/date-range.ts';
import { AppError } from '../../model/error.ts';

// Readers of what flags take. Each knows the bounds of its use: what is out of them is refused here, for further in it
// would be a timer that fires at once, or a date that does not exist.

const DAY_MS = 86_400_000;
const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** A timer of Node's holds 2^31 - 1 ms, 24.8 days, and fires at once when told to wait longer. */
const LONGEST_WAIT_MS = 24 * DAY_MS;
/** A hundred years: nothing of a webhook lasts longer. */
const MOST_DAYS = 36_500;
/** Text forms of dates have years of four digits, and some events name a day thirty days later. */
const [EARLIEST_MS, LATEST_MS] = [0, Date.parse('9998-12-31T23:59:59.999Z')];
/** A socket each; more than any system opens for one process without being told to. */
const MOST_CONNECTIONS = 10_000;

/** How long to wait, in milliseconds: above 0, and no longer than a timer can. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('expected a duration such as 500ms, 2s, 5m or 24h');
  if (ms > LONGEST_WAIT_MS) throw new InvalidArgumentError('expected a duration of at most 24d');
  return ms;
}

/** How far a time may be off, in milliseconds; 0 counts too. */
export function tolerance(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('expected a duration such as 30s or 5m, or 0');
  if (ms > MOST_DAYS * DAY_MS) throw new InvalidArgumentError(`expected a duration of at most ${MOST_DAYS}d`);
  return ms;
}

/** `500ms`, `2s`, `5m`, `24h`, `7d`; a bare number is seconds, as curl reads it. Null when it is none of these. */
function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? 's'] as number) : null;
}

/** A point in time: so long ago (`30d`, `2h`), or a day or time. */
export type Moment = { agoMs: number } | { atMs: number };

/**
 * How every flag that takes a time reads it: so long ago, a time of today (`11:07`, of the clock of this machine), or a
 * day (UTC) or a time with its zone. The unit of a duration must be written: `--before 30` would be ambiguous. Null
 * when it is none of these.
 */
function readMoment(text: string): Moment | null {
  const agoMs = /[a-z]$/.test(text) ? parseDuration(text) : null;
  if (agoMs !== null) return { agoMs };
  const atMs = timeOfToday(text) ?? parseInstant(text);
  return atMs === null ? null : { atMs };
}

function timeOfToday(text: string): number | null {
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  return hours === undefined ? null : new Date().setHours(Number(hours), Number(minutes), Number(seconds), 0);
}

/** What a help says of such a flag. */
export const MOMENT_FORMS = '2h (two hours ago), 11:07 (today, local time), 2026-11-01 (UTC), 2026-11-01T09:00:00Z';

/** A point in the past. */
export function moment(text: string): Moment {
  const read = readMoment(text);
  if (read === null)
    throw new InvalidArgumentError(
      'expected an age (30d, 2h), a time today (11:07), a day (2026-11-01) or a time with its zone ' +
        '(2026-11-01T09:00:00Z)',
    );
  if ('agoMs' in read && read.agoMs > Date.now() - EARLIEST_MS)
    throw new InvalidArgumentError('expected a time after 1970');
  return read;
}

export function momentMs(when: Moment, nowMs: number): number {
  return 'atMs' in when ? when.atMs : nowMs - when.agoMs;
}

/** What is so long ago or of today, written as a time with its zone; any other text as it is, for who reads it. */
export function isoText(text: string, nowMs: number): string {
  const read = readMoment(text.trim());
  const isRelative = read !== null && parseInstant(text) === null;
  if (!isRelative) return text;
  const ms = momentMs(read, nowMs);
  return ms >= EARLIEST_MS ? new Date(ms).toISOString() : text;
}

/** A time to use as the present, as milliseconds since 1970. */
export function presentMs(text: string): number {
  const read = readMoment(text);
  if (read === null)
    throw new InvalidArgumentError('expected an ISO time such as 2025-11-27T09:52:31Z, 11:07 (today), or 2h (ago)');
  const ms = momentMs(read, Date.now());
  if (!(ms >= EARLIEST_MS && ms <= LATEST_MS)) throw new InvalidArgumentError('expected a time from 1970 to 9998');
  return ms;
}

/** By the rules of `--from`, which knows that there is no 30 February; null when it is no time. */
function parseInstant(text: string): number | null {
  try {
    return Date.parse(readDateRange(text, undefined).from ?? '');
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** A reader of whole decimal numbers within bounds, both included. */
const wholeNumber =
  (least: number, most: number, expected: string) =>
  (text: string): number => {
    const number = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : NaN;
    if (!(number >= least && number <= most)) throw new InvalidArgumentError(`expected ${expected}`);
    return number;
  };

export const count = wholeNumber(1, 999_999_999, 'a whole number from 1 to 999999999');
export const connectionCount = wholeNumber(1, MOST_CONNECTIONS, `a whole number from 1 to ${MOST_CONNECTIONS}`);
/** So many attempts, none too. */
export const attemptCount = wholeNumber(0, 999, 'a whole number from 0 to 999');
/** How long a certificate is valid, or how soon it ends. */
export const dayCount = wholeNumber(1, MOST_DAYS, `a number of days from 1 to ${MOST_DAYS}`);
/** The port of an endpoint. */
export const port = wholeNumber(1, 65_535, 'a port from 1 to 65535');
/** A port to listen on; 0 takes any free one. */
export const listenPort = wholeNumber(0, 65_535, 'a port from 0 to 65535');
export const keyBits = wholeNumber(100, 99_999, 'a size in bits such as 2048');
export const statusCode = wholeNumber(200, 599, 'a status from 200 to 599');

/** Statuses, comma-separated. */
export function statusCodes(text: string): number[] {
  try {
    return text.split(',').map((part) => statusCode(part.trim()));
  } catch {
    throw new InvalidArgumentError('expected statuses from 200 to 599, such as 500,500,200');
  }
}
