import { distance } from 'fastest-levenshtein';

/** The names at most a third of their length away from what was typed, nearest first, two at most. */
export function nearestNames(given: string, among: readonly string[]): string[] {
  const typed = given.toLowerCase();
  return [...new Set(among)]
    .map((name) => ({ name, away: distance(typed, name.toLowerCase()) }))
    .filter(({ name, away }) => away <= Math.max(1, Math.floor(Math.max(name.length, typed.length) / 3)))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 2)
    .map(({ name }) => name);
}
