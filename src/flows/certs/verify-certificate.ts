import { type CheckId, isWanted, narrowFixes, selectFindings, type FindingChoice } from '../../certs/checks.ts';
import { isSuccessStatus, namedSuccessRule } from '../../vendors/facts.ts';
import { judgeIdentity } from '../../certs/judge/identity.ts';
import { agreeWithEndpoint } from '../../certs/judge/rehearsal.ts';
import {
  type Aim,
  aimOf,
  concludeAim,
  findMissing,
  findUnproved,
  type GivenThings,
  isAimed,
} from '../../certs/judge/proof.ts';
import { judgeSurvey, type SurveyJudgement, type SurveyRules } from '../../certs/judge/survey.ts';
import { surveyEndpoint, type SurveyStep, type SurveyPlan } from '../../certs/survey/survey-endpoint.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Finding, Server } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import {
  chooseEndpoint,
  type EndpointOptions,
  findProbeRoute,
  type ProbeRoute,
  type ProbeRouteOptions,
  makeProbeRequests,
  type ProbeRequests,
} from './plan-probes.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import {
  readClientCertificate,
  type ClientCertificate,
  readTrust,
  type TrustOptions,
} from './read-client-certificate.ts';

export interface VerifyCertificateOptions extends EndpointOptions, ProbeRouteOptions, TrustOptions, FindingChoice {
  insecure?: boolean;
  /** Further names to begin handshakes with. */
  otherHost: readonly string[];
  /** Warn of certificates that expire within so many days. */
  daysWarning: number;
  /** Report changes for this server alone. */
  server?: Server;
  /** Milliseconds for everything together. */
  maxTime: number;
}

export interface CertificateDiagnosis {
  report: Report;
  /** Something there speaks TLS and completed more than that. */
  answered: boolean;
}

export interface CertificateEnvironment extends SecretEnvironment {
  vendors: VendorRegistry;
}

/**
 * Reads the certificate, surveys the endpoint, and judges what came back.
 * Throws AppError `usage`, `config` or `input` before anything is sent.
 */
export async function verifyCertificate(
  options: VerifyCertificateOptions,
  environment: CertificateEnvironment,
  readConfig: () => Promise<Config>,
  clock: Clock,
  ids: Ids,
  showProgress: (text: string) => void = () => undefined,
): Promise<CertificateDiagnosis> {
  const [startedAt, beganAt] = [clock.now(), performance.now()];
  requireChoice(options);
  const endpoint = await chooseEndpoint(options, environment.vendors, readConfig);
  const certificate = await readClientCertificate({ ...endpoint.tls, clientCa: options.clientCa }, environment);
  const trust = await readTrust(options, environment);
  const purpose = proofAimOf(endpoint.vendor, certificate, options);
  const offline = await judgeOwn(certificate, endpoint.vendor, startedAt, options.daysWarning);
  const requests = await makeProbeRequests(endpoint.url, endpoint.vendor, clock, ids);
  showProgress(`looking up ${endpoint.url.hostname}`);
  const route = await findProbeRoute(endpoint.url, options);
  const rules: SurveyRules = {
    ...rulesOf(route, options, endpoint.vendor),
    nowMs: startedAt,
    certificates: certificate.own?.certificates ?? [],
    clientCa: certificate.clientCa ?? [],
    pinned: trust.pinned,
    largeBodyBytes: requests.largeBodyBytes,
    offline,
  };
  const survey = await surveyEndpoint({
    ...planOf(route, requests, certificate, options, purpose.aim),
    ...trust,
    isSuccess: (status) => isSuccessStatus(status, rules.success),
    nowMs: startedAt,
    showProgress,
  });
  const judgement = judgeSurvey(survey, rules);
  const agreed = agreeWithEndpoint(judgement, rules);
  const findings = chooseFindings(agreed, judgement, { certificate, options, route, purpose });
  const report = reportOf(endpoint.url, judgement, findings, { options, purpose });
  return { answered: judgement.answered, report: { ...report, startedAt, durationMs: performance.now() - beganAt } };
}

