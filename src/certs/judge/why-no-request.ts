import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';

/** Why there is no CertificateRequest that could be judged. */
export function whyNoRequest(result: ProbeResult): string {
  if (judgeReaction(result).kind === 'not-offered') return 'the server does not speak this version';
  if (result.renegotiated) return 'the server asks in a second handshake, which is encrypted';
  if (result.requested === false) return 'the server does not ask for a certificate';
  if (result.requested === null) return `the handshake did not get far enough: ${describeReaction(result)}`;
  return 'the server asks for a certificate, but what it says of it could not be read';
}
