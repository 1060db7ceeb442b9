import type { JudgedCase, SuiteEvidence } from './judged-case.ts';

/** What a run looks like that has this one fault. */
export interface CausePattern {
  id: string;
  /** The pattern is there, and nothing else could be behind it. */
  holds: (evidence: SuiteEvidence) => boolean;
  /** What is wrong, in one line. */
  title: (evidence: SuiteEvidence) => string;
  /** What was seen. */
  detail: (evidence: SuiteEvidence) => string;
  /** What to do next. */
  fix: (evidence: SuiteEvidence) => string;
  /** A failure, a warning or a skip comes from it; of those alone it is asked. */
  explains: (judged: JudgedCase, evidence: SuiteEvidence) => boolean;
  /** A pass proves nothing because of it; of passes alone it is asked. */
  voids?: (judged: JudgedCase, evidence: SuiteEvidence) => boolean;
}