const rulesOf = (
  { name, leftOut }: ProbeRoute,
  { insecure, daysWarning, skip }: VerifyCertificateOptions,
  vendor: Vendor | null,
): Omit<SurveyRules, 'nowMs' | 'certificates' | 'clientCa' | 'pinned' | 'largeBodyBytes' | 'offline'> => ({
  name,
  insecure: insecure === true,
  daysWarning,
  success: namedSuccessRule(vendor),
  needsListedIssuer: vendor?.trust.needsListedIssuer ?? null,
  addressesLeftOut: leftOut,
  leftOut: skip,
});

/** L1 to L12 of the given certificate; none without one. */
async function judgeOwn(
  { own, clientCa }: ClientCertificate,
  vendor: Vendor | null,
  nowMs: number,
  daysWarning: number,
): Promise<Finding[]> {
  if (own === null) return [];
  return judgeIdentity(own, {
    clientCa,
    ownKeyRule: vendor?.trust.ownKey ?? null,
    vendorTitle: vendor?.title ?? null,
    nowMs,
    daysWarning,
  });
}

/** Those that are wanted, each check at least once, with the changes for the wanted server. */
function chooseFindings(
  findings: readonly Finding[],
  { answered, conclusion }: SurveyJudgement,
  circumstances: Omit<SkipCircumstances, 'unanswered'>,
): Finding[] {
  const { options, purpose } = circumstances;
  const unanswered = answered ? null : conclusion;
  const aimed = findings.filter(({ id }) => isAimed(id as CheckId, purpose.aim, options));
  return narrowFixes(
    selectFindings(aimed, options, (id) => whyNot(id, { unanswered, ...circumstances })),
    options.server,
  );
}

/** What is to be proved, and for whom. */
interface ProofAim {
  aim: Aim;
  given: GivenThings;
  /** Of the vendor. */
  title: string;
}

function proofAimOf(
  vendor: Vendor | null,
  { own, clientCa }: ClientCertificate,
  { pin, clientCaKey, insecure }: VerifyCertificateOptions,
): ProofAim {
  const given = {
    certificate: own !== null,
    clientCa: clientCa !== null,
    clientCaKey: clientCaKey !== undefined,
    pin: pin !== undefined,
  };
  const aim = aimOf(vendor?.trust ?? null, given);
  const server = insecure !== true && aim !== 'pinned-certificate';
  return { aim, given: { ...given, server, plainHttp: aim !== 'client-certificate' }, title: vendor?.title ?? '' };
}

function reportOf(
  url: URL,
  judgement: SurveyJudgement,
  findings: Finding[],
  { options, purpose }: { options: VerifyCertificateOptions; purpose: ProofAim },
): Omit<Report, 'startedAt' | 'durationMs'> {
  const { verdict, answered, conclusion } = judgement;
  const isChecked = findings.some(({ status }) => status !== 'skip');
  const unproved = [
    ...findUnproved(findings, purpose.given, options, judgement.silentVersions),
    ...explainAim(purpose, judgement, options),
  ];
  const remarks = !answered ? [] : isChecked ? unproved : ['none of the chosen checks could be made'];
  const { aim } = purpose;
  const headline = !answered || aim === 'client-certificate' ? conclusion : concludeAim(findings, aim);
  const isGood = answered && isChecked && unproved.length === 0 && findings.every(({ status }) => status !== 'fail');
  const missing = isGood && aim === 'client-certificate' ? findMissing(purpose.given, options) : [];
  return {
    command: 'verify-cert',
    target: displayUrl(url),
    facts: { verdict },
    conclusion: [headline, ...remarks, ...missing].join('; '),
    isGood,
    findings,
  };
}

/** What stands in the way where the vendor shows no client certificate. Checks that were named stand for themselves. */
function explainAim({ aim, title }: ProofAim, { refusal }: SurveyJudgement, { only }: FindingChoice): string[] {
  if (aim === 'client-certificate' || only.length > 0) return [];
  return [
    ...(aim === 'server-alone'
      ? [
          `${title} sends no client certificate, and no trusted certificate was given (--pin; --cert, if yours ` +
            'sends one)',
        ]
      : []),
    ...(refusal === null ? [] : [`a POST without a client certificate, which ${title} does not send, gets ${refusal}`]),
  ];
}

