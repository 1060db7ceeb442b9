import type { ProbeResult } from '../probe/probe-result.ts';
import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { Survey } from '../survey/survey-endpoint.ts';
import { isSuccessStatus, type NamedSuccessRule } from '../../vendors/facts.ts';
import { judgeAddresses, judgeVersions } from './consistency.ts';
import { judgeCaList, judgeCertificateSent, judgeRequestSeen, judgeSignatureSchemes } from './handshake.ts';
import {
  judgeEnforcement,
  judgeImpostor,
  judgeNoCertificate,
  judgeSelfSigned,
  judgeWronglyIssued,
  judgeWhoAnswered,
} from './enforcement.ts';
import { judgeGood, judgeLargeBody } from './given-certificate.ts';
import { judgeOtherHost, judgeSessionReuse, judgePlainHttp } from './bypass.ts';
import { judgePinned, judgeServerChain, type ServerChainOptions } from './server-certificate.ts';
import { isEnforced, judgeVerdict, VERDICT_TEXT, type AdmissionVerdict } from './admission.ts';
import type { Visits } from '../survey/visits.ts';

/** What a survey is judged by. */
export interface SurveyRules extends ServerChainOptions {
  success: NamedSuccessRule;
  /** The user's certificate as it goes out, leaf first; empty without one. */
  certificates: readonly X509Certificate[];
  /** The vendor's TLS library sends no certificate when the server's list does not name its issuer. */
  needsListedIssuer: { note?: string } | null;
  /** What `--pin` names. */
  pinned: readonly X509Certificate[];
  /** How many addresses of the host were not tried. */
  addressesLeftOut: number;
  largeBodyBytes: number;
  /** What was concluded of the certificate's files. */
  offline: readonly Finding[];
}

export interface SurveyJudgement {
  verdict: AdmissionVerdict;
  /** Something there speaks TLS and completed more than that. */
  answered: boolean;
  /** In one line of plain words. */
  conclusion: string;
  /** Of the checks that could be made, in no order. */
  findings: readonly Finding[];
}

/** Judges what a survey saw. Pure. */
export function judgeSurvey(survey: Survey, rules: SurveyRules): SurveyJudgement {
  const { main, addresses } = survey;
  const without = main.visits.map((visit) => visit.without);
  if (!without.some(({ speaksTls }) => speaksTls === true)) return judgeSilence(without);
  const spoken = main.visits.filter((visit) => visit.without.reaction.kind !== 'not-offered');
  const around = judgeBypasses(survey);
  const bypasses = around.filter(({ status }) => status === 'fail');
  const verdict = judgeWhole(judgeVerdict(reached(addresses)), bypasses);
  const findings = [
    judgeServerChain(survey.chainSeen, rules),
    ...(survey.pinned === null ? [] : [judgePinned(survey.pinned, rules)]),
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
    conclusion: answered
      ? conclude(verdict, spoken, rules.success)
      : 'TLS answered, but nothing more came before the time was up',
    findings,
  };
}

function judgeSilence(without: readonly ProbeResult[]): SurveyJudgement {
  const [first] = without;
  return {
    verdict: 'inconclusive',
    answered: false,
    conclusion: `nothing answered TLS${first === undefined ? '' : `: ${first.reaction.text}`}`,
    findings: without.map(judgeRequestSeen),
  };
}

/** Other routes to the webhook than a handshake under its own name. */
function judgeBypasses({ main, otherHosts, plain }: Survey): Finding[] {
  return [
    ...(otherHosts.length === 0
      ? []
      : [judgeOtherHost(otherHosts, main.visits), judgeSessionReuse(otherHosts, main.visits)]),
    ...(plain.length === 0 ? [] : [judgePlainHttp(plain)]),
  ];
}

/** An endpoint that enforces a certificate still admits anyone when a proven route on the same port bypasses it. */
function judgeWhole(verdict: AdmissionVerdict, bypasses: readonly Finding[]): AdmissionVerdict {
  const isOpen = bypasses.some(({ id }) => id === CHECKS.P8.id || id === CHECKS.P10.id);
  return isOpen && (isEnforced(verdict) || verdict === 'inconclusive') ? 'admits-anyone' : verdict;
}

/** The verdict, and whether the given certificate is accepted as it should be. */
function conclude(verdict: AdmissionVerdict, visits: readonly Visits[], success: NamedSuccessRule): string {
  const failing = visits.flatMap(({ good }) => (good === null || isSuccessStatus(good.status, success) ? [] : [good]));
  if (!isEnforced(verdict) || failing.length === 0) return VERDICT_TEXT[verdict];
  const gets = [...new Set(failing.map(({ reaction }) => reaction.text))].join(', ');
  const where =
    failing.length === visits.filter(({ good }) => good !== null).length
      ? ''
      : ` on ${failing.map(({ version }) => version.replace('TLSv', 'TLS ')).join(', ')}`;
  return `${VERDICT_TEXT[verdict]}, but the given one gets ${gets}${where}`;
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
    judgeImpostor(visit, 'the name of the CA is not known, or cannot be copied: give --cert or --client-ca'),
  ];
}
