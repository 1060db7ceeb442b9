import { type ProbeResult, type ProbeSeen, judgeReaction } from '../../src/certs/probe/probe.ts';

/** Asked for a certificate, sent what it had, and got no answer: what differs is given. */
export function makeProbeResult(differs: Partial<ProbeSeen>): ProbeResult {
  const seen: ProbeSeen = {
    version: 'TLSv1.3',
    connected: true,
    speaksTls: true,
    serverHello: true,
    requested: true,
    certificateSent: true,
    renegotiated: false,
    secured: true,
    ending: 'failed',
    status: null,
    body: '',
    errorCode: null,
    alert: null,
    request: null,
    certificatesSent: null,
    serverCertificates: [],
    server: null,
    requestSent: false,
    credentialsWithheld: false,
    session: null,
    resumed: false,
    timeoutMs: 2000,
    durationMs: 1,
    ...differs,
  };
  return { ...seen, reaction: judgeReaction(seen) };
}
