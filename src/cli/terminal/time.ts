import { InvalidArgumentError } from 'commander';
import { readDateRange } from '../../export/date-range.ts';
import { AppError } from '../../model/error.ts';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `2s`, `5m`, `24h`, `7d`; a bare number is seconds, as curl reads it. Null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? 's'] as number) : null;
}

/** Short and readable: `12 ms`, `2.5 s`, `3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const) {
    if (ms >= size) return `${Number((ms / size).toFixed(1))} ${unit}`;
  }
  return `${Number((ms / 1000).toFixed(1))} s`;
}

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

/** Milliseconds as a document prints them: two digits after the point. */
export const roundMs = (ms: number): number => Math.round(ms * 100) / 100;
