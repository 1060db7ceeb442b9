import type { Attempt } from '../model/attempt.ts';

export interface CaseVerdict {
  status: 'pass' | 'fail' | 'warn' | 'skip';
  detail: string;
  expected: string | null;
  observed: string | null;
  /** Worse than the severity of its case: the endpoint did not recover. */
  isGrave: boolean;
  /** The request it rests on. */
  index: number;
}

/** How often each event was processed, by its key; null when nobody reports it. */
export type Effects = ReadonlyMap<string, number> | null;

const NOTHING_COMPARED = { expected: null, observed: null };

/** A verdict on one request. */
export function verdict(
  status: CaseVerdict['status'],
  detail: string,
  compared: Pick<CaseVerdict, 'expected' | 'observed'> = NOTHING_COMPARED,
): CaseVerdict {
  return { status, detail, ...compared, isGrave: false, index: 0 };
}

/** The status that the endpoint answered with; null without a whole answer. */
export const statusOf = ({ outcome, status }: Attempt): number | null => (outcome === 'unreachable' ? null : status);

export const isSuccess = ({ outcome }: Attempt): boolean => outcome === 'delivered';

/** Turned away for the number of requests: what this one was is not looked at. */
export const isRateLimited = (attempt: Attempt): boolean => statusOf(attempt) === 429;

/** `answered 401` */
export function answered(attempt: Attempt): string {
  const status = statusOf(attempt);
  return status === null ? 'no answer' : `answered ${status}`;
}

/** `401, not processed`; of the status alone where the count of effects is null. */
export function observe(attempt: Attempt, count: number | null): string {
  const processed =
    count === null ? '' : count === 0 ? ', not processed' : count === 1 ? ', processed' : `, processed ${count} times`;
  return `${statusOf(attempt) ?? 'no answer'}${processed}`;
}
