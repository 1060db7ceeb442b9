import type { Certainty } from '../../model/fact.ts';

/** What the tag behind a fact means. */
export const CERTAINTIES = [
  ['doc', "the vendor's own documentation says it"],
  ['pub', "seen in the vendor's public code or later documentation"],
  ['inf', 'inferred; can be overridden with --set'],
  ['us', "documented nowhere: hookproof's choice"],
  ['user', 'a vendor file of your own says it'],
] as const satisfies readonly (readonly [Certainty, string])[];
