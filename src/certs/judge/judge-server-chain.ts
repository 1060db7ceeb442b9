import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { fixesFor } from '../fixes.ts';
import { makeFinding, type Conclusion } from './finding.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

const DAY_MS = 86_400_000;

/** OpenSSL's codes in words. */
const CHAIN_ERROR: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it, or one it depends on, has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_SIGNATURE_FAILURE: 'its signature is not that of its issuer',
  INVALID_CA: 'one of its issuers may not issue certificates',
  INVALID_PURPOSE: 'it is not meant for TLS servers',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its root CA is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not trusted, or an intermediate is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted, or an intermediate is missing',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not trusted, or an intermediate is missing',
};

export const describeChainError = (code: string): string => CHAIN_ERROR[code] ?? code;

/** Dates are no matter of configuration. */
function adviceFor(code: string): Pick<Conclusion, 'advice' | 'fixes'> {
  if (code === 'CERT_HAS_EXPIRED') return { advice: 'renew it, and let the server load the new one' };
  if (code === 'CERT_NOT_YET_VALID') return { advice: 'compare the clocks of this machine and of its CA' };
  return { advice: 'send the leaf and its intermediates; for a CA of your own name it with --cacert, or leave this check out with --insecure', fixes: fixesFor('server-chain') };
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
export function judgeServerChain(results: readonly ProbeResult[], { name, nowMs, insecure, daysWarning }: ServerChainOptions): Finding {
  const seenBy = results.find(({ server }) => server !== null);
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding => makeFinding(CHECKS.S1, null, conclusion, seenBy?.durationMs ?? 0);
  if (insecure) return conclude({ status: 'skip', detail: 'not judged: --insecure' });
  if (!seenBy?.server) return conclude({ status: 'skip', detail: 'no handshake came to its end, so nothing could be verified' });
  const { chainError, nameMatches, validTo } = seenBy.server;
  const day = new Date(validTo).toISOString().slice(0, 10);
  if (chainError !== null) {
    return conclude({
      status: 'fail',
      detail: describeChainError(chainError),
      expected: 'a chain to a trusted root',
      observed: chainError,
      ...adviceFor(chainError),
    });
  }
  if (!nameMatches) return conclude({ status: 'fail', detail: `it is for another name than ${name}`, expected: name, observed: 'other names', advice: `have it issued for ${name}` });
  if (validTo - nowMs < daysWarning * DAY_MS) {
    return conclude({ status: 'warn', detail: `it expires on ${day}`, expected: `valid for another ${daysWarning} days`, observed: day, advice: 'renew it' });
  }
  return conclude({ status: 'pass', detail: `chain and name are right, valid until ${day}` });
}
