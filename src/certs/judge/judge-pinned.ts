import { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { ANY_USAGE, SERVER_AUTH } from '../file/certificate-details.ts';
import { fixesFor } from '../server-fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { isSignedBy } from './client-chain.ts';
import { makeFinding, type Conclusion } from './finding.ts';
import { describeChainError } from './judge-server-chain.ts';
import { judgeDates } from './judge-validity.ts';

export interface PinRules {
  /** Trusted alone. */
  pinned: readonly X509Certificate[];
  /** Host of the URL. */
  name: string;
  nowMs: number;
}

/** OpenSSL's codes for the dates of any certificate of a chain, the trusted one too. */
const DATE_ERRORS: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/**
 * S2: what a caller says who trusts one pinned certificate and no store, as the JDK does it. `seen` comes from a
 * handshake that trusted the pinned one alone, with a partial chain. In two things the JDK is milder than OpenSSL
 * (measured, JDK 17): where the pin is the leaf itself it looks at the host name only, so expired and for another
 * purpose will do; and it never looks at the dates of a pinned CA.
 */
export function judgePinned(seen: ProbeResult, { pinned, name, nowMs }: PinRules): Finding {
  const conclude = (conclusion: Conclusion): Finding => makeFinding(CHECKS.S2, null, conclusion, seen.durationMs);
  const { server } = seen;
  if (server === null)
    return conclude({ status: 'skip', detail: 'no handshake came to its end, so nothing could be verified' });
  const isLeaf = pinned.some(({ fingerprint256 }) => fingerprint256 === server.fingerprint);
  const isDate = server.chainError !== null && DATE_ERRORS.has(server.chainError);
  const isOutdated = !isLeaf && isDate && leadsToOutdated(seen.serverCertificates, pinned, nowMs);
  if (server.chainError !== null && !isLeaf && !isOutdated) {
    return conclude({
      status: 'fail',
      detail: `who trusts the pinned certificate alone refuses the server's: ${describeChainError(server.chainError)}`,
      expected: 'a chain to the pinned certificate',
      observed: server.chainError,
      fix: isDate
        ? 'renew it'
        : "pin the server's root or intermediate and send the whole chain; after a change of CA give the vendor the new one",
      serverFixes: fixesFor('server-chain'),
    });
  }
  if (!server.nameMatches)
    return conclude({
      status: 'fail',
      detail: `the server's certificate is for another name than ${name}`,
      expected: name,
      observed: 'other names',
      fix: `have it issued for ${name}`,
    });
  if (isOutdated)
    return conclude({
      status: 'warn',
      detail:
        'its chain leads to the pinned certificate, whose own dates are over or to come: Java does not look at them, others do',
      expected: 'a pinned certificate that is valid',
      observed: server.chainError,
      fix: 'give the vendor the one that is valid now',
    });
  return conclude({
    status: 'pass',
    detail: isLeaf
      ? 'it is the very certificate of the server: pin its CA instead, or each renewal breaks it'
      : 'its chain leads to the pinned certificate',
  });
}

/**
 * Nothing is wrong with what the server sent, as far as it leads to a pinned CA. OpenSSL tells one error of a chain, so
 * behind that of a date there may be another: what it would have looked at besides is looked at here.
 */
function leadsToOutdated(sent: readonly Buffer[], pinned: readonly X509Certificate[], nowMs: number): boolean {
  const certificates = sent.map((der) => new X509Certificate(der));
  const authorities = pinned.filter(({ ca }) => ca);
  const [leaf, ...above] = findPath(certificates, authorities);
  // Node calls the extended key usage of a certificate its key usage.
  const usage: readonly string[] | undefined = leaf?.keyUsage;
  return (
    leaf !== undefined &&
    (usage === undefined || usage.includes(SERVER_AUTH) || usage.includes(ANY_USAGE)) &&
    above.every(({ ca }) => ca) &&
    [leaf, ...above].every((one) => judgeDates(one, { nowMs, daysWarning: 0 }).status === 'pass')
  );
}

/** From the leaf to the one that a pinned CA signed; empty when none did. */
function findPath(sent: readonly X509Certificate[], pinned: readonly X509Certificate[]): X509Certificate[] {
  const path: X509Certificate[] = [];
  for (let last = sent[0]; last !== undefined && !path.includes(last);) {
    const current = last;
    path.push(current);
    if (pinned.some((one) => isSignedBy(current, one))) return path;
    last = sent.find((one) => !path.includes(one) && isSignedBy(current, one));
  }
  return [];
}
