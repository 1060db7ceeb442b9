import { fixFor } from '../server-fixes.ts';
import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { Visits, AddressVisits } from '../survey/visits.ts';
import {
  isPerLocation,
  isShutUnasked,
  judgeAdmission,
  type Admission,
  VERDICT_TEXT,
  judgeAddress,
} from './admission.ts';

/** P6: the versions side by side, `visits` being those of one address that speak TLS. */
export function judgeVersions(visits: readonly Visits[]): Finding {
  const admissions = explainByOtherVersion(
    visits
      .map((visit) => ({
        visit,
        version: visit.without.version.replace('TLSv', 'TLS '),
        admission: judgeAdmission(visit),
      }))
      .filter(({ admission }) => admission !== null),
  );
  const durationMs = Math.max(0, ...visits.map(({ without }) => without.durationMs));
  const observed = admissions
    .map(({ version, admission, visit }) => `${version}: ${describeAdmission(admission, visit)}`)
    .join('; ');
  const conclude = (conclusion: Conclusion): Finding => makeFinding(CHECKS.P6, { durationMs, observed, ...conclusion });
  const [first, ...others] = admissions;
  if (isPerLocation(visits)) {
    return conclude({
      status: 'fail',
      detail:
        'the certificate is asked for in one location only: TLS 1.3 cannot do that and refuses everybody, with the good certificate too',
      expected: 'the same on TLS 1.2 and TLS 1.3',
      ...fixFor('per-location'),
    });
  }
  if (first !== undefined && others.length === 0) {
    const alone = `${first.version} alone is spoken`;
    return first.admission === 'unknown' && isShutUnasked(first.visit)
      ? conclude({
          status: 'warn',
          detail: `${alone}, and it refuses everybody unasked: a certificate per location, or a rule that is not about certificates`,
        })
      : conclude({ status: 'skip', detail: `${alone}, so there is nothing to compare` });
  }
  if (first === undefined) return conclude({ status: 'skip', detail: 'no handshake got far enough' });
  if (others.every(({ admission }) => admission === first.admission))
    return conclude({ status: 'pass', detail: 'the same on both' });
  const isUnsure = admissions.some(({ admission }) => admission === 'unknown');
  return conclude({
    status: isUnsure ? 'warn' : 'fail',
    detail: observed,
    expected: 'the same on TLS 1.2 and TLS 1.3',
    fix: 'whoever calls chooses the version: the weaker one counts',
  });
}

interface VersionAdmission {
  visit: Visits;
  version: string;
  admission: Admission | null;
}

/** An unasked refusal on TLS 1.3 has two explanations; where TLS 1.2 gives the same one, and asks neither, one is left. */
function explainByOtherVersion(admissions: readonly VersionAdmission[]): VersionAdmission[] {
  const open = admissions.find(({ admission }) => admission === 'never-asks');
  return admissions.map((one) =>
    open !== undefined &&
    one.admission === 'unknown' &&
    isShutUnasked(one.visit) &&
    one.visit.without.status === open.visit.without.status
      ? { ...one, admission: open.admission }
      : one,
  );
}

function describeAdmission(admission: Admission | null, { without }: Visits): string {
  if (admission === 'unknown' || admission === null)
    return `not known (without a certificate: ${without.reaction.text})`;
  return VERDICT_TEXT[admission];
}

/** S3: whoever resolves the name may be given any of its addresses, so each must guard the endpoint as the others do. */
export function judgeAddresses(addresses: readonly AddressVisits[], leftOut: number): Finding {
  const durationMs = Math.max(0, ...addresses.flatMap(({ visits }) => visits.map(({ without }) => without.durationMs)));
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.S3, { durationMs, expected: 'the same at every address', ...conclusion });
  const silent = addresses.filter(({ visits }) => visits.every(({ without }) => without.speaksTls !== true));
  const speaking = addresses
    .filter((one) => !silent.includes(one))
    .map(({ address, visits }) => ({ address, verdict: judgeAddress(visits), welcome: welcomeOf(visits) }));
  const observed = [
    ...speaking.map(
      ({ address, verdict, welcome }) =>
        `${address}: ${VERDICT_TEXT[verdict]}${welcome === '' ? '' : `, and the given one gets ${welcome}`}`,
    ),
    ...silent.map(({ address, visits }) => `${address}: ${visits[0]?.without.reaction.text ?? 'not tried'}`),
  ].join('; ');
  const [first] = speaking;
  if (first === undefined) return conclude({ status: 'skip', detail: 'no address answered TLS', observed });
  if (speaking.some(({ verdict, welcome }) => verdict !== first.verdict || welcome !== first.welcome)) {
    return conclude({
      status: 'fail',
      detail: 'the addresses of this host do not treat callers alike',
      observed,
      ...fixFor('address-differs'),
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
