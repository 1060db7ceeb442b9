/** How certain a fact is: the tag behind it, and what that means. */
export const CERTAINTIES = [
  ['doc', "the vendor's own documentation says it"],
  ['pub', "seen in the vendor's public code or later documentation"],
  ['inf', 'inferred; can be overridden with --set'],
  ['us', "not documented: hookproof's choice"],
  ['user', 'your own vendor file says it'],
] as const;

export type Certainty = (typeof CERTAINTIES)[number][0];

/** What a statement rests on. `evidenceOf` in `vendors/evidence.ts` fills in what is left out. */
export interface Evidence {
  certainty: Certainty;
  /**
   * Where it was read. Left out: what is `doc` in the vendor's `documentation`, what is `pub` in its `publicSource`.
   */
  source?: string;
  /** When it was looked up, as `YYYY-MM-DD`. Left out: at the vendor's `asOf`. */
  asOf?: string;
  /** What it means, its unit, or how it is known. */
  note?: string;
}

/** One value and what it rests on. */
export interface Fact<T> extends Evidence {
  value: T;
}
