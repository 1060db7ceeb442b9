import type { AttemptOutcome, Direction, Outcome } from '../model/attempt.ts';

/** What came of an attempt, as either store selects it. */
export type OutcomeRow = readonly [
  startedAt: string,
  id: string,
  direction: string,
  vendor: string,
  event: string,
  outcome: string,
  status: number | null,
  errorCode: string | null,
  error: string | null,
  number: number,
  durationMs: number,
];

/** Rows that are read at once. Measured best on one million attempts: more costs memory, less costs time. */
export const OUTCOMES_AT_ONCE = 2000;

export function toOutcome(webhookUuid: string, row: OutcomeRow): AttemptOutcome {
  const [startedAt, , direction, vendor, event, outcome, status, errorCode, error, number, durationMs] = row;
  return {
    webhookUuid,
    startedAt,
    direction: direction as Direction,
    vendor,
    event,
    outcome: outcome as Outcome,
    status,
    errorCode,
    error,
    number,
    durationMs,
  };
}
