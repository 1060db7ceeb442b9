import { distance } from 'fastest-levenshtein';

/** The names at most two fifths of their length away (two swapped letters count as two) from what was typed, nearest first, two at most. */
export function nearestNames(given: string, among: readonly string[]): string[] {
  const typed = given.toLowerCase();
  return [...new Set(among)]
    .map((name) => ({ name, away: distance(typed, name.toLowerCase()) }))
    .filter(({ name, away }) => away <= Math.max(1, Math.floor(Math.max(name.length, typed.length) * 0.4)))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 2)
    .map(({ name }) => name);
}
