import type { LoadCounts, LoadReport, SlowShares } from '../model/load-report.ts';
import type { LatencyHistogram } from './latency.ts';

/** Attempts that had an answer. */
export const answersOf = ({ statuses }: Pick<LoadReport, 'statuses'>): number => sumOf(statuses);

/** Attempts that had none. */
export const unansweredOf = ({ errorCodes }: Pick<LoadReport, 'errorCodes'>): number => sumOf(errorCodes);

/** What this machine could not do: the endpoint has no part in it. */
const OWN_FAILURES = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Attempts that failed here, by error code. */
export function ownFailuresOf({ errorCodes }: Pick<LoadReport, 'errorCodes'>): [code: string, count: number][] {
  return Object.entries(errorCodes).filter(([code]) => OWN_FAILURES.has(code));
}

export const attemptsOf = (report: Pick<LoadReport, 'statuses' | 'errorCodes'>): number =>
  answersOf(report) + unansweredOf(report);

/** Events that were to be sent. */
export const plannedOf = ({ started, dropped }: LoadCounts): number => started + dropped;

/** Attempts that began. */
export const startsOf = ({ started, retries }: LoadCounts): number => started + retries;

/** The error code of an attempt that was given up after its time. */
const TIMEOUT = 'TIMEOUT';

export const timedOutOf = ({ errorCodes }: Pick<LoadReport, 'errorCodes'>): number => errorCodes[TIMEOUT] ?? 0;

/** The limits of a run in time: the vendor's, and its own. */
export type Waits = Pick<SlowShares, 'timeoutMs' | 'waitedMs'>;

/** @param service times of the answers */
export function slowShares(
  service: LatencyHistogram,
  attempts: Pick<LoadReport, 'statuses' | 'errorCodes'>,
  { timeoutMs, waitedMs }: Waits,
): SlowShares {
  const [timedOut, all] = [timedOutOf(attempts), attemptsOf(attempts)];
  const above = (ms: number): number => shareOf(service.countAbove(ms) + (waitedMs >= ms ? timedOut : 0), all);
  return { timeoutMs, waitedMs, aboveTimeoutShare: above(timeoutMs), above2sShare: above(2000) };
}

/** 0 to 1; 0 of nothing is 0. */
export const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export function answersPerSecond(report: Pick<LoadReport, 'statuses' | 'durationMs'>): number {
  return report.durationMs <= 0 ? 0 : (answersOf(report) / report.durationMs) * 1000;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
