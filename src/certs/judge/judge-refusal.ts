import type { Finding } from '../../model/finding.ts';
import { CHECKS, type Check } from '../checks.ts';
import { makeFinding } from './finding.ts';
import { judgeDoor, type Visits } from './judge-door.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';


const REQUIRE = 'nginx: ssl_verify_client on; Apache: SSLVerifyClient require';

/** P1: what a caller without a certificate gets on the real path. */
export function judgeNoCertificate(visits: Visits): Finding {
  return judgeRefusal(CHECKS.P1, visits.without, visits, `require one. ${REQUIRE}`);
}

/** P2: what a caller with a certificate of his own making gets. It must have gone out to count. */
export function judgeSelfSigned(visits: Visits): Finding {
  const { without, selfSigned } = visits;
  if (selfSigned === null) {
    return skip(without.requested === false ? 'the server did not ask, so no certificate would be sent' : 'the handshake without a certificate did not get far enough', without);
  }
  if (selfSigned.certificateSent !== true) return skip('the certificate was not seen going out, so the answer proves nothing', selfSigned);
  return judgeRefusal(CHECKS.P2, selfSigned, visits, `verify certificates against your CA file. ${REQUIRE} (not optional_no_ca)`);
}

const skip = (detail: string, result: ProbeResult): Finding => makeFinding(CHECKS.P2, result.version, { status: 'skip', detail }, result.durationMs);

function judgeRefusal(check: Check, result: ProbeResult, visits: Visits, advice: string): Finding {
  const reaction = judgeReaction(result);
  const observed = describeReaction(result);
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(check, result.version, { expected: 'a refusal', observed, ...conclusion }, result.durationMs);
  if (reaction.kind === 'admitted') return conclude({ status: 'fail', detail: `it is let in: ${observed}`, advice });
  if (reaction.kind !== 'refused') return conclude({ status: 'warn', detail: `neither refused nor let in: ${observed}` });
  if (result.requested === false && !result.renegotiated) {
    return conclude({ status: 'warn', detail: `refused (${observed}), but not for the certificate: the server did not ask for one`, advice });
  }
  if (reaction.explicit || judgeDoor(visits)?.startsWith('enforced-')) return conclude({ status: 'pass', detail: `refused: ${observed}` });
  return conclude({
    status: 'warn',
    detail: `refused (${observed}), but that the certificate is the reason is not proved`,
    advice: visits.good === null ? 'give a good certificate with --cert and --key, to compare' : 'see what the good certificate got',
  });
}
