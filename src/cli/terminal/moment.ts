import { InvalidArgumentError } from 'commander';
import { readDateRange } from '../../export/date-range.ts';
import { AppError } from '../../model/error.ts';
import { parseDuration } from './duration.ts';

/** A point in the past: so long ago (`30d`, `2h`), or a day or time (`2026-11-01`, `2026-11-01T09:00:00Z`). */
export type Moment = { agoMs: number } | { atMs: number };

/** Reads a flag's value. The unit of a duration must be written: `--before 30` would be ambiguous. */
export function moment(text: string): Moment {
  const agoMs = /[a-z]$/.test(text) ? parseDuration(text) : null;
  if (agoMs !== null) return { agoMs };
  try {
    return { atMs: Date.parse(readDateRange(text, undefined).from ?? '') };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new InvalidArgumentError(
      'expected so long ago (30d, 2h), a day (2026-11-01) or a time with its zone (2026-11-01T09:00:00Z)',
    );
  }
}

export function momentMs(when: Moment, nowMs: number): number {
  return 'atMs' in when ? when.atMs : nowMs - when.agoMs;
}
