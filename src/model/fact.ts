/**
 * How certain a fact is: `doc` the vendor's own documentation says it, `pub` seen in its public code
 * or later documentation, `inf` inferred (overridable), `us` documented nowhere: our choice,
 * `user` from the user's own file.
 */
export type Certainty = 'doc' | 'pub' | 'inf' | 'us' | 'user';

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