/** Throws AppError `usage` when no check is left. */
function requireChoice(choice: FindingChoice): void {
  if (selectFindings([], choice, () => '').length === 0)
    throw new AppError('usage', '--only and --skip leave no check', {
      hint: 'choose others: webhook help certificates lists them',
    });
}

function planOf(
  route: ProbeRoute,
  requests: ProbeRequests,
  { own, identity, ca, clientCa }: ClientCertificate,
  options: VerifyCertificateOptions,
  aim: Aim,
): Omit<SurveyPlan, 'pin' | 'clientCaKey' | 'isSuccess' | 'nowMs' | 'showProgress'> {
  return {
    name: route.name,
    port: route.port,
    addresses: route.addresses,
    isLocalhost: route.isLocalhost,
    otherHosts: options.otherHost,
    postTo: requests.toHost,
    plainPorts: route.plainPorts.map(({ host, port, asked }) => ({ host, port, post: requests.toPort(asked) })),
    post: requests.post,
    large: requests.large,
    identity,
    certificates: own?.certificates ?? [],
    ca,
    clientCa: clientCa ?? [],
    steps: stepsOf(options, aim),
    lookupError: route.lookupError,
    insecure: options.insecure === true,
    maxTimeMs: route.timeLeftMs,
  };
}

/** R2 counts every bypass. */
const STEPS_OF_CHECK: Partial<Record<CheckId, readonly SurveyStep[]>> = {
  S2: ['pinned'],
  P4: ['wrongly-issued'],
  P7: ['large'],
  P8: ['other-hosts'],
  P9: ['plain'],
  P10: ['other-hosts'],
  P11: ['claims', 'other-hosts', 'plain'],
  R2: ['claims', 'other-hosts', 'plain'],
};

function stepsOf(choice: FindingChoice, aim: Aim): ReadonlySet<SurveyStep> {
  const entries = Object.entries(STEPS_OF_CHECK) as [CheckId, readonly SurveyStep[]][];
  return new Set(
    entries.filter(([id]) => isWanted(id, choice) && isAimed(id, aim, choice)).flatMap(([, steps]) => steps),
  );
}

interface SkipCircumstances {
  /** Why no answer of the endpoint could be judged; null when one could. */
  unanswered: string | null;
  certificate: ClientCertificate;
  options: VerifyCertificateOptions;
  route: ProbeRoute;
  purpose: ProofAim;
}

/** Why a check that is wanted gave no finding. */
function whyNot(id: CheckId, { unanswered, certificate, options, route, purpose }: SkipCircumstances): string {
  if (id.startsWith('L')) return 'no certificate was given (--cert and --key, or --pfx)';
  if (unanswered !== null) return unanswered;
  if (!isAimed(id, purpose.aim, options))
    return id === 'S1'
      ? `${purpose.title} trusts only the pinned certificate (S2)`
      : `${purpose.title} sends no client certificate`;
  if (id === 'S2')
    return options.pin === undefined ? 'no certificate was pinned (--pin)' : 'no handshake got far enough';
  if (id === 'P4')
    return options.clientCaKey === undefined
      ? 'needs the CA and its key (--client-ca and --client-ca-key)'
      : 'the server did not ask for a certificate';
  if (id === 'P11') return 'no caller without a valid certificate got an answer that a header could change';
  if (id === 'P9' && route.plainPorts.length === 0)
    return 'a rule redirects the connection: give the port with --plain-port';
  if (certificate.own === null) return 'no certificate was given (--cert and --key, or --pfx)';
  if (certificate.identity === null)
    return `the given certificate cannot be used: ${certificate.own.unusable ?? 'its key does not match'}`;
  return id === 'P7' ? 'a small POST did not succeed, so a large one proves nothing' : 'no handshake got far enough';
}
