import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { fixesFor } from '../server-fixes.ts';
import { makeFinding, type Conclusion } from './finding.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

const DAY_MS = 86_400_000;

const UNREADABLE_DATES = 'its dates cannot be read';
/** OpenSSL's codes in words. */
const CHAIN_ERROR: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it, or one it depends on, has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_SIGNATURE_FAILURE: 'its signature is not that of its issuer',
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

export const describeChainError = (code: string): string => CHAIN_ERROR[code] ?? code;

type FailedChain = Omit<Conclusion, 'status' | 'fix'> & { fix: string };

/** Dates are no matter of configuration. */
function adviceFor(code: string): Pick<FailedChain, 'fix' | 'serverFixes'> {
  if (describeChainError(code) === UNREADABLE_DATES) return { fix: 'have it issued again' };
  if (code === 'CERT_HAS_EXPIRED') return { fix: 'renew it, and let the server load the new one' };
  if (code === 'CERT_NOT_YET_VALID') return { fix: 'compare the clocks of this machine and of its CA' };
  return {
    fix: 'send the leaf and its intermediates; for a CA of your own name it with --cacert, or leave this check out with --insecure',
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
    makeFinding(CHECKS.S1, null, conclusion, seenBy?.durationMs ?? 0);
  if (insecure) return conclude({ status: 'skip', detail: 'not judged: --insecure' });
  if (!seenBy?.server)
    return conclude({ status: 'skip', detail: 'no handshake came to its end, so nothing could be verified' });
  const { chainError, nameMatches, validTo } = seenBy.server;
  const fail = ({ detail, fix, ...rest }: FailedChain): Finding => {
    const told = seenBy.credentialsWithheld
      ? {
          detail: `${detail}; the credentials of the URL were kept from it`,
          fix: `${fix}; the other checks sent no credentials: --insecure sends them all the same`,
        }
      : { detail, fix };
    return conclude({ status: 'fail', ...told, ...rest });
  };
  // Whatever else is wrong: a date that nobody can read is plain to see, and nothing can be said of it.
  if (Number.isNaN(validTo))
    return fail({
      detail: UNREADABLE_DATES,
      expected: 'dates that can be read',
      observed: chainError ?? 'no date',
      ...adviceFor('ERROR_IN_CERT_NOT_AFTER_FIELD'),
    });
  if (chainError !== null)
    return fail({
      detail: describeChainError(chainError),
      expected: 'a chain to a trusted root',
      observed: chainError,
      ...adviceFor(chainError),
    });
  if (!nameMatches)
    return fail({
      detail: `it is for another name than ${name}`,
      expected: name,
      observed: 'other names',
      fix: `have it issued for ${name}`,
    });
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
  return conclude({ status: 'pass', detail: `chain and name are right, valid until ${day}` });
}
