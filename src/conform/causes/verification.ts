import { plural } from '../../model/wording.ts';
import { isSigned, signatureOf } from '../../vendors/facts.ts';
import { AMBIGUITY_CASES } from '../cases/refuse-ambiguity.ts';
import { WINDOW_CASES } from '../cases/refuse-replay.ts';
import { ALGORITHM_CASES, BYPASS_CASES, SIGNATURE_CASES, VERIFY } from '../cases/refuse-signature.ts';
import type { CausePattern } from './cause-pattern.ts';
import {
  answerOf,
  isBad,
  isGood,
  isTaken,
  usualAnswer,
  type Exchange,
  type JudgedCase,
  type SuiteEvidence,
} from './judged-case.ts';

const idsOf = (cases: readonly { id: string }[]): string[] => cases.map(({ id }) => id);

/** What only a receiver that verifies can refuse. */
const SIGNATURE_IDS = new Set([
  ...[SIGNATURE_CASES, WINDOW_CASES, AMBIGUITY_CASES, ALGORITHM_CASES, BYPASS_CASES].flatMap(idsOf),
  'replay',
]);
/** Of these every one must get in before anybody says that nothing is verified. */
const FORGERY_IDS = new Set(idsOf(SIGNATURE_CASES));
const WITHOUT_SIGNATURE = new Set(['no-signature', 'empty-signature']);

const forgedCases = ({ cases }: SuiteEvidence): JudgedCase[] =>
  cases.filter(({ one, exchanges }) => FORGERY_IDS.has(one.id) && exchanges.some(isBad));

const forgeries = (evidence: SuiteEvidence): Exchange[] =>
  forgedCases(evidence).flatMap(({ exchanges }) => exchanges.filter(isBad));

/** By its effect, and where that is not known by the answer. */
const gotIn = (one: Exchange): boolean => one.isProcessed ?? isTaken(one);

/** Without a signature, and with one that does not fit: a receiver may look at one of the two. */
function areOfBothKinds(evidence: SuiteEvidence): boolean {
  const kinds = new Set(forgedCases(evidence).map(({ one }) => WITHOUT_SIGNATURE.has(one.id)));
  return isSigned(evidence.vendor) && kinds.size === 2;
}

const explains = ({ one, decisive }: JudgedCase): boolean =>
  SIGNATURE_IDS.has(one.id) && decisive !== null && isBad(decisive) && gotIn(decisive);

/** A receiver that processes a signature once drops one of two forgeries that look alike, verified or not. */
const allGotIn = (cases: readonly JudgedCase[]): boolean =>
  cases.length > 0 &&
  cases.every(({ exchanges }) => {
    const bad = exchanges.filter(isBad);
    return bad.some(gotIn) && bad.every((one) => gotIn(one) || isTaken(one));
  });

function seen(evidence: SuiteEvidence, isMeant: (one: Exchange) => boolean, what: string): string {
  const all = forgeries(evidence);
  return (
    `${all.filter(isMeant).length} of ${all.length} forgeries, without a signature and with a wrong one, ` +
    `of ${plural(forgedCases(evidence).length, 'kind')}, ${what}`
  );
}

const isSeenByEffects = (evidence: SuiteEvidence): boolean =>
  forgeries(evidence).some(({ isProcessed }) => isProcessed !== null);

const fixOfForgery = (evidence: SuiteEvidence): string =>
  isSeenByEffects(evidence) ? VERIFY : `${VERIFY}; where that comes after the answer, --effects-url tells`;

export const NOTHING_VERIFIED: CausePattern = {
  id: 'nothing-verified',
  holds: (evidence) => areOfBothKinds(evidence) && allGotIn(forgedCases(evidence)) && forgeries(evidence).some(isTaken),
  // Whoever verifies after the answer is not caught by the answer.
  title: (evidence) =>
    isSeenByEffects(evidence)
      ? 'nothing is verified: every forged event is processed'
      : 'nothing is verified before the answer: every forged event is answered with success',
  detail: (evidence) =>
    seen(evidence, gotIn, isSeenByEffects(evidence) ? 'are processed' : 'are answered with success'),
  fix: fixOfForgery,
  explains,
};

export const PROCESSED_BEFORE_VERIFIED: CausePattern = {
  id: 'processed-before-verified',
  holds: (evidence) =>
    areOfBothKinds(evidence) &&
    !forgeries(evidence).some(isTaken) &&
    forgedCases(evidence).every(({ exchanges }) => exchanges.some((one) => isBad(one) && one.isProcessed === true)),
  title: () => 'every forged event is refused, and processed all the same',
  detail: (evidence) => seen(evidence, gotIn, 'are processed, and none is answered with success'),
  fix: () => VERIFY,
  // Who works first does so whatever the reason of the refusal.
  explains: ({ one, decisive }) =>
    one.group === 'refuse' &&
    decisive !== null &&
    !isGood(decisive) &&
    decisive.isProcessed === true &&
    !isTaken(decisive),
};

