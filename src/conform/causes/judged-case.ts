import type { Attempt } from '../../model/attempt.ts';
import type { Finding } from '../../model/finding.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isSuccess, statusOf } from '../case-verdict.ts';
import type { ConformanceCase, WireRequest } from '../conformance-case.ts';

/** One request of a case, and what came of it. */
export interface Exchange {
  request: WireRequest;
  attempt: Attempt;
  /** More often than the accepted requests of its case account for; null: not known. */
  isProcessed: boolean | null;
}

/** A case with its verdict, tried or not. */
export interface JudgedCase {
  one: ConformanceCase;
  status: Finding['status'];
  /** Empty: it was not tried. */
  exchanges: readonly Exchange[];
  /** The exchange that its verdict rests on. */
  decisive: Exchange | null;
}

/** Everything that a cause may be concluded from. */
export interface SuiteEvidence {
  vendor: Vendor;
  cases: readonly JudgedCase[];
  /** Why not everything was tried; null when it was. */
  stopped: string | null;
  /** What to look at next where the endpoint gave no answer any more. */
  stoppedHint: string | null;
}

const GOOD: ReadonlySet<WireRequest['expect']> = new Set(['accepted', 'tolerated', 'repeated']);

/** Fewer good requests that are refused, or taken, could be so by coincidence. */
export const SEVERAL = 3;

/** Good requests that are refused, all with one status, and others that are taken. */
export interface Divided {
  refused: readonly Exchange[];
  taken: readonly Exchange[];
  status: number;
}

/** Of a request that must be taken. */
export const isGood = ({ request }: { request: WireRequest }): boolean => GOOD.has(request.expect);

/** What must be refused: a forgery, or anything else that the vendor does not send. */
export const isBad = ({ request: { expect } }: Exchange): boolean => expect === 'refused' || expect === 'refused-4xx';

export const isTaken = ({ attempt }: Exchange): boolean => isSuccess(attempt);

export const answerOf = ({ attempt }: Exchange): number | null => statusOf(attempt);

/** The good requests of what must be accepted; one that came before may have an answer of its own. */
export function goodExchanges({ cases }: SuiteEvidence): Exchange[] {
  return cases
    .filter(({ one }) => one.group === 'accept')
    .flatMap(({ exchanges }) => exchanges.filter((one) => isGood(one) && one.request.expect !== 'repeated'));
}

/** The status that most of them were answered with; null: none was answered. */
export function usualAnswer(exchanges: readonly Exchange[]): number | null {
  const counts = new Map<number, number>();
  for (const status of exchanges.map(answerOf)) if (status !== null) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

/** `: "invalid signature"`, when the endpoint says something that can be read in a line; else nothing. */
export function quoteAnswer(exchanges: readonly Exchange[]): string {
  const said = new Set(exchanges.map(({ attempt }) => firstWords(attempt.responseBody)));
  const [only = '', ...others] = said;
  return only === '' || others.length > 0 ? '' : `: "${only}"`;
}

const MAX_QUOTE = 120;

function firstWords(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4 * MAX_QUOTE))
    .toString('utf8')
    .trim();
  if (text.startsWith('<')) return '';
  const line = text.replace(/\s+/g, ' ');
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line;
}
