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

/** The run ended before its end: of what was not sent nothing is known. */
export const NOT_TRIED: CausePattern = {
  id: 'not-tried',
  find(evidence) {
    const { cases, stopped, stoppedHint } = evidence;
    const untried = cases.filter(isUntried);
    if (stopped === null || untried.length === 0) return null;
    const isMute = isSilent(evidence);
    const howFar = isMute
      ? 'nothing was answered'
      : `${untried.length === cases.length ? 'nothing' : 'not all'} was tried`;
    return {
      title: `${howFar}: ${stopped}`,
      detail: `${untried.length} of ${plural(cases.length, 'case')} were not tried`,
      fix: (stoppedHint ?? `run it again to try the ${plural(untried.length, 'case')} left`) + orWrongSecret(evidence),
      explains: (judged) => isMute || isUntried(judged),
      isOfOne: untried.length === cases.length,
    };
  },
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
  find(evidence) {
    const silent = usualSilence(evidence);
    const [first] = silent;
    if (first === undefined) return null;
    const { error, hint } = first.attempt;
    return {
      title: `requests get no answer: ${error}`,
      detail: `${silent.length} of ${plural(evidence.cases.length, 'case')} ended that way`,
      fix: (hint ?? "check the endpoint's log for what it did with these requests") + orWrongSecret(evidence),
      explains: ({ decisive }) => decisive !== null && silent.includes(decisive),
    };
  },
};
