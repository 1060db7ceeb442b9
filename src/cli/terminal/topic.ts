import type { Term } from './help-layout.ts';

/** A part of a topic: a paragraph, terms with what they mean, or lines that stand as they are. */
export type TopicPart = string | { title?: string; terms: readonly Term[] };

/** `webhook help NAME` */
export interface TopicEntry {
  name: string;
  /** What it tells, as its title and in the list of all. */
  summary: string;
  /** Loads its text, and with it the lists of what it tells of. */
  load: () => Promise<readonly TopicPart[]>;
}
