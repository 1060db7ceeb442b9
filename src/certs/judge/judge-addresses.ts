import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';
import { describeReaction } from './judge-reaction.ts';
import { judgeAddress, VERDICT_TEXT } from './judge-verdict.ts';
import type { AddressVisits, Visits } from '../survey/visits.ts';

/** S3: whoever resolves the name may be given any of its addresses, so each must guard the endpoint as the others do. */
export function judgeAddresses(addresses: readonly AddressVisits[], leftOut: number): Finding {
  const durationMs = Math.max(0, ...addresses.flatMap(({ visits }) => visits.map(({ without }) => without.durationMs)));
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.S3, null, { expected: 'the same at every address', ...conclusion }, durationMs);
  const silent = addresses.filter(({ visits }) => visits.every(({ without }) => without.speaksTls !== true));
  const speaking = addresses
    .filter((one) => !silent.includes(one))
    .map(({ address, visits }) => ({ address, verdict: judgeAddress(visits), welcome: welcomeOf(visits) }));
  const observed = [
    ...speaking.map(
      ({ address, verdict, welcome }) =>
        `${address}: ${VERDICT_TEXT[verdict]}${welcome === '' ? '' : `, and the given one gets ${welcome}`}`,
    ),
    ...silent.map(
      ({ address, visits }) =>
        `${address}: ${visits[0] === undefined ? 'not tried' : describeReaction(visits[0].without)}`,
    ),
  ].join('; ');
  const [first] = speaking;
  if (first === undefined) return conclude({ status: 'skip', detail: 'no address answered TLS', observed });
  if (speaking.some(({ verdict, welcome }) => verdict !== first.verdict || welcome !== first.welcome)) {
    return conclude({
      status: 'fail',
      detail: 'the addresses of this host do not treat callers alike',
      observed,
      ...mend('address-differs'),
    });
  }
  if (silent.length > 0)
    return conclude({
      status: 'warn',
      detail: 'not every address of this host answers TLS',
      observed,
      fix: 'a vendor may be given any of them by DNS',
    });
  if (leftOut > 0)
    return conclude({
      status: 'warn',
      detail: `${addresses.length} addresses do the same; ${leftOut} more were not tried`,
      observed,
    });
  return conclude({
    status: 'pass',
    detail: addresses.length === 1 ? `there is only ${first.address}` : `${addresses.length} addresses do the same`,
    observed,
  });
}

/** What the good certificate gets there; empty without one. How a connection ends without an answer is left to chance. */
function welcomeOf(visits: readonly Visits[]): string {
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  return [...new Set(goods.map(({ status }) => (status === null ? 'no answer' : `HTTP ${status}`)))].join(' or ');
}
