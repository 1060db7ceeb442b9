import { type CheckId, isWanted, narrowFixes, selectFindings, type FindingChoice } from '../../certs/checks.ts';
import { isSuccessStatus, namedSuccessRule } from '../../vendors/facts.ts';
import { judgeIdentity } from '../../certs/judge/identity.ts';
import { findUnproved, type GivenThings } from '../../certs/judge/proof.ts';
import { judgeSurvey, type SurveyJudgement } from '../../certs/judge/survey.ts';
import { surveyEndpoint, type SurveyStep, type SurveyPlan } from '../../certs/survey/survey-endpoint.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Finding, Server } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { Vendor } from '../../model/vendor.ts';
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

/**
 * Reads the certificate, surveys the endpoint, and judges what came back.
 * Throws AppError `usage`, `config` or `input` before anything is sent.
 */
export async function verifyCertificate(
  options: VerifyCertificateOptions,
  environment: SecretEnvironment,
  readConfig: () => Promise<Config>,
  clock: Clock,
  ids: Ids,
): Promise<CertificateDiagnosis> {
  const [startedAt, beganAt] = [clock.now(), performance.now()];
  requireChoice(options);
  const endpoint = await chooseEndpoint(options, readConfig);
  const certificate = await readClientCertificate({ ...endpoint.tls, clientCa: options.clientCa }, environment);
  const trust = await readTrust(options, environment);
  const offline = await judgeOwn(certificate, endpoint.vendor, startedAt, options.daysWarning);
  const requests = await makeProbeRequests(endpoint.url, endpoint.vendor, clock, ids);
  const success = namedSuccessRule(endpoint.vendor);
  const route = await findProbeRoute(endpoint.url, options);
  const survey = await surveyEndpoint({
    ...planOf(route, requests, certificate, options),
    ...trust,
    isSuccess: (status) => isSuccessStatus(status, success),
    nowMs: startedAt,
  });
  const judgement = judgeSurvey(survey, {
    name: route.name,
    nowMs: startedAt,
    insecure: options.insecure === true,
    daysWarning: options.daysWarning,
    success,
    certificates: certificate.own?.certificates ?? [],
    needsListedIssuer: endpoint.vendor?.trust.needsListedIssuer ?? null,
    pinned: trust.pinned,
    addressesLeftOut: route.leftOut,
    largeBodyBytes: requests.largeBodyBytes,
    offline,
  });
  const findings = chooseFindings([...offline, ...judgement.findings], judgement, { certificate, options, route });
  const unproved = findUnproved(findings, givenThings(certificate, options), options, judgement.silentVersions);
  const report = reportOf(endpoint.url, judgement, findings, unproved);
  return { answered: judgement.answered, report: { ...report, startedAt, durationMs: performance.now() - beganAt } };
}

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
  const { options } = circumstances;
  const unanswered = answered ? null : conclusion;
  return narrowFixes(
    selectFindings(findings, options, (id) => whyNot(id, { unanswered, ...circumstances })),
    options.server,
  );
}

const givenThings = (
  { own, clientCa }: ClientCertificate,
  { pin, clientCaKey, insecure }: VerifyCertificateOptions,
): GivenThings => ({
  certificate: own !== null,
  clientCa: clientCa !== null,
  clientCaKey: clientCaKey !== undefined,
  pin: pin !== undefined,
  server: insecure !== true,
});

function reportOf(
  url: URL,
  { verdict, answered, conclusion }: SurveyJudgement,
  findings: Finding[],
  unproved: readonly string[],
): Omit<Report, 'startedAt' | 'durationMs'> {
  const isChecked = findings.some(({ status }) => status !== 'skip');
  const remarks = !answered ? [] : isChecked ? unproved : ['none of the chosen checks could be made'];
  return {
    command: 'verify-cert',
    target: displayUrl(url),
    facts: { verdict },
    conclusion: [conclusion, ...remarks].join('; '),
    isGood: answered && isChecked && unproved.length === 0 && findings.every(({ status }) => status !== 'fail'),
    findings,
  };
}

/** Throws AppError `usage` when no check is left. */
function requireChoice(choice: FindingChoice): void {
  if (selectFindings([], choice, () => '').length === 0)
    throw new AppError('usage', '--only and --skip leave no check', {
      hint: 'name others; verify-cert --help lists them',
    });
}

function planOf(
  route: ProbeRoute,
  requests: ProbeRequests,
  { own, identity, ca, clientCa }: ClientCertificate,
  options: VerifyCertificateOptions,
): Omit<SurveyPlan, 'pin' | 'clientCaKey' | 'isSuccess' | 'nowMs'> {
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
    steps: stepsOf(options),
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
  R2: ['other-hosts', 'plain'],
};

function stepsOf(choice: FindingChoice): ReadonlySet<SurveyStep> {
  const entries = Object.entries(STEPS_OF_CHECK) as [CheckId, readonly SurveyStep[]][];
  return new Set(entries.filter(([id]) => isWanted(id, choice)).flatMap(([, steps]) => steps));
}

interface SkipCircumstances {
  /** Why no answer of the endpoint could be judged; null when one could. */
  unanswered: string | null;
  certificate: ClientCertificate;
  options: VerifyCertificateOptions;
  route: ProbeRoute;
}

/** Why a check that is wanted gave no finding. */
function whyNot(id: CheckId, { unanswered, certificate, options, route }: SkipCircumstances): string {
  if (id.startsWith('L')) return 'no certificate was given (--cert and --key, or --pfx)';
  if (unanswered !== null) return unanswered;
  if (id === 'S2')
    return options.pin === undefined ? 'no certificate was pinned (--pin)' : 'no handshake got far enough';
  if (id === 'P4')
    return options.clientCaKey === undefined
      ? 'needs the CA and its key (--client-ca and --client-ca-key)'
      : 'the server did not ask for a certificate';
  if (id === 'P9' && route.plainPorts.length === 0)
    return 'a rule leads the connection elsewhere: name the port with --plain-port';
  if (certificate.own === null) return 'no certificate was given (--cert and --key, or --pfx)';
  if (certificate.identity === null)
    return `the given certificate cannot be used: ${certificate.own.unusable ?? 'its key does not fit'}`;
  return id === 'P7' ? 'a small POST was no success, so a large one tells nothing' : 'no handshake got far enough';
}
