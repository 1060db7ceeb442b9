import { plural } from '../../model/wording.ts';
import { isSigned } from '../../vendors/facts.ts';
import { AMBIGUITY_CASES } from '../cases/refuse-ambiguity.ts';
import { WINDOW_CASES } from '../cases/refuse-replay.ts';
import { ALGORITHM_CASES, BYPASS_CASES, SIGNATURE_CASES, VERIFY } from '../cases/refuse-signature.ts';
import type { CausePattern } from './cause-pattern.ts';
import { isBad, isGood, isTaken, type Exchange, type JudgedCase, type SuiteEvidence } from './judged-case.ts';

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

const seen = (evidence: SuiteEvidence, what: string): string =>
  `${plural(forgeries(evidence).length, 'forgery').replace('forgerys', 'forgeries')} of ` +
  `${forgedCases(evidence).length} kinds, without a signature and with a wrong one, ${what}`;

export const NOTHING_VERIFIED: CausePattern = {
  id: 'nothing-verified',
  holds: (evidence) =>
    areOfBothKinds(evidence) && forgeries(evidence).every(gotIn) && forgeries(evidence).some(isTaken),
  title: () => 'nothing is verified: every forged event is taken',
  detail: (evidence) =>
    seen(
      evidence,
      forgeries(evidence).every(({ isProcessed }) => isProcessed) ? 'are processed' : 'are answered with success',
    ),
  fix: () => VERIFY,
  explains,
};

export const PROCESSED_BEFORE_VERIFIED: CausePattern = {
  id: 'processed-before-verified',
  holds: (evidence) =>
    areOfBothKinds(evidence) && forgeries(evidence).every((one) => one.isProcessed === true && !isTaken(one)),
  title: () => 'every forged event is refused, and processed all the same',
  detail: (evidence) => seen(evidence, 'are not answered with success, but are processed'),
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
  detail: (evidence) => seen(evidence, 'look like success to whoever sends them'),
  fix: () => 'answer 401 to what does not verify: else a wrong secret, at the vendor or here, goes unnoticed',
  explains: ({ decisive }) =>
    decisive !== null && isBad(decisive) && isTaken(decisive) && decisive.isProcessed === false,
};
