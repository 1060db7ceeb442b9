import { X509Certificate } from 'node:crypto';
import { type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { ANY_USAGE, SERVER_AUTH } from '../file/certificate-details.ts';
import type { ProbeResult, ServerShown } from '../probe/probe.ts';
import { fixesFor } from '../server-fixes.ts';
import { judgeDates } from './certificate.ts';
import { isSignedBy } from './client-chain.ts';
import { wordsOf } from './openssl-verdicts.ts';

const DAY_MS = 86_400_000;

const UNREADABLE_DATES = 'cannot read its dates';
/** OpenSSL's codes in words. */
const CHAIN_ERROR: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it, or one it depends on, has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_SIGNATURE_FAILURE: 'it was not signed by its issuer',
  INVALID_CA: 'one of its issuers may not issue certificates',
  INVALID_PURPOSE: 'it is not meant for TLS servers',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: UNREADABLE_DATES,
  ERROR_IN_CERT_NOT_AFTER_FIELD: UNREADABLE_DATES,
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its root CA is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not trusted, or an intermediate is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted, or an intermediate is missing',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not trusted, or an intermediate is missing',
};

const describeChainError = (code: string): string => CHAIN_ERROR[code] ?? wordsOf(code).text;

type FailedChain = Omit<Conclusion, 'status' | 'fix'> & { fix: string };

/** Dates are no matter of configuration. */
function fixForChain(code: string): Pick<FailedChain, 'fix' | 'serverFixes'> {
  if (describeChainError(code) === UNREADABLE_DATES) return { fix: 'have it reissued' };
  if (code === 'CERT_HAS_EXPIRED') return { fix: 'renew it, and reload the server' };
  if (code === 'CERT_NOT_YET_VALID') return { fix: 'compare the clock of this machine with that of its CA' };
  return {
    fix:
      'send the leaf and its intermediates; for a private CA, give it with --cacert or skip this check with ' +
      '--insecure',
    serverFixes: fixesFor('server-chain'),
  };
}

export interface ServerChainOptions {
  name: string;
  /** Milliseconds since the epoch. */
  nowMs: number;
  /** `--insecure`: not judged. */
  insecure: boolean;
  /** Warn when it expires within this many days. */
  daysWarning: number;
}

/** S1: chain, name and expiry of the server's certificate, as seen by the first of `results` that saw it. */
export function judgeServerChain(
  results: readonly ProbeResult[],
  { name, nowMs, insecure, daysWarning }: ServerChainOptions,
): Finding {
  const seenBy = results.find(({ server }) => server !== null);
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.S1, { durationMs: seenBy?.durationMs ?? 0, ...conclusion });
  if (insecure) return conclude({ status: 'skip', detail: 'not checked: --insecure' });
  if (!seenBy?.server)
    return conclude({ status: 'skip', detail: 'no handshake completed, so nothing could be verified' });
  const failed = findChainFault(seenBy.server, name);
  if (failed !== null)
    return conclude({ status: 'fail', ...(seenBy.credentialsWithheld ? withWithheld(failed) : failed) });
  const { validTo } = seenBy.server;
  const day = new Date(validTo).toISOString().slice(0, 10);
  if (validTo - nowMs < daysWarning * DAY_MS) {
    return conclude({
      status: 'warn',
      detail: `it expires on ${day}`,
      expected: `valid for another ${daysWarning} days`,
      observed: day,
      fix: 'renew it',
    });
  }
  return conclude({ status: 'pass', detail: `the chain and the name are correct, valid until ${day}` });
}

function findChainFault({ chainError, nameMatches, validTo }: ServerShown, name: string): FailedChain | null {
  // Whatever else is wrong: a date that nobody can read is plain to see, and nothing can be said of it.
  if (Number.isNaN(validTo))
    return {
      detail: UNREADABLE_DATES,
      expected: 'readable dates',
      observed: chainError ?? 'unreadable dates',
      ...fixForChain('ERROR_IN_CERT_NOT_AFTER_FIELD'),
    };
  if (chainError !== null)
    return {
      detail: describeChainError(chainError),
      expected: 'a chain to a trusted root',
      observed: chainError,
      ...fixForChain(chainError),
    };
  if (nameMatches) return null;
  return { detail: `it does not cover ${name}`, ...otherName(name) };
}

const otherName = (name: string): Pick<FailedChain, 'expected' | 'observed' | 'fix'> => ({
  expected: name,
  observed: 'other names',
  fix: `have it reissued for ${name}`,
});

/** The same where the credentials of the URL were not sent because of it. */
const withWithheld = (failed: FailedChain): FailedChain => ({
  ...failed,
  detail: `${failed.detail}; the credentials in the URL were not sent`,
  fix: `${failed.fix}; the other checks sent no credentials: to send them anyway, use --insecure`,
});

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
export function judgePinned(seen: ProbeResult, rules: PinRules): Finding {
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.S2, { durationMs: seen.durationMs, ...conclusion });
  const { server } = seen;
  if (server === null)
    return conclude({ status: 'skip', detail: 'no handshake completed, so nothing could be verified' });
  return conclude(concludePin(server, seen.serverCertificates, rules));
}

function concludePin(server: ServerShown, sent: readonly Buffer[], { pinned, name, nowMs }: PinRules): Conclusion {
  const isLeaf = pinned.some(({ fingerprint256 }) => fingerprint256 === server.fingerprint);
  const isDate = server.chainError !== null && DATE_ERRORS.has(server.chainError);
  const isOutdated = !isLeaf && isDate && leadsToOutdated(sent, pinned, nowMs);
  if (server.chainError !== null && !isLeaf && !isOutdated)
    return {
      status: 'fail',
      detail:
        "a client that trusts only the pinned certificate rejects the server's: " +
        `${describeChainError(server.chainError)}`,
      expected: 'a chain to the pinned certificate',
      observed: server.chainError,
      fix: isDate
        ? 'renew it'
        : "pin the server's root or intermediate and send the whole chain; after changing the CA, give the vendor " +
          'the new certificate',
      serverFixes: fixesFor('server-chain'),
    };
  if (!server.nameMatches)
    return { status: 'fail', detail: `the server's certificate does not cover ${name}`, ...otherName(name) };
  if (isOutdated)
    return {
      status: 'warn',
      detail:
        'its chain leads to the pinned certificate, which has expired or is not valid yet: Java ignores that, ' +
        'other clients do not',
      expected: 'a valid pinned certificate',
      observed: server.chainError,
      fix: 'give the vendor one that is valid now',
    };
  return {
    status: 'pass',
    detail: isLeaf
      ? "it is the server's own certificate: pin its CA instead, or every renewal breaks the connection"
      : 'its chain leads to the pinned certificate',
  };
}

/**
 * Nothing is wrong with what the server sent, as far as it leads to a pinned CA. OpenSSL reports one error of a chain,
 * so behind that of a date there may be another: what it would have looked at besides is looked at here.
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
