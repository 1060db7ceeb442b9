import type { Vendor } from '../../model/vendor.ts';
import { isSigned } from '../../vendors/facts.ts';
import { wayToVerify } from '../cases/refuse-signature.ts';
import type { CausePattern } from './cause-pattern.ts';
import {
  answerOf,
  goodExchanges,
  isBad,
  isTaken,
  usualAnswer,
  type Exchange,
  type SuiteEvidence,
} from './judged-case.ts';

/** Fewer kinds of bad requests could be taken for one reason each. */
const KINDS = 3;

/** Those that reach the path of the webhook, as it is meant to be called. */
function allExchanges({ cases }: SuiteEvidence): Exchange[] {
  return cases.flatMap(({ exchanges }) => exchanges.filter(({ request }) => request.expect !== 'shut-out'));
}

const isKnown = ({ isProcessed }: Exchange): boolean => isProcessed !== null;

function whatToLookAt(vendor: Vendor, knowsEffects: boolean): string {
  const isPage = 'is that the path of the webhook, or a page that answers everything?';
  if (knowsEffects) return `${isPage} do the effects come from there?`;
  const look = isSigned(vendor) ? wayToVerify(vendor) : 'check the method, the content type and the body';
  return `${isPage} ${look} before the answer; if that happens afterwards, --effects-url shows what was processed`;
}

/** A page that answers whatever comes: what is accepted proves no more than what is not refused. */
export const ANSWERS_ALIKE: CausePattern = {
  id: 'answers-alike',
  find(evidence) {
    const all = allExchanges(evidence);
    const kinds = evidence.cases.filter(({ exchanges }) => exchanges.some(isBad)).length;
    const answer = usualAnswer(all);
    const isAlike = all.every((one) => isTaken(one) && answerOf(one) === answer && one.isProcessed !== true);
    if (kinds < KINDS || goodExchanges(evidence).length === 0 || !isAlike) return null;
    const knowsEffects = all.some(isKnown);
    return {
      title: `every request is answered ${answer}, good or not${knowsEffects ? ', and none is processed' : ''}`,
      detail: `${all.length} requests, including ${kinds} kinds that must be refused, get the same answer`,
      fix: whatToLookAt(evidence.vendor, knowsEffects),
      explains: ({ decisive }) => decisive !== null && isTaken(decisive) && answerOf(decisive) === answer,
      voids: ({ exchanges }) => exchanges.length > 0 && exchanges.every(isTaken),
    };
  },
};

export const NOTHING_PROCESSED: CausePattern = {
  id: 'nothing-processed',
  find(evidence) {
    // With a key, so that they can be found among the effects.
    const countable = goodExchanges(evidence).filter((one) => isKnown(one) && one.request.expect === 'accepted');
    if (countable.length === 0 || !countable.every((one) => isTaken(one) && one.isProcessed === false)) return null;
    return {
      title: 'no accepted event shows up among the effects',
      detail: `${countable.length} good requests are answered with success, and none is processed`,
      fix:
        'do the effects come from this application, and are they the ids that the vendor sends? if a queue is ' +
        'slow, --effects-wait 10s waits for it',
      explains: ({ decisive }) => decisive !== null && countable.includes(decisive),
    };
  },
};
