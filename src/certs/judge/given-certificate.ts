import type { Conclusion, Finding } from '../../model/finding.ts';
import { CHECKS, makeProbeFinding } from '../checks.ts';
import { AGAIN, HELD_BACK, mayBeRateLimit, type ProbeResult } from '../probe/probe.ts';
import { fixFor } from '../server-fixes.ts';
import { isSuccessStatus, type NamedSuccessRule } from '../../vendors/facts.ts';
import { wasShown } from './admission.ts';
import { whyNoRequest } from './handshake.ts';
import { explainRefusal, fixOf } from './refusal.ts';

/** N4: did the given certificate go out? A client whose key does not fit sends an empty message and says nothing. */
export function judgeCertificateSent(result: ProbeResult): Finding {
  const conclude = (conclusion: Conclusion): Finding => makeProbeFinding(CHECKS.N4, result, conclusion);
  const { requested, certificatesSent } = result;
  if (requested !== true) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  if (certificatesSent === null) {
    return conclude({
      status: 'warn',
      detail: `the server asked, but whether the certificate went out was not seen: ${result.reaction.text}`,
      observed: result.reaction.text,
    });
  }
  if (certificatesSent.length === 0) {
    return conclude({
      status: 'fail',
      detail: 'it does not: an empty Certificate message went out',
      expected: 'the leaf and its intermediates',
      observed: 'no certificate',
      fix:
        'see that certificate and private key belong together (L3), and that the server takes signatures by this ' +
        'kind of key (N3)',
    });
  }
  const behind = certificatesSent.length - 1;
  const observed = behind === 0 ? 'the leaf alone' : `the leaf and ${behind} more`;
  return conclude({ status: 'pass', detail: `${observed} went out`, observed });
}

/**
 * P5: the given certificate goes out, and the answer is the vendor's success. `offline`: what was concluded of its
 * files.
 */
export function judgeGood(good: ProbeResult, success: NamedSuccessRule, offline: readonly Finding[]): Finding {
  const observed = good.reaction.text;
  const conclude = (conclusion: Conclusion): Finding =>
    makeProbeFinding(CHECKS.P5, good, {
      expected: success.text,
      observed,
      ...conclusion,
    });
  if (!isSuccessStatus(good.status, success)) {
    const why = explainRefusal(good, offline, success);
    return conclude({ status: 'fail', detail: why === null ? observed : `${observed}: ${why.text}`, ...fixOf(why) });
  }
  if (wasShown(good)) return conclude({ status: 'pass', detail: observed });
  const why = good.requested === false ? 'the server did not ask for it' : 'it was not seen going out';
  return conclude({ status: 'warn', detail: `${observed}, but not because of the certificate: ${why}` });
}

/** P7: a large body gets the same success. */
export function judgeLargeBody(large: ProbeResult, success: NamedSuccessRule, bodyBytes: number): Finding {
  const observed = large.reaction.text;
  const detail = `${Math.round(bodyBytes / 1024)} KiB: ${observed}`;
  const conclude = (conclusion: Partial<Conclusion>): Finding =>
    makeProbeFinding(CHECKS.P7, large, {
      status: 'pass',
      detail,
      expected: success.text,
      observed,
      ...conclusion,
    });
  if (isSuccessStatus(large.status, success)) return conclude({});
  if (mayBeRateLimit(large.status)) return conclude({ status: 'warn', detail: `${detail}: ${HELD_BACK}`, fix: AGAIN });
  return conclude({ status: 'fail', ...fixFor('body-buffer') });
}
