import { fixFor } from '../server-fixes.ts';
import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { Visits, AddressVisits } from '../survey/visits.ts';
import {
  isPerLocation,
  isShutUnasked,
  judgeAdmission,
  type Admission,
  type AdmissionVerdict,
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
  const conclusion = isPerLocation(visits) ? PER_LOCATION : compareVersions(admissions, observed);
  return makeFinding(CHECKS.P6, { durationMs, observed, ...conclusion });
}

const SAME_ON_BOTH = 'the same on TLS 1.2 and TLS 1.3';

const PER_LOCATION: Conclusion = {
  status: 'fail',
  detail:
    'the certificate is asked for in one location only: TLS 1.3 cannot do that and refuses everybody, with ' +
    'the good certificate too',
  expected: SAME_ON_BOTH,
  ...fixFor('per-location'),
};

function compareVersions([first, ...others]: readonly VersionAdmission[], observed: string): Conclusion {
  if (first === undefined) return { status: 'skip', detail: 'no handshake got far enough' };
  if (others.length === 0) return judgeAlone(first);
  if (others.every(({ admission }) => admission === first.admission))
    return { status: 'pass', detail: 'the same on both' };
  const isUnsure = [first, ...others].some(({ admission }) => admission === 'unknown');
  return {
    status: isUnsure ? 'warn' : 'fail',
    detail: observed,
    expected: SAME_ON_BOTH,
    fix: 'whoever calls chooses the version: the weaker one counts',
  };
}

function judgeAlone({ version, admission, visit }: VersionAdmission): Conclusion {
  const alone = `${version} alone is spoken`;
  if (admission !== 'unknown' || !isShutUnasked(visit))
    return { status: 'skip', detail: `${alone}, so there is nothing to compare` };
  return {
    status: 'warn',
    detail:
      `${alone}, and it refuses everybody unasked: a certificate per location, or a rule that is not about ` +
      'certificates',
  };
}

interface VersionAdmission {
  visit: Visits;
  version: string;
  admission: Admission | null;
}

/**
 * An unasked refusal on TLS 1.3 has two explanations; where TLS 1.2 gives the same one, and asks neither, one is left.
 */
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

/** S3: DNS may give a caller any address of the name, so all must treat callers alike. */
export function judgeAddresses(addresses: readonly AddressVisits[], leftOut: number): Finding {
  const durationMs = Math.max(0, ...addresses.flatMap(({ visits }) => visits.map(({ without }) => without.durationMs)));
  const silent = addresses.filter(({ visits }) => visits.every(({ without }) => without.speaksTls !== true));
  const speaking = addresses
    .filter((one) => !silent.includes(one))
    .map(({ address, visits }) => ({ address, verdict: judgeAddress(visits), reception: receptionOf(visits) }));
  const observed = [
    ...speaking.map(
      ({ address, verdict, reception }) =>
        `${address}: ${VERDICT_TEXT[verdict]}${reception === '' ? '' : `, and the given one gets ${reception}`}`,
    ),
    ...silent.map(({ address, visits }) => `${address}: ${visits[0]?.without.reaction.text ?? 'not tried'}`),
  ].join('; ');
  const conclusion = compareAddresses(speaking, silent.length, leftOut);
  return makeFinding(CHECKS.S3, { durationMs, expected: 'the same at every address', observed, ...conclusion });
}

interface SpeakingAddress {
  address: string;
  verdict: AdmissionVerdict;
  reception: string;
}

function compareAddresses(speaking: readonly SpeakingAddress[], silent: number, leftOut: number): Conclusion {
  const [first] = speaking;
  if (first === undefined) return { status: 'skip', detail: 'no address answered TLS' };
  if (speaking.some(({ verdict, reception }) => verdict !== first.verdict || reception !== first.reception))
    return {
      status: 'fail',
      detail: 'the addresses of this host do not treat callers alike',
      ...fixFor('address-differs'),
    };
  if (silent > 0)
    return {
      status: 'warn',
      detail: 'not every address of this host answers TLS',
      fix: 'a vendor may be given any of them by DNS',
    };
  const all = `${speaking.length} addresses do the same`;
  if (leftOut > 0) return { status: 'warn', detail: `${all}; ${leftOut} more were not tried` };
  return { status: 'pass', detail: speaking.length === 1 ? `there is only ${first.address}` : all };
}

/**
 * What the good certificate gets there; empty without one. How a connection ends without an answer is left to chance.
 */
function receptionOf(visits: readonly Visits[]): string {
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  return [...new Set(goods.map(({ status }) => (status === null ? 'no answer' : `HTTP ${status}`)))].join(' or ');
}