/** Nothing is lost, but nobody notices a wrong secret. */
export const WELCOMED: CausePattern = {
  id: 'refuses-in-silence',
  holds: (evidence) =>
    areOfBothKinds(evidence) && forgeries(evidence).every((one) => isTaken(one) && one.isProcessed === false),
  title: () => 'forged events are answered with success, and not processed',
  detail: (evidence) => seen(evidence, isTaken, 'look like success to whoever sends them'),
  fix: () => 'answer 401 to what does not verify: else a wrong secret, at the vendor or here, goes unnoticed',
  explains: ({ decisive }) =>
    decisive !== null && isBad(decisive) && isTaken(decisive) && decisive.isProcessed === false,
};

/** With a signature that does not fit, as far as they were tried. */
const misfitCases = (evidence: SuiteEvidence): JudgedCase[] =>
  forgedCases(evidence).filter(({ one }) => !WITHOUT_SIGNATURE.has(one.id));
const misfits = (evidence: SuiteEvidence): Exchange[] =>
  misfitCases(evidence).flatMap(({ exchanges }) => exchanges.filter(isBad));

const unsigned = (evidence: SuiteEvidence): Exchange[] =>
  forgedCases(evidence).flatMap(({ one, exchanges }) => (one.id === 'no-signature' ? exchanges.filter(isBad) : []));

export const ONLY_PRESENCE: CausePattern = {
  id: 'presence-only',
  holds: (evidence) =>
    areOfBothKinds(evidence) &&
    unsigned(evidence).length > 0 &&
    !unsigned(evidence).some(gotIn) &&
    allGotIn(misfitCases(evidence)),
  title: (evidence) =>
    `only the presence of a signature is looked at${isSeenByEffects(evidence) ? '' : ' before the answer'}`,
  detail: (evidence) =>
    `${plural(misfits(evidence).filter(gotIn).length, 'request')} with a signature that does not fit get in, ` +
    'and none without one',
  fix: fixOfForgery,
  explains,
};

export const ONLY_WHERE_SIGNED: CausePattern = {
  id: 'unsigned-passes',
  holds: (evidence) =>
    areOfBothKinds(evidence) &&
    unsigned(evidence).length > 0 &&
    unsigned(evidence).every(gotIn) &&
    !misfits(evidence).some(gotIn),
  title: () => 'what carries no signature is not verified',
  detail: (evidence) =>
    `${unsigned(evidence).length} requests without a signature get in, ` +
    `and of ${misfits(evidence).length} with a wrong one none`,
  fix: fixOfForgery,
  explains: ({ decisive }, { vendor }) =>
    decisive !== null && isBad(decisive) && gotIn(decisive) && !isSignedRequest(decisive, signatureOf(vendor)?.header),
};

const isSignedRequest = ({ request }: Exchange, header: string | undefined): boolean =>
  request.headers.some(([name, value]) => name === header && value !== '');

export const FAILS_AT_FORGERIES: CausePattern = {
  id: 'fails-at-forgeries',
  holds: (evidence) =>
    areOfBothKinds(evidence) &&
    evidence.cases.some(({ exchanges }) => exchanges.some((one) => isGood(one) && isTaken(one))) &&
    forgeries(evidence).every((one) => (answerOf(one) ?? 0) >= 500),
  title: (evidence) => `what does not verify is answered ${usualAnswer(forgeries(evidence))}, and not refused`,
  detail: (evidence) =>
    seen(evidence, (one) => !isTaken(one), `are answered ${usualAnswer(forgeries(evidence))}; good events are taken`),
  fix: () => 'catch what the verification throws, and answer 401: a 5xx is an outage to the vendor, which tries again',
  explains: ({ one, decisive }, evidence) =>
    SIGNATURE_IDS.has(one.id) &&
    decisive !== null &&
    !isGood(decisive) &&
    answerOf(decisive) === usualAnswer(forgeries(evidence)),
};

const isUnanswered = (one: Exchange): boolean => answerOf(one) === null;

/** Of those that must be refused; whoever cuts off good requests, too, has another fault. */
function cutOff({ cases }: SuiteEvidence): Exchange[] {
  const all = cases.flatMap(({ exchanges }) => exchanges);
  const good = all.filter(isGood);
  return good.some(isTaken) && !good.some(isUnanswered) ? all.filter((one) => isBad(one) && isUnanswered(one)) : [];
}

export const CUTS_OFF_FORGERIES: CausePattern = {
  id: 'cuts-off-forgeries',
  holds: (evidence) => isSigned(evidence.vendor) && forgeries(evidence).some((one) => cutOff(evidence).includes(one)),
  title(evidence) {
    const cut = cutOff(evidence);
    const which = forgeries(evidence).every(isUnanswered) ? 'what' : 'some of what';
    const isWaiting = cut.every(({ attempt }) => attempt.errorCode === 'TIMEOUT');
    return `${which} does not verify is ${isWaiting ? 'kept waiting' : 'cut off'} without an answer`;
  },
  detail: (evidence) =>
    `${plural(cutOff(evidence).length, 'request')} that must be refused got no answer ` +
    `(${cutOff(evidence)[0]?.attempt.error}); every good one got one`,
  fix: () => 'answer 401 to what does not verify: silence is an outage to the vendor, which tries again',
  // Other cases hold a signature that does not fit, too, and what must be survived has one that does.
  explains: ({ one, decisive }) =>
    one.group !== 'robust' && decisive !== null && !isGood(decisive) && isUnanswered(decisive),
};
