import type { JudgedCase, SuiteEvidence } from './judged-case.ts';

/** One fault, and what comes of it. */
export interface Diagnosis {
  /** What is wrong, in one line. */
  title: string;
  /** What was seen. */
  detail: string;
  /** What to do next. */
  fix: string;
  /** A failure, a warning or a skip comes from it; of those alone it is asked. */
  explains: (judged: JudgedCase) => boolean;
  /** A pass proves nothing because of it; of passes alone it is asked. */
  voids?: (judged: JudgedCase) => boolean;
  /** Even one case does not say it for itself. */
  isOfOne?: boolean;
}

/** What a run looks like that has this one fault. */
export interface CausePattern {
  id: string;
  /** Null: the pattern is not there, or something else could be behind it. */
  find: (evidence: SuiteEvidence) => Diagnosis | null;
}
