import { distance } from 'fastest-levenshtein';

/**
 * The names at most two fifths of their length away (two swapped neighbours count as one) from what was typed, nearest
 * first, two at most.
 */
export function nearestNames(given: string, among: readonly string[]): string[] {
  const typed = given.toLowerCase();
  return [...new Set(among)]
    .map((name) => ({ name, away: lettersBetween(typed, name.toLowerCase()) }))
    .filter(({ name, away }) => away <= Math.max(1, Math.floor(Math.max(name.length, typed.length) * 0.4)))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 2)
    .map(({ name }) => name);
}

/** Names so short have too many neighbours. */
const SHORT = 5;

/**
 * The name that was typed wrong: at most two letters away, one where either is of five letters or fewer, and two
 * swapped neighbours count as one. Null when there is none. Without regard to case.
 */
export function findNearMiss(given: string, among: readonly string[]): string | null {
  const typed = given.toLowerCase();
  let best: { name: string; away: number } | null = null;
  for (const name of among) {
    if (Math.abs(name.length - typed.length) > 2) continue;
    const away = lettersBetween(typed, name.toLowerCase());
    if (away <= (Math.min(name.length, typed.length) <= SHORT ? 1 : 2) && (best === null || away < best.away))
      best = { name, away };
  }
  return best?.name ?? null;
}

const lettersBetween = (one: string, other: string): number => (isSwapped(one, other) ? 1 : distance(one, other));

function isSwapped(one: string, other: string): boolean {
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  return (
    at !== -1 &&
    one.length === other.length &&
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2)
  );
}
