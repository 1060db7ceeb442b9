import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { makeFinding, mend } from './finding.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

/** N1: is there a CertificateRequest in the handshake? A server that does not ask is sent no certificate. */
export function judgeRequestSeen(result: ProbeResult): Finding {
  const observed = describeReaction(result);
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(CHECKS.N1, result.version, conclusion, result.durationMs);
  if (judgeReaction(result).kind === 'not-offered')
    return conclude({ status: 'skip', detail: 'the server does not speak this version', observed });
  if (result.requested === true) return conclude({ status: 'pass', detail: 'it does', observed: 'CertificateRequest' });
  if (result.renegotiated) {
    return conclude({
      status: 'warn',
      detail: 'not at first: it begins a second handshake when it has read the request',
      expected: 'CertificateRequest in the first handshake',
      observed: 'renegotiation',
      ...mend('per-location'),
    });
  }
  if (result.requested === null)
    return conclude({ status: 'skip', detail: `the handshake did not get far enough: ${observed}`, observed });
  return conclude({
    status: 'fail',
    detail: 'it does not, so no client ever sends one',
    expected: 'CertificateRequest',
    observed: 'a handshake without it',
    ...mend('not-asked'),
  });
}
