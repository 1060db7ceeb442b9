import { isSigned } from '../../vendors/facts.ts';
import type { CausePattern } from './cause-pattern.ts';
import {
  answerOf,
  goodExchanges,
  isBad,
  isTaken,
  usualAnswer,
  type Exchange,
  type JudgedCase,
  type SuiteEvidence,
} from './judged-case.ts';

/** Fewer kinds of bad requests could be taken for one reason each. */
const KINDS = 3;

/** Those that reach the path of the webhook, as it is meant to be called. */
function allExchanges({ cases }: SuiteEvidence): Exchange[] {
  return cases.flatMap(({ exchanges }) => exchanges.filter(({ request }) => request.expect !== 'shut-out'));
}

const badKinds = ({ cases }: SuiteEvidence): JudgedCase[] => cases.filter(({ exchanges }) => exchanges.some(isBad));

const isKnown = ({ isProcessed }: Exchange): boolean => isProcessed !== null;
const knowsEffects = (evidence: SuiteEvidence): boolean => allExchanges(evidence).some(isKnown);

/** A page that answers whatever comes: what is accepted proves no more than what is not refused. */
export const ANSWERS_ALIKE: CausePattern = {
  id: 'answers-alike',
  holds(evidence) {
    const all = allExchanges(evidence);
    return (
      badKinds(evidence).length >= KINDS &&
      goodExchanges(evidence).length > 0 &&
      all.every((one) => isTaken(one) && answerOf(one) === usualAnswer(all)) &&
      all.every(({ isProcessed }) => isProcessed !== true)
    );
  },
  title: (evidence) =>
    `every request is answered ${usualAnswer(allExchanges(evidence))}, good or not` +
    (knowsEffects(evidence) ? ', and none is processed' : ''),
  detail: (evidence) =>
    `${allExchanges(evidence).length} requests, ` +
    `${badKinds(evidence).length} kinds of them such as must be refused, have one answer`,
  fix(evidence) {
    if (knowsEffects(evidence))
      return 'is that the path of the webhook, or a page that answers everything? do the effects come from there?';
    const look = isSigned(evidence.vendor)
      ? 'verify the HMAC of the raw body'
      : 'look at the method, the content type and the body';
    return (
      'is that the path of the webhook, or a page that answers everything? ' +
      `${look} before the answer; where that comes afterwards, --effects-url tells what was processed`
    );
  },
  explains: ({ decisive }, evidence) =>
    decisive !== null && isTaken(decisive) && answerOf(decisive) === usualAnswer(allExchanges(evidence)),
  voids: ({ exchanges }) => exchanges.length > 0 && exchanges.every(isTaken),
};

/** With a key, so that they can be found among the effects. */
const countable = (evidence: SuiteEvidence): Exchange[] =>
  goodExchanges(evidence).filter((one) => isKnown(one) && one.request.expect === 'accepted');

export const NOTHING_PROCESSED: CausePattern = {
  id: 'nothing-processed',
  holds: (evidence) =>
    countable(evidence).length > 0 && countable(evidence).every((one) => isTaken(one) && one.isProcessed === false),
  title: () => 'no event that is accepted shows among the effects',
  detail: (evidence) => `${countable(evidence).length} good requests are answered with success, and none is processed`,
  fix: () =>
    'do the effects come from this application, and are they the ids that the vendor sends? ' +
    'where a queue is slow, --effects-wait 10s waits for it',
  explains: ({ decisive }, evidence) => decisive !== null && countable(evidence).includes(decisive),
};
