import { plural } from '../../model/wording.ts';
import { isSigned, signatureHeaderOf } from '../../vendors/facts.ts';
import { AMBIGUITY_CASES } from '../cases/refuse-ambiguity.ts';
import { WINDOW_CASES } from '../cases/refuse-replay.ts';
import { ALGORITHM_CASES } from '../cases/refuse-algorithm.ts';
import { BYPASS_CASES, SIGNATURE_CASES, verifyFix } from '../cases/refuse-signature.ts';
import { SIGNED_PART_CASES } from '../cases/refuse-signed-parts.ts';
import { STATIC_SECRET_CASES } from '../cases/refuse-static-secret.ts';
import { SCHEME_CASES } from '../cases/rotation.ts';
import type { CausePattern, Diagnosis } from './cause-pattern.ts';
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
  ...[SIGNATURE_CASES, STATIC_SECRET_CASES, SIGNED_PART_CASES, WINDOW_CASES, AMBIGUITY_CASES].flatMap(idsOf),
  ...[SCHEME_CASES, ALGORITHM_CASES, BYPASS_CASES].flatMap(idsOf),
  'replay',
]);
/** Of these every one must get in before anybody says that nothing is verified. */
const FORGERY_IDS = new Set(idsOf(SIGNATURE_CASES));
const WITHOUT_SIGNATURE = new Set(['no-signature', 'empty-signature']);

const forgedCases = ({ cases }: SuiteEvidence): JudgedCase[] =>
  cases.filter(({ one, exchanges }) => FORGERY_IDS.has(one.id) && exchanges.some(isBad));

const badOf = (cases: readonly JudgedCase[]): Exchange[] => cases.flatMap(({ exchanges }) => exchanges.filter(isBad));

/** By its effect, and where that is not known by the answer. */
const gotIn = (one: Exchange): boolean => one.isProcessed ?? isTaken(one);

/** What was tried to get in without the secret. */
interface Forged {
  cases: readonly JudgedCase[];
  forgeries: readonly Exchange[];
  isSeenByEffects: boolean;
}

/**
 * Null where it was not tried without a signature and with one that does not fit: a receiver may look at one of the
 * two.
 */
function forgedOfBothKinds(evidence: SuiteEvidence): Forged | null {
  const cases = forgedCases(evidence);
  const kinds = new Set(cases.map(({ one }) => WITHOUT_SIGNATURE.has(one.id)));
  if (!isSigned(evidence.vendor) || kinds.size < 2) return null;
  const forgeries = badOf(cases);
  return { cases, forgeries, isSeenByEffects: forgeries.some(({ isProcessed }) => isProcessed !== null) };
}

const explains: Diagnosis['explains'] = ({ one, decisive }) =>
  SIGNATURE_IDS.has(one.id) && decisive !== null && isBad(decisive) && gotIn(decisive);

/** A receiver that processes a signature once drops one of two forgeries that look alike, verified or not. */
const allGotIn = (cases: readonly JudgedCase[]): boolean =>
  cases.length > 0 &&
  cases.every(({ exchanges }) => {
    const bad = exchanges.filter(isBad);
    return bad.some(gotIn) && bad.every((one) => gotIn(one) || isTaken(one));
  });

function seen({ cases, forgeries }: Forged, isMeant: (one: Exchange) => boolean, what: string): string {
  return (
    `${forgeries.filter(isMeant).length} of ${forgeries.length} forgeries, without a signature and with a wrong one, ` +
    `of ${plural(cases.length, 'kind')}, ${what}`
  );
}

const fixOf = ({ isSeenByEffects }: Forged, { vendor }: SuiteEvidence): string =>
  verifyFix(vendor) + (isSeenByEffects ? '' : '; if that happens after the answer, --effects-url shows it');

export const NOTHING_VERIFIED: CausePattern = {
  id: 'nothing-verified',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    if (forged === null || !allGotIn(forged.cases) || !forged.forgeries.some(isTaken)) return null;
    const what = forged.isSeenByEffects ? 'processed' : 'answered with success';
    // Whoever verifies after the answer is not caught by the answer.
    const before = forged.isSeenByEffects ? '' : ' before the answer';
    return {
      title: `nothing is verified${before}: every forged event is ${what}`,
      detail: seen(forged, gotIn, `are ${what}`),
      fix: fixOf(forged, evidence),
      explains,
    };
  },
};

export const PROCESSED_BEFORE_VERIFIED: CausePattern = {
  id: 'processed-before-verified',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    const isProcessed = forged?.cases.every(({ exchanges }) =>
      exchanges.some((one) => isBad(one) && one.isProcessed === true),
    );
    if (forged === null || !isProcessed || forged.forgeries.some(isTaken)) return null;
    return {
      title: 'every forged event is refused, but processed anyway',
      detail: seen(forged, gotIn, 'are processed, and none is answered with success'),
      fix: verifyFix(evidence.vendor),
      // Who works first does so whatever the reason of the refusal.
      explains: ({ one, decisive }) =>
        one.group === 'refuse' &&
        decisive !== null &&
        !isGood(decisive) &&
        decisive.isProcessed === true &&
        !isTaken(decisive),
    };
  },
};

