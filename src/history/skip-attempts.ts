import type { Selection } from '../model/selection.ts';
import type { Database } from './database.ts';
import { whereOf } from './select-attempts.ts';
import type { Stretch } from './spans.ts';

/** Finds out what the newest of the stretches holds, or cuts it into some where that is known; false ends the walk. */
export type Resolve = (stretches: Stretch[], most: number) => boolean;

/**
 * Walks over the newest `offset` attempts, a stretch at a time, as long as whole stretches are among them: takes those
 * off each webhook's stretches (the oldest come first) and returns how many attempts are still to pass. Of several
 * webhooks the stretch that begins last goes first, and only if all that may be newer than its oldest attempt goes too.
 */
export function skipAttempts(left: readonly Stretch[][], offset: number, resolve: Resolve): number {
  for (let rest = offset; ;) {
    let within = 0;
    let next: { stretches: Stretch[]; head: Stretch } | undefined;
    for (const stretches of left) {
      if (!settleNewest(stretches, rest + 1, resolve)) return rest;
      const head = stretches.at(-1);
      if (head === undefined) continue;
      within += head.matches ?? 0;
      if (within > rest) return rest;
      if (next === undefined || head.begins > next.head.begins) next = { stretches, head };
    }
    if (next === undefined) return rest;
    rest -= next.head.matches ?? 0;
    next.stretches.pop();
  }
}

/** Takes off what holds nothing, until the newest stretch is known to hold something. */
function settleNewest(stretches: Stretch[], most: number, resolve: Resolve): boolean {
  for (let head = stretches.at(-1); head !== undefined; head = stretches.at(-1)) {
    if (head.matches === null) {
      if (!resolve(stretches, most)) return false;
    } else if (head.matches > 0) return true;
    else stretches.pop();
  }
  return true;
}

/** Counts what the selection has within the newest stretch, at most `most`. */
export const countingIn =
  (database: Database, selection: Selection): Resolve =>
  (stretches, most) => {
    const stretch = stretches.at(-1);
    if (stretch !== undefined) stretch.matches = countMatches(database, selection, stretch, most);
    return true;
  };

function countMatches(database: Database, selection: Selection, stretch: Stretch, most: number): number {
  const { sql, values } = whereOf({ ...selection, webhookUuid: stretch.webhookUuid }, { withRange: false });
  return (
    database
      .prepare<[number]>(
        `select count(*) from (select 1 from attempt where ${sql} and timestamp >= ? and timestamp < ? limit ?)`,
      )
      .first(...values, stretch.begins, stretch.ends, most)?.[0] ?? 0
  );
}
