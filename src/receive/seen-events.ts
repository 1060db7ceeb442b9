import { createHash } from 'node:crypto';

/** Which events were accepted before: what a receiver must not process twice. */
export interface SeenEvents {
  has(key: string): boolean;
  add(key: string): void;
}

/** An id takes some hundred bytes: ten megabytes at most. */
const REMEMBERS_AT_MOST = 100_000;

const LONGEST = 256;

/** A sender may write an id of megabytes. */
const shorten = (key: string): string =>
  key.length <= LONGEST ? key : createHash('sha256').update(key, 'utf16le').digest('base64');

/** Remembers the newest keys alone, however many come. A key that comes again is new again. */
export function makeSeenEvents(remembersAtMost = REMEMBERS_AT_MOST): SeenEvents {
  const seen = new Set<string>();
  // Goes on for ever, always at the oldest key: a new one would have to step over all that were deleted.
  const oldest = seen.values();
  return {
    has: (key) => seen.has(shorten(key)),
    add(long) {
      const key = shorten(long);
      const before = seen.size;
      seen.add(key);
      if (seen.size === before) {
        seen.delete(key);
        seen.add(key);
      } else if (before === remembersAtMost) seen.delete(oldest.next().value as string);
    },
  };
}
