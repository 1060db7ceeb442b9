import { type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { AGAIN, HELD_BACK, type ProbeResult } from '../probe/probe.ts';
import { fixFor } from '../server-fixes.ts';
import type { SeenChain } from '../survey/survey-endpoint.ts';
import { type AddressVisits, resultsOf, type Visits } from '../survey/visits.ts';
import { type AdmissionVerdict, judgeAddress, VERDICT_TEXT } from './admission.ts';

const sameAs = (one: Finding) => (other: { finding: Finding }) =>
  other.finding.status === one.status && other.finding.detail === one.detail;

/** One check, made at every address: one finding where it comes to the same, else one for each conclusion. */
export function judgeEachAddress(
  seen: readonly SeenChain[],
  judge: (results: readonly ProbeResult[]) => readonly Finding[],
): Finding[] {
  const found = seen.flatMap(({ address, results }) => judge(results).map((finding) => ({ address, finding })));
  const different = found.filter(({ finding }, index) => found.findIndex(sameAs(finding)) === index);
  if (different.length === 1) return different.map(({ finding }) => finding);
  return different.map(({ finding }) => {
    const addresses = found.filter(sameAs(finding)).map(({ address }) => address);
    return { ...finding, title: `${finding.title} (${addresses.join(', ')})` };
  });
}

/** S3: DNS may give a caller any address of the name, so all must treat callers alike. */
export function judgeAddresses(addresses: readonly AddressVisits[], leftOut: number): Finding {
  const durationMs = Math.max(0, ...addresses.flatMap(({ visits }) => visits.map(({ without }) => without.durationMs)));
  const silent = addresses.filter(({ visits }) => visits.every(({ without }) => without.speaksTls !== true));
  const speaking = addresses
    .filter((one) => !silent.includes(one))
    .map(({ address, visits }) => ({
      address,
      verdict: judgeAddress(visits),
      reception: receptionOf(visits),
      isHeldBack: visits.flatMap(resultsOf).some(({ status }) => status === TOO_MANY_REQUESTS),
    }));
  const observed = [
    ...speaking.map(
      ({ address, verdict, reception }) =>
        `${address}: ${VERDICT_TEXT[verdict]}${reception === '' ? '' : `, and yours gets ${reception}`}`,
    ),
    ...silent.map(({ address, visits }) => `${address}: ${visits[0]?.without.reaction.text ?? 'not tried'}`),
  ].join('; ');
  const conclusion = compareAddresses(speaking, silent.length, leftOut);
  return makeFinding(CHECKS.S3, { durationMs, expected: 'the same at every address', observed, ...conclusion });
}

/** RFC 6585 §4. A 503 at one address alone is more often a machine without its application. */
const TOO_MANY_REQUESTS = 429;

interface SpeakingAddress {
  address: string;
  verdict: AdmissionVerdict;
  reception: string;
  /** Some of its answers tell of a limit, and nothing of the caller. */
  isHeldBack: boolean;
}

function compareAddresses(speaking: readonly SpeakingAddress[], silent: number, leftOut: number): Conclusion {
  if (speaking.length === 0) return { status: 'skip', detail: 'no address answered TLS' };
  const telling = speaking.filter(({ isHeldBack }) => !isHeldBack);
  if (telling.some(({ verdict, reception }) => verdict !== telling[0]?.verdict || reception !== telling[0].reception))
    return {
      status: 'fail',
      detail: 'the addresses of this host treat callers differently',
      ...fixFor('address-differs'),
    };
  const [held, ...others] = speaking.filter(({ isHeldBack }) => isHeldBack);
  if (held !== undefined && speaking.length > 1)
    return {
      status: 'warn',
      detail: `${[held, ...others].map(({ address }) => address).join(', ')}: ${HELD_BACK}`,
      fix: AGAIN,
    };
  if (silent > 0)
    return {
      status: 'warn',
      detail: 'not every address of this host answers TLS',
      fix: 'DNS may send a vendor to any of them',
    };
  const all = `${speaking.length} addresses behave the same`;
  if (leftOut > 0) return { status: 'warn', detail: `${all}; ${leftOut} more not tried` };
  return { status: 'pass', detail: speaking.length === 1 ? `the only address is ${speaking[0]?.address}` : all };
}

/**
 * What the good certificate gets there; empty without one. How a connection ends without an answer is left to chance.
 */
function receptionOf(visits: readonly Visits[]): string {
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  return [...new Set(goods.map(({ status }) => (status === null ? 'no answer' : `HTTP ${status}`)))].join(' or ');
}