/** Nothing is lost, but nobody notices a wrong secret. */
export const WELCOMED: CausePattern = {
  id: 'refuses-in-silence',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    if (forged === null || !forged.forgeries.every((one) => isTaken(one) && one.isProcessed === false)) return null;
    return {
      title: 'forged events are answered with success, and not processed',
      detail: seen(forged, isTaken, 'look like success to whoever sends them'),
      fix: 'answer 401 if verification fails: otherwise a wrong secret, at the vendor or here, goes unnoticed',
      explains: ({ decisive }) =>
        decisive !== null && isBad(decisive) && isTaken(decisive) && decisive.isProcessed === false,
    };
  },
};

/** With a signature that does not fit, as far as they were tried. */
const misfitCases = ({ cases }: Forged): JudgedCase[] => cases.filter(({ one }) => !WITHOUT_SIGNATURE.has(one.id));

const unsigned = ({ cases }: Forged): Exchange[] => badOf(cases.filter(({ one }) => one.id === 'no-signature'));

export const ONLY_PRESENCE: CausePattern = {
  id: 'presence-only',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    if (forged === null || unsigned(forged).length === 0 || unsigned(forged).some(gotIn)) return null;
    const misfits = misfitCases(forged);
    if (!allGotIn(misfits)) return null;
    return {
      title: `only the presence of a signature is checked${forged.isSeenByEffects ? '' : ' before the answer'}`,
      detail:
        `${plural(badOf(misfits).filter(gotIn).length, 'request')} with a signature that does not match ` +
        `get in, but none without one`,
      fix: fixOf(forged, evidence),
      explains,
    };
  },
};

export const ONLY_WHERE_SIGNED: CausePattern = {
  id: 'unsigned-passes',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    if (forged === null || unsigned(forged).length === 0 || !unsigned(forged).every(gotIn)) return null;
    const misfits = badOf(misfitCases(forged));
    if (misfits.some(gotIn)) return null;
    const header = signatureHeaderOf(evidence.vendor);
    return {
      title: 'requests without a signature are not verified',
      detail:
        `${unsigned(forged).length} requests without a signature get in, but none of ${misfits.length} ` +
        `with a wrong one`,
      fix: fixOf(forged, evidence),
      explains: ({ decisive }) =>
        decisive !== null && isBad(decisive) && gotIn(decisive) && !isSignedRequest(decisive, header),
    };
  },
};

const isSignedRequest = ({ request }: Exchange, header: string | null): boolean =>
  request.headers.some(([name, value]) => name === header && value !== '');

export const FAILS_AT_FORGERIES: CausePattern = {
  id: 'fails-at-forgeries',
  find(evidence) {
    const forged = forgedOfBothKinds(evidence);
    const isSound = evidence.cases.some(({ exchanges }) => exchanges.some((one) => isGood(one) && isTaken(one)));
    if (forged === null || !isSound || !forged.forgeries.every((one) => (answerOf(one) ?? 0) >= 500)) return null;
    const answer = usualAnswer(forged.forgeries);
    return {
      title: `requests that do not verify are answered ${answer} instead of being refused`,
      detail: seen(forged, (one) => !isTaken(one), `are answered ${answer}; good events are accepted`),
      fix: 'catch what verification throws, and answer 401: to the vendor a 5xx is an outage, so it tries again',
      explains: ({ one, decisive }) =>
        SIGNATURE_IDS.has(one.id) && decisive !== null && !isGood(decisive) && answerOf(decisive) === answer,
    };
  },
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
  find(evidence) {
    const cut = cutOff(evidence);
    const forgeries = badOf(forgedCases(evidence));
    if (!isSigned(evidence.vendor) || !forgeries.some((one) => cut.includes(one))) return null;
    const which = forgeries.every(isUnanswered) ? 'requests' : 'some requests';
    const isWaiting = cut.every(({ attempt }) => attempt.errorCode === 'TIMEOUT');
    return {
      title: `${which} that do not verify are ${isWaiting ? 'kept waiting' : 'cut off'} without an answer`,
      detail:
        `${plural(cut.length, 'request')} that must be refused got no answer ` +
        `(${cut[0]?.attempt.error}); every good one got one`,
      fix: 'answer 401 if verification fails: to the vendor silence is an outage, so it tries again',
      // Other cases hold a signature that does not fit, too, and what must be survived has one that does.
      explains: ({ one, decisive }) =>
        one.group !== 'robust' && decisive !== null && !isGood(decisive) && isUnanswered(decisive),
    };
  },
};
