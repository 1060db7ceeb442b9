import type { X509Certificate } from 'node:crypto';
import { type Finding, makeFinding, type Conclusion } from '../../model/finding.ts';
import { isSuccessStatus, type NamedSuccessRule } from '../../vendors/facts.ts';
import { type CheckId, CHECKS } from '../checks.ts';
import { AGAIN, HELD_BACK, mayBeRateLimit, type ProbeResult, type Reaction } from '../probe/probe.ts';
import type { TlsVersion } from '../probe/tls-messages.ts';
import { fixFor } from '../server-fixes.ts';
import type { Survey } from '../survey/survey-endpoint.ts';
import { resultsOf, type Visits } from '../survey/visits.ts';
import {
  isEnforced,
  judgeVerdict,
  VERDICT_TEXT,
  type AdmissionVerdict,
  isPerLocation,
  isShutUnasked,
  judgeAdmission,
  type Admission,
} from './admission.ts';
import { judgeAddresses, judgeEachAddress } from './addresses.ts';
import { judgeOtherHost, judgeSessionReuse, judgePlainHttp } from './bypass.ts';
import {
  judgeEnforcement,
  judgeImpostor,
  judgeNoCertificate,
  judgeSelfSigned,
  judgeWronglyIssued,
  judgeWhoAnswered,
} from './enforcement.ts';
import { judgeClaims } from './claims.ts';
import { judgeCertificateSent, judgeGood, judgeLargeBody } from './given-certificate.ts';
import { judgeCaList, judgeRequestSeen, judgeSignatureSchemes } from './handshake.ts';
import { type ClientTrust, judgePublicAuthorities } from './public-authorities.ts';
import { judgePinned, judgeServerChain, type ServerChainOptions } from './server-certificate.ts';

/** What a survey is judged by. */
export interface SurveyRules extends ServerChainOptions, ClientTrust {
  success: NamedSuccessRule;
  /** The vendor's TLS library sends no certificate when the server's list does not name its issuer. */
  needsListedIssuer: { note?: string } | null;
  /** What `--pin` names. */
  pinned: readonly X509Certificate[];
  /** How many addresses of the host were not tried. */
  addressesLeftOut: number;
  largeBodyBytes: number;
  /** The checks that the user leaves out. */
  leftOut: readonly CheckId[];
  /** What was concluded of the certificate's files. */
  offline: readonly Finding[];
}

export interface SurveyJudgement {
  verdict: AdmissionVerdict;
  /** Something there speaks TLS and completed more than that. */
  answered: boolean;
  /** In one line of plain words. */
  conclusion: string;
  /** Those of which it is not even known whether the server speaks them. */
  silentVersions: readonly TlsVersion[];
  /** What who shows no certificate gets, where that says that the certificate is why; null elsewhere. */
  refusal: string | null;
  /** Of the checks that could be made, in no order. */
  findings: readonly Finding[];
}

/** Judges what a survey saw. Pure. */
export function judgeSurvey(survey: Survey, rules: SurveyRules): SurveyJudgement {
  const { main, addresses } = survey;
  const without = main.visits.map((visit) => visit.without);
  if (!without.some(({ speaksTls }) => speaksTls === true)) return judgeSilence(without);
  const spoken = main.visits.filter((visit) => visit.without.reaction.kind !== 'not-offered');
  const around = [
    ...(rules.leftOut.includes('N5') ? [] : [judgePublicAuthorities(reached(addresses), rules)]),
    ...judgeBypasses(survey),
  ];
  const bypasses = around.filter(({ status }) => status === 'fail');
  const admission = judgeVerdict(reached(addresses));
  const verdict = judgeWhole(admission, bypasses);
  const findings = [
    ...judgeEachAddress(survey.chainSeen, (results) => [judgeServerChain(results, rules)]),
    ...judgeEachAddress(survey.pinned, (results) => results.map((seen) => judgePinned(seen, rules))),
    judgeAddresses(addresses, rules.addressesLeftOut),
    ...without.map(judgeRequestSeen),
    ...spoken.flatMap((visit) => judgeVisit(visit, rules)),
    ...survey.wronglyIssued.map(({ what, result, visits }) => judgeWronglyIssued(what, result, visits)),
    judgeVersions(main.visits),
    ...survey.large.map((result) => judgeLargeBody(result, rules.success, rules.largeBodyBytes)),
    ...around,
    judgeWhoAnswered(without),
    judgeEnforcement(verdict, { visits: spoken, bypasses, offline: rules.offline, success: rules.success }),
  ];
  const answered = without.some(({ ending }) => ending !== 'timeout');
  return {
    verdict,
    answered,
    silentVersions: without
      .filter(({ serverHello, reaction }) => !serverHello && reaction.kind !== 'not-offered')
      .map(({ version }) => version),
    refusal: without.map(({ reaction }) => reaction).find(isForCertificate)?.text ?? null,
    conclusion: answered
      ? conclude(verdict, admission, { spoken, bypasses }, rules.success)
      : 'TLS answered, but no HTTP response came in time',
    findings,
  };
}

function judgeSilence(without: readonly ProbeResult[]): SurveyJudgement {
  const [first] = without;
  return {
    verdict: 'inconclusive',
    answered: false,
    silentVersions: without.map(({ version }) => version),
    refusal: null,
    conclusion: `nothing answered TLS${first === undefined ? '' : `: ${first.reaction.text}`}`,
    findings: without.map(judgeRequestSeen),
  };
}

