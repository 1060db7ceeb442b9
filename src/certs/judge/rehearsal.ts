import type { X509Certificate } from 'node:crypto';
import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { CHECKS, type CheckId } from '../checks.ts';
import { keyText, type OwnCertificate } from '../file/own-certificate.ts';
import { durationSince, type Identity } from '../probe/probe.ts';
import { rehearse, rehearseWithoutKey, type Rehearsal } from '../probe/rehearse.ts';
import { isEnforced } from './admission.ts';
import { judgeDates } from './certificate.ts';
import { wordsOf } from './openssl-verdicts.ts';
import type { SurveyJudgement, SurveyRules } from './survey.ts';

type ClientCa = readonly X509Certificate[];

/** L11: the verdict of OpenSSL, on which nginx, Apache and HAProxy act. `position`: of the leaf in the file. */
export async function judgeRehearsal(
  own: OwnCertificate,
  position: number,
  clientCa: ClientCa | null,
): Promise<Finding> {
  const beganAt = performance.now();
  const conclusion =
    clientCa === null
      ? { status: 'skip' as const, detail: "the server's CA file was not given (--client-ca)" }
      : await rehearseWith(own, position, clientCa);
  return makeFinding(CHECKS.L11, { durationMs: durationSince(beganAt), ...conclusion });
}

async function rehearseWith(own: OwnCertificate, position: number, clientCa: ClientCa): Promise<Conclusion> {
  const { identity, unusable, key, certificates } = own;
  if (identity === null && key !== null)
    return { status: 'skip', detail: `OpenSSL cannot use it: ${unusable ?? 'see above'}` };
  if (position !== 0) return { status: 'skip', detail: 'OpenSSL uses the first certificate as the leaf: see L4' };
  const chain = await rehearseWithoutKey(certificates, { clientCa });
  if (chain.ending !== 'accepted') return concludeRefused(chain);
  if (identity !== null) return rehearseHandshakes(own, identity, clientCa);
  return {
    status: 'pass',
    detail:
      'a server that trusts these CAs accepts the chain; the private key was not given, so its signature was ' +
      'not tested',
  };
}

function concludeRefused({ ending, code, reason }: Rehearsal): Conclusion {
  if (ending === 'refused') return refusal(reason ?? '', code);
  return withoutVerdict('its chain', code);
}

const NOT_ACCEPTED = { status: 'fail', expected: 'OpenSSL accepts it' } as const;

const refusal = (reason: string, code: string | null): Conclusion => {
  const { text, fix } = wordsOf(reason);
  return { ...NOT_ACCEPTED, detail: text, observed: code === 'UNSPECIFIED' ? reason : code, fix };
};

/** Errors of a handshake before there is a verdict, in words. */
const HANDSHAKE_ERRORS: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_CURVE: 'a default OpenSSL server does not accept EC keys on this curve',
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: 'its chain is larger than 100 KiB, the most that a default OpenSSL server reads',
  TIMEOUT: 'OpenSSL did not finish verifying it',
};

/** A handshake that ended otherwise than servers end it: that it would be accepted is not proved. */
const withoutVerdict = (what: string, code: string | null): Conclusion => ({
  ...NOT_ACCEPTED,
  detail: `${HANDSHAKE_ERRORS[code ?? ''] ?? `the local check of ${what} ended without a verdict`}: ${code}`,
  observed: code,
  fix: 'use a certificate with an RSA 2048 or EC P-256 key and a short chain, or try a real server: verify-cert',
});

/** OpenSSL takes the chain; whether the key can sign for it shows in a handshake of each version. */
async function rehearseHandshakes(own: OwnCertificate, identity: Identity, clientCa: ClientCa): Promise<Conclusion> {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const shown = version.replace('TLSv', 'TLS ');
    const { ending, code, reason } = await rehearse(identity, { clientCa, version });
    if (ending === 'refused') return refusal(reason ?? '', code);
    if (ending === 'failed') return withoutVerdict(`a ${shown} handshake`, code);
    if (ending === 'nothing-sent')
      return {
        ...NOT_ACCEPTED,
        detail:
          `on ${shown} the client does not send it: its key (${own.key === null ? 'unknown' : keyText(own.key)}) ` +
          'cannot sign a handshake of that version',
        observed: 'an empty Certificate message',
        fix: 'use a certificate with an RSA 2048 or EC P-256 key',
      };
  }
  return { status: 'pass', detail: 'accepted by a server that trusts these CAs, on TLS 1.2 and 1.3' };
}

/** What the other checks foretell of a server. */
const FORETELLING: ReadonlySet<string> = new Set<CheckId>(['L4', 'L6', 'L7', 'L9', 'L10']);

/**
 * Where OpenSSL accepted the certificate, no other check says that it is refused: what they found is worth a look.
 * Without the private key nothing is known of how it signs (L9). That the leaf itself has expired stays a failure.
 */
export function agreeWithRehearsal(
  findings: readonly Finding[],
  { hasKey, hasDate }: { hasKey: boolean; hasDate: boolean },
): Finding[] {
  const isAccepted = findings.some(({ id, status }) => id === CHECKS.L11.id && status === 'pass');
  if (!isAccepted) return [...findings];
  const foretelling = new Set([...FORETELLING, ...(hasDate ? [CHECKS.L5.id] : [])]);
  return findings.map((finding) =>
    foretelling.has(finding.id) && (hasKey || finding.id !== CHECKS.L9.id)
      ? forgive(finding, 'OpenSSL accepts it anyway (L11)')
      : finding,
  );
}

/** Neither expired nor before its time. */
export const isInDate = (certificate: X509Certificate, nowMs: number): boolean =>
  judgeDates(certificate, { nowMs, daysWarning: 0 }).status !== 'fail';

/** A failure becomes a warning. */
const forgive = (finding: Finding, why: string): Finding =>
  finding.status === 'fail' ? { ...finding, status: 'warn', detail: `${finding.detail}; ${why}` } : finding;

/**
 * What was concluded offline and of the endpoint, together. Where the endpoint itself enforces a certificate and this
 * one got its success (P5), it knows best what it accepts. That the leaf itself has expired stays a failure.
 */
export function agreeWithEndpoint(
  { verdict, findings }: Pick<SurveyJudgement, 'verdict' | 'findings'>,
  { offline, certificates: [leaf], nowMs }: Pick<SurveyRules, 'offline' | 'certificates' | 'nowMs'>,
): Finding[] {
  const answers = findings.filter(({ id }) => id === CHECKS.P5.id);
  const isAccepted = isEnforced(verdict) && answers.length > 0 && answers.every(({ status }) => status === 'pass');
  const hasDate = leaf !== undefined && isInDate(leaf, nowMs);
  const foretelling = new Set([...FORETELLING, CHECKS.L11.id, ...(hasDate ? [CHECKS.L5.id] : [])]);
  const agreed = offline.map((finding) =>
    isAccepted && foretelling.has(finding.id) ? forgive(finding, 'this endpoint accepts it anyway (P5)') : finding,
  );
  return [...agreed, ...findings];
}
