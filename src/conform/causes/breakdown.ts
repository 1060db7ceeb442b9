import type { CausePattern } from './cause-pattern.ts';
import { answerOf, isGood, isTaken, type SuiteEvidence } from './judged-case.ts';

/** Fewer in a row could be a coincidence. */
const IN_A_ROW = 5;
const LAST_NAMED = 3;

interface Breakdown {
  status: number;
  /** When the first of them began, in milliseconds since the epoch. */
  at: number;
  count: number;
  /** The cases of the last that were answered otherwise: one of them may have done it. */
  before: readonly string[];
}

/** The moment from which on all good requests are answered with one 5xx; null where there is none. */
function findBreakdown({ cases }: SuiteEvidence): Breakdown | null {
  const inOrder = cases
    .flatMap(({ one, exchanges }) => exchanges.map((exchange) => ({ id: one.id, exchange })))
    .toSorted((one, other) => one.exchange.attempt.startedAt - other.exchange.attempt.startedAt);
  const good = inOrder.filter(({ exchange }) => isGood(exchange));
  const status = good.map(({ exchange }) => answerOf(exchange)).at(-1) ?? null;
  if (status === null || status < 500) return null;
  const lastSound = good.findLast(({ exchange }) => answerOf(exchange) !== status);
  const count = lastSound === undefined ? 0 : good.length - good.lastIndexOf(lastSound) - 1;
  const first = inOrder
    .slice(inOrder.findLastIndex((one) => one === lastSound) + 1)
    .find(({ exchange }) => answerOf(exchange) === status);
  const isSound = good.some(({ exchange }) => isTaken(exchange));
  if (first === undefined || count < IN_A_ROW || !isSound) return null;
  const earlier = inOrder.slice(0, inOrder.indexOf(first)).map(({ id }) => id);
  return { status, at: first.exchange.attempt.startedAt, count, before: [...new Set(earlier.slice(-LAST_NAMED))] };
}

/** What comes later says nothing of itself. */
export const BROKEN: CausePattern = {
  id: 'broken-in-between',
  find(evidence) {
    const found = findBreakdown(evidence);
    if (found === null) return null;
    const { status, at, count, before } = found;
    return {
      title: `from some point on, every good event is answered ${status}`,
      detail: `${count} good requests in a row; the requests just before them were those of ${before.join(', ')}`,
      fix: 'an earlier request may have broken the endpoint: its log from that moment shows why',
      explains: ({ decisive }) =>
        decisive !== null && answerOf(decisive) === status && decisive.attempt.startedAt >= at,
    };
  },
};
