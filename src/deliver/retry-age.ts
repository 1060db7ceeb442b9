import type { Attempt } from '../model/attempt.ts';
import type { Conclusion } from '../model/finding.ts';
import type { Vendor } from '../model/vendor.ts';
import { assumptionText, eventDate, isSure, retryLadder, type DecisiveFact } from '../vendors/decisive-facts.ts';
import type { LadderEnd } from './retry-ladder.ts';

// The waits of a ladder are compressed, and the endpoint's clock is not: a late event is old by its date alone.

/** What decides whether the age of the event was tried. */
export interface AgedRun {
  vendor: Vendor;
  attempts: readonly Pick<Attempt, 'number'>[];
  ended: LadderEnd;
  /** The vendor's clock at each attempt, in milliseconds since the first. */
  sinceStartMs: readonly number[];
  /** How old the event was at each attempt by its own date, in milliseconds; null: it carries no date. */
  agesMs: readonly number[] | null;
  /** Null: none was sent. */
  ageProbe: AgeProbe | null;
  /** A length of time in words. */
  describe: (ms: number) => string;
}

/** Another event, sent to see whether the age decides. */
export interface AgeProbe {
  ageMs: number;
  outcome: Attempt['outcome'];
  /** `401`, or the code of what went wrong. */
  answer: string;
}

/** What the attempts showed of the age. */
export type AgeResult =
  /** Taken at once, or stopped: no age was to be tried. */
  | 'not-due'
  | 'undated'
  /** Taken as old as it is at the vendor. */
  | 'taken'
  /** Taken younger than it is at the vendor, and so was another event of the right age. */
  | 'another-taken'
  /** Refused, while another event of the other age was taken; or the other way round. */
  | 'refused'
  /** A fresh event is refused, too. */
  | 'refused-anyway'
  | 'untried';

/** Dates are often cut to whole seconds. */
const SAME_AGE_MS = 2000;

/** The event is younger at this attempt than it would be at the vendor. */
export function isTooYoung({ agesMs, sinceStartMs }: Pick<AgedRun, 'agesMs' | 'sinceStartMs'>, index: number): boolean {
  const ageMs = agesMs?.[index];
  return ageMs === undefined || ageMs + SAME_AGE_MS < (sinceStartMs[index] ?? 0);
}

/** It carries a date that is not of now. */
export const isAged = ({ agesMs }: Pick<AgedRun, 'agesMs'>, index: number): boolean =>
  (agesMs?.[index] ?? 0) > SAME_AGE_MS;

export function ageResultOf(run: AgedRun): AgeResult {
  const { ended, agesMs, ageProbe, attempts, sinceStartMs } = run;
  const last = attempts.length - 1;
  const isDelivered = ended === 'delivered';
  if (ended === 'aborted' || (isDelivered && sinceStartMs[last] === 0)) return 'not-due';
  if (agesMs === null) return 'undated';
  if (isDelivered && !isTooYoung(run, last)) return 'taken';
  if (ageProbe === null || ageProbe.outcome === 'unreachable') return 'untried';
  const isProbeTaken = ageProbe.outcome === 'delivered';
  if (isDelivered) return isProbeTaken ? 'another-taken' : 'refused';
  return isProbeTaken ? 'refused' : 'refused-anyway';
}

/** The facts without which the age would not be what it is here. */
const factsOf = (vendor: Vendor): DecisiveFact[] => [retryLadder, eventDate].flatMap((read) => [...read(vendor)]);

/** What a refusal for its age rests on and nobody documents; null where it was no such refusal. */
export function ageAssumptions(run: AgedRun): string[] | null {
  if (ageResultOf(run) !== 'refused') return null;
  return factsOf(run.vendor)
    .filter((fact) => !isSure(fact))
    .map(assumptionText);
}

/** The finding: an event that comes late is taken. */
export function judgeAge(run: AgedRun): Conclusion {
  const { vendor } = run;
  const detail = describeAge(run);
  const assumptions = ageAssumptions(run);
  if (assumptions !== null)
    return {
      status: assumptions.length === 0 ? 'fail' : 'warn',
      detail,
      assumptions,
      expected: `accepted for as long as ${vendor.title} retries`,
      fix:
        'check the time of the signature if there is one, since each attempt has its own; ' +
        "accept an event's own date as old as the vendor's last retry",
    };
  const result = ageResultOf(run);
  if (result === 'taken' || result === 'another-taken') return { status: 'pass', detail };
  return { status: result === 'untried' && run.ended === 'delivered' ? 'warn' : 'skip', detail };
}

/** Exactly what was tried. */
export function describeAge(run: AgedRun): string {
  const { attempts, sinceStartMs, ageProbe, agesMs, vendor, describe } = run;
  const last = attempts.length - 1;
  const due = describe(sinceStartMs[last] ?? 0);
  const at = `the event was ${describe(agesMs?.[last] ?? 0)} old at attempt ${attempts.length}`;
  const probed = describe(ageProbe?.ageMs ?? 0);
  switch (ageResultOf(run)) {
    case 'not-due':
      return run.ended === 'aborted'
        ? 'stopped before the end'
        : 'accepted at the first attempt: there was no age to test';
    case 'undated':
      return 'nothing in the event is dated: age was not tested';
    case 'taken':
      return at;
    case 'another-taken':
      return `${at}, which comes ${due} after the first; another event, ${probed} old, was also accepted`;
    case 'refused':
      return run.ended === 'delivered'
        ? `${at}, which comes ${due} after the first; another event, ${probed} old, was refused (${ageProbe?.answer})`
        : `${at} and was refused, while another event, ${probed} old, was accepted`;
    case 'refused-anyway':
      return `${at}; another event, ${probed} old, was also refused (${ageProbe?.answer}): age is not the reason`;
    case 'untried':
      return `${at}, which comes ${due} after the first on ${vendor.title}'s clock: that age was not tested`;
  }
}
