import type { ProbeResult } from '../../src/certs/probe/probe-endpoint.ts';

/** Asked for a certificate, sent what it had, and got no answer: what differs is given. */
export const makeProbeResult = (differs: Partial<ProbeResult>): ProbeResult => ({
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
});
