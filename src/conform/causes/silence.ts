import { plural } from '../../model/wording.ts';
import { isSigned } from '../../vendors/facts.ts';
import type { CausePattern } from './cause-pattern.ts';
import { answerOf, goodExchanges, type Exchange, type JudgedCase, type SuiteEvidence } from './judged-case.ts';

const isUntried = ({ status, exchanges }: JudgedCase): boolean => status === 'skip' && exchanges.length === 0;

/** Requests went out, and not one was answered. */
function isSilent({ cases }: SuiteEvidence): boolean {
  const all = cases.flatMap(({ exchanges }) => exchanges);
  return all.length > 0 && all.every((one) => answerOf(one) === null);
}

const DROPPED: ReadonlySet<string | null> = new Set(['CLOSED', 'ECONNRESET', 'EPIPE']);

/** With another secret, whoever drops what does not verify drops all that is good. */
function orWrongSecret(evidence: SuiteEvidence): string {
  const good = goodExchanges(evidence);
  const isDropped = good.length > 0 && good.every(({ attempt }) => DROPPED.has(attempt.errorCode));
  return isDropped && isSigned(evidence.vendor)
    ? '; or it drops what does not verify: is the secret the same on both sides?'
    : '';
}

function howFar(evidence: SuiteEvidence): string {
  if (isSilent(evidence)) return 'nothing was answered';
  return evidence.cases.every(isUntried) ? 'nothing was tried' : 'not all was tried';
}

/** The run ended before its end: of what was not sent nothing is known. */
export const NOT_TRIED: CausePattern = {
  id: 'not-tried',
  holds: ({ stopped, cases }) => stopped !== null && cases.some(isUntried),
  title: (evidence) => `${howFar(evidence)}: ${evidence.stopped}`,
  detail: ({ cases }) => `${cases.filter(isUntried).length} of ${plural(cases.length, 'case')} were not tried`,
  fix: (evidence) => (evidence.stoppedHint ?? 'run it again to learn of them') + orWrongSecret(evidence),
  explains: (judged, evidence) => isUntried(judged) || isSilent(evidence),
};

/** Without an answer to what decides, the reason that most of them have. */
function usualSilence({ cases }: SuiteEvidence): Exchange[] {
  const silent = cases.flatMap(({ decisive }) => (decisive !== null && answerOf(decisive) === null ? [decisive] : []));
  const codes = [...new Set(silent.map(({ attempt }) => attempt.errorCode))];
  const byCode = codes.map((code) => silent.filter(({ attempt }) => attempt.errorCode === code));
  return byCode.toSorted((one, other) => other.length - one.length)[0] ?? [];
}

export const SILENT: CausePattern = {
  id: 'no-answer',
  holds: (evidence) => usualSilence(evidence).length > 0,
  title: (evidence) => `requests get no answer: ${usualSilence(evidence)[0]?.attempt.error}`,
  detail: (evidence) => `that ended ${usualSilence(evidence).length} of ${plural(evidence.cases.length, 'case')}`,
  fix: (evidence) =>
    (usualSilence(evidence)[0]?.attempt.hint ?? "look into the endpoint's log for what it did with these requests") +
    orWrongSecret(evidence),
  explains: ({ decisive }, evidence) => decisive !== null && usualSilence(evidence).includes(decisive),
};
