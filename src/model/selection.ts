import type { Direction } from './attempt.ts';

/** Which attempts an export holds, and in which order. Pages are counted from the newest attempt. */
export interface Selection {
  /** Null is every webhook. */
  webhookUuid: string | null;
  /** Earliest and latest start of an attempt, both included: ISO-8601 UTC with milliseconds; null is open. */
  from: string | null;
  to: string | null;
  /**
   * Only attempts that had been recorded by this point of the history (`latestSequence`); null is all. An attempt is
   * recorded when it ends and placed where it began, so without this an older page could still grow.
   */
  asOf: number | null;
  event: string | null;
  /** Absent: received and sent. */
  direction?: Direction;
  /** Only attempts that were not `delivered`. */
  failedOnly: boolean;
  /** Also attempts whose purpose is `test`. */
  includeTests: boolean;
  /** Of the rows inside the page: which rows a page holds does not depend on it. */
  order: 'desc' | 'asc';
  /** Rows of a page; null is all of them. */
  limit: number | null;
  /** 1 is the page with the newest attempts. */
  page: number;
}
