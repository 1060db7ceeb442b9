import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding } from './finding.ts';
import { describeReaction } from './judge-reaction.ts';
import { whyNoRequest } from './why-no-request.ts';

/** N4: did the given certificate go out? A client whose key does not fit sends an empty message and says nothing. */
export function judgeCertificateSent(result: ProbeResult): Finding {
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(CHECKS.N4, result.version, conclusion, result.durationMs);
  const { requested, certificatesSent } = result;
  if (requested !== true) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  if (certificatesSent === null) {
    return conclude({
      status: 'warn',
      detail: `the server asked, but whether the certificate went out was not seen: ${describeReaction(result)}`,
      observed: describeReaction(result),
    });
  }
  if (certificatesSent.length === 0) {
    return conclude({
      status: 'fail',
      detail: 'it does not: an empty Certificate message went out',
      expected: 'the leaf and its intermediates',
      observed: 'no certificate',
      fix: 'see that certificate and private key belong together (L3), and that the server takes signatures by this kind of key (N3)',
    });
  }
  const behind = certificatesSent.length - 1;
  const observed = behind === 0 ? 'the leaf alone' : `the leaf and ${behind} more`;
  return conclude({ status: 'pass', detail: `${observed} went out`, observed });
}
