import type { Conclusion, Finding } from '../../model/finding.ts';
import { plural } from '../../model/wording.ts';
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
      detail: `the server asked, but the certificate was not seen being sent: ${result.reaction.text}`,
      observed: result.reaction.text,
    });
  }
  if (certificatesSent.length === 0) {
    return conclude({
      status: 'fail',
      detail: 'the client sent an empty Certificate message',
      expected: 'the leaf and its intermediates',
      observed: 'no certificate',
      fix:
        'check that the certificate and private key belong together (L3), and that the server accepts signatures ' +
        'by this type of key (N3)',
    });
  }
  const behind = certificatesSent.length - 1;
  const observed = behind === 0 ? 'only the leaf' : `the leaf and ${plural(behind, 'more certificate')}`;
  return conclude({ status: 'pass', detail: `sent ${observed}`, observed });
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
  const why = good.requested === false ? 'the server did not ask for it' : 'it was not seen being sent';
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
