import type { Direction, Outcome } from './attempt.ts';

/** What came of one attempt: enough to count it. */
export interface AttemptOutcome {
  webhookUuid: string;
  /** When it began: ISO-8601 UTC with milliseconds. */
  startedAt: string;
  direction: Direction;
  vendor: string;
  event: string;
  outcome: Outcome;
  /** Null: no answer. */
  status: number | null;
  errorCode: string | null;
  error: string | null;
  /** 1 for the first try of its delivery. */
  number: number;
  durationMs: number;
}
