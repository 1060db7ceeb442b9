const UNITS = [
  ['years', 31_557_600_000],
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A length of time in one or two words, whatever its sign: `12 min`, `3.5 h`, `55 years`. */
export function describeSpan(ms: number): string {
  const length = Math.abs(ms);
  const [unit, size] = UNITS.find(([, one]) => length >= one * (one > 60_000 ? 2 : 1)) ?? ['ms', 1];
  const count = length / size;
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${unit}`;
}
