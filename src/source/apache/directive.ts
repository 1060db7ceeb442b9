import type { Doubt, Place } from '../rules/server-rules.ts';

/** A line or section that takes part: variables replaced, conditions decided, included files in their place. */
export interface Directive {
  /** Lower case. */
  name: string;
  words: readonly string[];
  /** What follows the name, as it stands. */
  args: string;
  place: Place;
  children: readonly Directive[] | null;
}

export interface Expanded {
  directives: Directive[];
  /** What a part of a configuration lacks; null: it is a whole one. */
  part: Doubt | null;
  /** What was taken for granted on the way. */
  notes: Doubt[];
}
