/** `2 intermediates`, `1 day` */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const MAX_LISTED = 5;

/** The first few of what may be a thousand. */
export function listSome(texts: readonly string[]): string {
  const more = texts.length > MAX_LISTED ? [`and ${texts.length - MAX_LISTED} more`] : [];
  return [...texts.slice(0, MAX_LISTED), ...more].join('; ');
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

/** `99.95%` of a share, of which 1 is all: never 100% where something is missing, nor 0% where something is there. */
export function percentText(share: number): string {
  const percent = share * 100;
  const shown = Number(percent.toFixed(percent < 1 || (percent > 99 && percent < 100) ? 3 : 1));
  if (shown === 0 && share > 0) return 'under 0.001%';
  return shown === 100 && share < 1 ? 'over 99.999%' : `${shown}%`;
}

/** As many digits of a uuid as a person compares. */
const LEAST_DIGITS = 8;

/** The shortest beginning of `uuid`, of eight digits at least, that no other of `known` has. */
export function shortestBeginning(uuid: string, known: readonly string[]): string {
  for (let length = LEAST_DIGITS; length < uuid.length; length++) {
    const beginning = uuid.slice(0, length);
    if (!known.some((other) => other !== uuid && other.startsWith(beginning))) return beginning;
  }
  return uuid;
}

/** Finds the name that was probably meant; null when none is near. */
export type FindNearMiss = (given: string, among: readonly string[]) => string | null;
