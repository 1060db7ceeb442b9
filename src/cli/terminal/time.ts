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

/** Milliseconds as a document prints them: two digits after the point. */
export const roundMs = (ms: number): number => Math.round(ms * 100) / 100;
