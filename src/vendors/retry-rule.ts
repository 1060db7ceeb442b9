import type { Attempt } from '../model/attempt.ts';
import type { RetryCondition, RetryLadder } from '../model/vendor.ts';

/** What a vendor makes of an attempt that was not delivered. */
export type RetryDecision = 'retry' | 'drop';

/** More attempts than that are no ladder. */
const MAX_ATTEMPTS = 10_000;

/** 1m, 5m, 30m, 2h, 12h: played where a vendor tells no steps. */
export const ASSUMED_DELAYS_MS = [60_000, 300_000, 1_800_000, 7_200_000, 43_200_000] as const;

/** The waits before the second, third … attempt of this event, in milliseconds. */
export function delaysOf({ delaysMs, delaysByEvent = {} }: RetryLadder, event?: string): readonly number[] {
  const own = event !== undefined && Object.hasOwn(delaysByEvent, event) ? delaysByEvent[event] : undefined;
  const steps = (own ?? delaysMs).value;
  if (!('everyMs' in steps)) return steps;
  const count = Math.min(MAX_ATTEMPTS, Math.max(0, Math.floor(steps.forMs / steps.everyMs)));
  return Array.from({ length: count }, () => steps.everyMs);
}

/** Whether the vendor comes back after this answer, or throws the event away for good. */
export function decideRetry(
  { neverOn, onlyOn, stopHeader }: RetryLadder,
  answer: Pick<Attempt, 'outcome' | 'status' | 'responseHeaders'>,
): RetryDecision {
  if (stopHeader !== undefined && hasHeader(answer.responseHeaders, stopHeader.value)) return 'drop';
  if (neverOn?.value.some((one) => meets(one, answer))) return 'drop';
  return onlyOn === undefined || onlyOn.value.some((one) => meets(one, answer)) ? 'retry' : 'drop';
}

/** Which attempt failed, and when. */
export interface FailedAttempt {
  /** 1 for the first. */
  number: number;
  /** Milliseconds since the first, at the vendor. */
  sinceFirstMs: number;
}

/**
 * How long the vendor waits before the attempt after a failed one, of the waits that `delaysOf` lists; null where none
 * comes. The last one is cut to end when its patience does.
 */
export function waitAfter(
  delays: readonly number[],
  { deactivatesAfterMs }: RetryLadder,
  { number, sinceFirstMs }: FailedAttempt,
): number | null {
  const delayMs = delays[number - 1];
  const patienceMs = (deactivatesAfterMs?.value ?? Number.POSITIVE_INFINITY) - sinceFirstMs;
  return delayMs === undefined || patienceMs <= 0 ? null : Math.min(delayMs, patienceMs);
}

/**
 * What a vendor does after an attempt: it waits and comes again, or that was the last one. `deactivated`: it would now
 * switch the whole webhook off. `dropped`: after such an answer it throws the event away for good.
 */
export type NextStep = { waitMs: number } | { ended: 'delivered' | 'exhausted' | 'deactivated' | 'dropped' };

/** The step after an attempt of this event. */
export function stepAfter(
  ladder: RetryLadder,
  attempt: Pick<Attempt, 'outcome' | 'status' | 'responseHeaders'>,
  { event, ...failed }: FailedAttempt & { event?: string | undefined },
): NextStep {
  if (attempt.outcome === 'delivered') return { ended: 'delivered' };
  if (decideRetry(ladder, attempt) === 'drop') return { ended: 'dropped' };
  const waitMs = waitAfter(delaysOf(ladder, event), ladder, failed);
  if (waitMs !== null) return { waitMs };
  return { ended: ladder.deactivatesAfterMs === undefined ? 'exhausted' : 'deactivated' };
}

/** The refusals that receivers make most, the usual ones first. */
const REFUSALS = [400, 404, 422, 403, 401, 406, 410, 500];

/** A refusal after which the vendor throws the event away; null where it comes again after each of them. */
export function finalStatus(retries: RetryLadder): number | null {
  const isFinal = (status: number): boolean =>
    decideRetry(retries, { outcome: 'refused', status, responseHeaders: [] }) === 'drop';
  return REFUSALS.find(isFinal) ?? null;
}

function meets(condition: RetryCondition, { outcome, status }: Pick<Attempt, 'outcome' | 'status'>): boolean {
  if (condition === 'no-answer') return outcome === 'unreachable';
  if (outcome === 'unreachable' || status === null) return false;
  return typeof condition === 'number' ? status === condition : Math.floor(status / 100) === Number(condition[0]);
}

function hasHeader(headers: Attempt['responseHeaders'], wanted: { name: string; value: string }): boolean {
  const name = wanted.name.toLowerCase();
  return headers.some(([other, value]) => other.toLowerCase() === name && value.trim() === wanted.value);
}