const isForCertificate = (reaction: Reaction): boolean => reaction.kind === 'refused' && reaction.explicit;

/** Other routes to the webhook than a handshake under its own name. */
function judgeBypasses({ main, otherHosts, plain, claims }: Survey): Finding[] {
  return [
    ...(otherHosts.length === 0
      ? []
      : [judgeOtherHost(otherHosts, main.visits), judgeSessionReuse(otherHosts, main.visits)]),
    ...(plain.length === 0 ? [] : [judgePlainHttp(plain)]),
    ...judgeClaims(claims, main.visits),
  ];
}

/** Those that prove that somebody without a good certificate gets in. Plain http (P9) is a port of its own. */
const OPENING: ReadonlySet<string> = new Set<CheckId>(['P8', 'P10', 'P11']);

/**
 * An endpoint that enforces a certificate still admits anyone when a proven route on the same port bypasses it. Of a
 * public CA none was tried: there enforcement is not disproved, but no longer proved.
 */
function judgeWhole(verdict: AdmissionVerdict, bypasses: readonly Finding[]): AdmissionVerdict {
  const isPublic = bypasses.some(({ id }) => id === CHECKS.N5.id);
  const isOpen = bypasses.some(({ id }) => OPENING.has(id));
  const isShut = isEnforced(verdict) || verdict === 'inconclusive' || verdict === 'refuses-everybody';
  if (isOpen && isShut) return 'admits-anyone';
  return isPublic && isEnforced(verdict) ? 'inconclusive' : verdict;
}

/** The verdict, and whether the given certificate is accepted as it should be. */
function conclude(
  verdict: AdmissionVerdict,
  admission: AdmissionVerdict,
  { spoken: visits, bypasses }: { spoken: readonly Visits[]; bypasses: readonly Finding[] },
  success: NamedSuccessRule,
): string {
  const open = bypasses.find(({ id }) => id === CHECKS.N5.id);
  if (verdict === 'inconclusive' && isEnforced(admission) && open !== undefined)
    return `${VERDICT_TEXT[admission]}, but ${open.detail}`;
  const failing = visits.flatMap(({ good }) => (good === null || isSuccessStatus(good.status, success) ? [] : [good]));
  if (!isEnforced(verdict) || failing.length === 0) return VERDICT_TEXT[verdict];
  const gets = [...new Set(failing.map(({ reaction }) => reaction.text))].join(', ');
  const where =
    failing.length === visits.filter(({ good }) => good !== null).length
      ? ''
      : ` on ${failing.map(({ version }) => version.replace('TLSv', 'TLS ')).join(', ')}`;
  return `${VERDICT_TEXT[verdict]}, but yours gets ${gets}${where}`;
}

/**
 * An address where nobody listens, or that cannot be reached from here, admits nobody; S3 warns of it. Many machines
 * have no route to IPv6 addresses, and a verdict on the other addresses still counts.
 */
const reached = (addresses: Survey['addresses']): Survey['addresses'] =>
  addresses.filter(({ visits }) => visits.some(({ without }) => without.connected));

/** The checks that are made on each TLS version. */
function judgeVisit(visit: Visits, { certificates, needsListedIssuer, success, offline }: SurveyRules): Finding[] {
  return [
    judgeCaList(visit.without, { chain: certificates, rule: needsListedIssuer }),
    judgeSignatureSchemes(visit.without, certificates[0]?.publicKey ?? null),
    ...(visit.good === null ? [] : [judgeCertificateSent(visit.good), judgeGood(visit.good, success, offline)]),
    judgeNoCertificate(visit),
    judgeSelfSigned(visit),
    judgeImpostor(visit, "the CA's name is unknown or cannot be copied: give --cert or --client-ca"),
  ];
}

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
    'the certificate is requested in one location only: TLS 1.3 cannot do that and refuses every request, ' +
    'even with a valid certificate',
  expected: SAME_ON_BOTH,
  ...fixFor('per-location'),
};

function compareVersions([first, ...others]: readonly VersionAdmission[], observed: string): Conclusion {
  if (first === undefined) return { status: 'skip', detail: 'no handshake got far enough' };
  if (others.length === 0) return judgeAlone(first);
  const isHeld = ({ admission, visit }: VersionAdmission): boolean =>
    admission === 'unknown' && resultsOf(visit).some(({ status }) => mayBeRateLimit(status));
  if ([first, ...others].some(isHeld)) return { status: 'warn', detail: `${observed}: ${HELD_BACK}`, fix: AGAIN };
  if (others.every(({ admission }) => admission === first.admission))
    return { status: 'pass', detail: 'the same on both versions' };
  const isUnsure = [first, ...others].some(({ admission }) => admission === 'unknown');
  return {
    status: isUnsure ? 'warn' : 'fail',
    detail: observed,
    expected: SAME_ON_BOTH,
    fix: 'the caller chooses the version, so the weaker one counts',
  };
}

function judgeAlone({ version, admission, visit }: VersionAdmission): Conclusion {
  const alone = `the server speaks only ${version}`;
  if (admission !== 'unknown' || !isShutUnasked(visit))
    return { status: 'skip', detail: `${alone}, so there is nothing to compare` };
  return {
    status: 'warn',
    detail:
      `${alone}, and it refuses every request without asking for a certificate: either it asks per location, ` +
      'or its rule is not about certificates',
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
  if (admission === 'unknown' || admission === null) return `unknown (without a certificate: ${without.reaction.text})`;
  return VERDICT_TEXT[admission];
}
