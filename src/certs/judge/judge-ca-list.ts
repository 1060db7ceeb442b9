import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { FIXES, fixesFor } from '../server-fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { issuerNameOf } from '../der/read-der.ts';
import { describeName, nameTheSame } from '../der/read-name.ts';
import { makeFinding } from './finding.ts';
import { whyNoRequest } from './why-no-request.ts';

export interface CaListGiven {
  /** Leaf first, as it is sent; empty when no certificate was given. */
  chain: readonly X509Certificate[];
  /** Says why the vendor's TLS library sends nothing to a server that names other CAs; null when it does not care. */
  rule: { note: string } | null;
}

const MAX_NAMES_SHOWN = 3;
const MAX_NAMES_OBSERVED = 20;

/** N2: does the server's list of acceptable CAs name an issuer of what is sent? */
export function judgeCaList(result: ProbeResult, { chain, rule }: CaListGiven): Finding {
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(CHECKS.N2, result.version, conclusion, result.durationMs);
  const { request } = result;
  if (request === null) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  const { authorities } = request;
  if (authorities.length === 0)
    return conclude({ status: 'pass', detail: 'it names none, so any will do', observed: 'an empty list' });
  const listed = listNames(authorities, MAX_NAMES_SHOWN);
  const observed = listNames(authorities, MAX_NAMES_OBSERVED);
  if (chain.length === 0)
    return conclude({ status: 'skip', detail: `no certificate was given to compare; it names ${listed}`, observed });

  const issuers = chain.map(issuerNameOf);
  const named = issuers.find((issuer) => authorities.some((name) => name.equals(issuer)));
  if (named !== undefined) return conclude({ status: 'pass', detail: `it names ${describeName(named)}`, observed });
  const expected = issuers
    .filter((issuer, index) => issuers.findIndex((one) => one.equals(issuer)) === index)
    .map(describeName)
    .join(' or ');
  const alike = issuers.find((issuer) => authorities.some((name) => nameTheSame(name, issuer)));
  if (alike !== undefined) {
    return conclude({
      status: 'warn',
      detail: `it names ${describeName(alike)}, but spelled in other bytes: a client that compares those sends no certificate`,
      expected,
      observed,
      fix: 'give the server the very CA certificate that issued the client certificate',
      serverFixes: fixesFor('ca-list'),
    });
  }
  return conclude({
    status: rule === null ? 'warn' : 'fail',
    detail: `it names ${listed}, none of which issued the certificate: ${rule?.note ?? 'some clients, Java for one, then send none'}`,
    expected,
    observed,
    fix: FIXES['ca-list'].fix,
    serverFixes: fixesFor('ca-list'),
  });
}

/** In quotes of their own: a name has commas in it. */
function listNames(names: readonly Buffer[], maxShown: number): string {
  const shown = names
    .slice(0, maxShown)
    .map((name) => `"${describeName(name)}"`)
    .join(', ');
  return names.length > maxShown ? `${shown} and ${names.length - maxShown} more` : shown;
}
