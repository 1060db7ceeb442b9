import type { LoadSecond } from './load-report.ts';

/** A part of a run in which nothing ended. */
export function emptySecond(atMs: number, widthMs: number): LoadSecond {
  const none = { delivered: 0, refused: 0, unreachable: 0, dropped: 0, p50Ms: null, p99Ms: null, maxMs: null };
  return { atMs, widthMs, ...none };
}

/** Both in the place and width of the first: counts add, of percentiles the larger stays. */
export function joinSeconds(one: LoadSecond, other: LoadSecond): LoadSecond {
  return {
    ...one,
    delivered: one.delivered + other.delivered,
    refused: one.refused + other.refused,
    unreachable: one.unreachable + other.unreachable,
    dropped: one.dropped + other.dropped,
    p50Ms: larger(one.p50Ms, other.p50Ms),
    p99Ms: larger(one.p99Ms, other.p99Ms),
    maxMs: larger(one.maxMs, other.maxMs),
  };
}

const larger = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.max(one, other);

/** Neighbours joined until at most `most` are left. */
export function coarsenSeries(series: readonly LoadSecond[], most: number): LoadSecond[] {
  const size = Math.ceil(series.length / most);
  if (size <= 1) return [...series];
  return Array.from({ length: Math.ceil(series.length / size) }, (_, group) => {
    const parts = series.slice(group * size, (group + 1) * size);
    const [first, last] = [parts[0] as LoadSecond, parts.at(-1) as LoadSecond];
    const widthMs = last.atMs + last.widthMs - first.atMs;
    return parts.reduce(joinSeconds, emptySecond(first.atMs, widthMs));
  });
}
