import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CheckId } from '../certs/checks.ts';
import { isSuccess, type SuccessRule } from '../certs/judge/judge-good.ts';
import { judgeIdentity } from '../certs/judge/judge-identity.ts';
import { judgeSurvey } from '../certs/judge/judge-survey.ts';
import { VERDICT_TEXT } from '../certs/judge/judge-verdict.ts';
import { isWanted, narrowFixes, selectFindings, type FindingChoice } from '../certs/judge/select-findings.ts';
import { findAddresses } from '../certs/probe/find-addresses.ts';
import { surveyEndpoint, type Step, type SurveyPlan } from '../certs/survey/survey-endpoint.ts';
import { findRoute, parseConnectToRule, parseResolveRule, type Route } from '../deliver/rules.ts';
import { displayUrl } from '../deliver/target.ts';
import type { Clock, Ids } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Server } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import type { Vendor } from '../model/vendor.ts';
import type { Config } from '../model/webhook.ts';
import { chooseEndpoint, type EndpointOptions } from './choose-endpoint.ts';
import type { Machine } from './equip-target.ts';
import { makeCalls, type Calls } from './make-calls.ts';
import { readCaFile, readCaKey, readClientCertificate, type ClientCertificate } from './read-client-certificate.ts';

export interface VerifyOptions extends EndpointOptions {
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Instead of the URL's host: SNI, and the name the server's certificate must carry. */
  servername?: string;
  /** Further names to begin handshakes with. */
  otherHost: readonly string[];
  /** Where to look for the webhook in plain http: 80 for an https port of 443, else the port itself. */
  plainPort: readonly number[];
  /** PEM file: what the server trusts for clients. */
  clientCa?: string;
  /** PEM file: its private key, to issue certificates that must be refused. */
  clientCaKey?: string;
  clientCaPassphraseEnv?: string;
  clientCaPassphraseFile?: string;
  /** PEM file: trusted alone. */
  pin?: string;
  daysWarning: number;
  /** Tell what to change for this server alone. */
  server?: Server;
  only: readonly CheckId[];
  skip: readonly CheckId[];
  /** Milliseconds for everything together. */
  maxTime: number;
}

export interface Diagnosis {
  report: Report;
  /** Something there speaks TLS. */
  answered: boolean;
}

/**
 * Reads the certificate, calls the endpoint in every way that tells something, and judges what came back.
 * Throws AppError `usage`, `config` or `input` before anything is sent.
 */
export async function verifyCertificate(options: VerifyOptions, machine: Machine, readConfig: () => Promise<Config>, clock: Clock, ids: Ids): Promise<Diagnosis> {
  const [startedAt, beganAt] = [clock.now(), performance.now()];
  const endpoint = await chooseEndpoint(options, readConfig);
  const { url, vendor } = endpoint;
  const certificate = await readClientCertificate({ ...endpoint.tls, clientCa: options.clientCa }, machine);
  const trust = await readTrust(options, machine);
  const offline = certificate.own === null ? [] : await judgeIdentity(certificate.own, {
    clientCa: certificate.clientCa,
    ownKeyRule: vendor?.trust.clientCertificate?.ownKey ?? null,
    vendorTitle: vendor?.title ?? null,
    nowMs: startedAt,
    daysWarning: options.daysWarning,
  });
  const calls = await makeCalls(url, vendor, clock, ids);
  const success = successRule(vendor);
  const way = await findWay(url, options);
  const survey = await surveyEndpoint({ ...planOf(way, calls, certificate, options), ...trust, isSuccess: (status) => isSuccess(status, success), nowMs: startedAt });
  const { verdict, answered, findings } = judgeSurvey(survey, {
    name: way.name,
    nowMs: startedAt,
    insecure: options.insecure === true,
    daysWarning: options.daysWarning,
    success,
    certificates: certificate.own?.certificates ?? [],
    needsListedIssuer: vendor?.trust.needsListedIssuer ?? null,
    pinned: trust.pinned,
    addressesLeftOut: way.leftOut,
    largeBodyBytes: calls.largeBodyBytes,
    offline,
  });
  const selected = narrowFixes(selectFindings([...offline, ...findings], options, (id) => whyNot(id, { answered, certificate, options, way })), options.server);
  return {
    answered,
    report: {
      command: 'verify-cert',
      target: displayUrl(url),
      facts: { verdict },
      conclusion: answered ? VERDICT_TEXT[verdict] : 'nothing answered TLS',
      isGood: answered && selected.every(({ status }) => status !== 'fail'),
      findings: selected,
      startedAt,
      durationMs: performance.now() - beganAt,
    },
  };
}

/** Where the calls go. */
interface Way {
  name: string;
  host: string;
  port: number;
  addresses: readonly string[];
  isLocalhost: boolean;
  leftOut: number;
  /** Empty when it is led elsewhere by a rule that says nothing of plain http. */
  plainPorts: readonly { host: string; port: number; asked: number }[];
}

async function findWay(url: URL, options: VerifyOptions): Promise<Way> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const rules = { resolve: options.resolve.map(parseResolveRule), connectTo: options.connectTo.map(parseConnectToRule) };
  const port = Number(url.port) || 443;
  const route = findRoute(host, port, rules);
  const { addresses, leftOut } = await findAddresses(route.host, route.addresses);
  const isLedAway = (to: Route, from: number): boolean => to.host !== host.toLowerCase() || to.port !== from;
  const plainPorts = (options.plainPort.length > 0 ? options.plainPort : [port === 443 ? 80 : port])
    .map((asked) => ({ asked, to: findRoute(host, asked, rules) }))
    .filter(({ asked, to }) => options.plainPort.length > 0 || !isLedAway(route, port) || isLedAway(to, asked));
  // Whoever led the https calls elsewhere does not want others to go where DNS leads.
  const hostsOf = (to: Route): readonly string[] => to.addresses ?? ([host.toLowerCase(), route.host].includes(to.host) ? addresses : [to.host]);
  return {
    name: options.servername ?? host,
    host: route.host,
    port: route.port,
    addresses,
    isLocalhost: route.host === 'localhost' && route.addresses === null,
    leftOut,
    plainPorts: plainPorts.flatMap(({ asked, to }) => hostsOf(to).map((one) => ({ asked, host: one, port: to.port }))),
  };
}

function planOf(way: Way, calls: Calls, { own, identity, ca, clientCa }: ClientCertificate, options: VerifyOptions): Omit<SurveyPlan, 'pin' | 'clientCaKey' | 'isSuccess' | 'nowMs'> {
  return {
    name: way.name,
    port: way.port,
    addresses: way.addresses,
    isLocalhost: way.isLocalhost,
    otherHosts: options.otherHost,
    plainPorts: way.plainPorts.map(({ host, port, asked }) => ({ host, port, post: calls.toPort(asked) })),
    post: calls.post,
    large: calls.large,
    identity,
    certificates: own?.certificates ?? [],
    ca,
    clientCa: clientCa ?? [],
    steps: stepsOf(options),
    maxTimeMs: options.maxTime,
  };
}

const STEP_OF_CHECK: Partial<Record<CheckId, Step>> = { S2: 'pinned', P4: 'wrongly-issued', P7: 'large', P8: 'other-hosts', P9: 'plain', P10: 'other-hosts' };

function stepsOf(choice: FindingChoice): ReadonlySet<Step> {
  const entries = Object.entries(STEP_OF_CHECK) as [CheckId, Step][];
  return new Set(entries.filter(([id]) => isWanted(id, choice)).map(([, step]) => step));
}

interface Trust {
  pin: Uint8Array | null;
  pinned: readonly X509Certificate[];
  clientCaKey: KeyObject | null;
}

async function readTrust(options: VerifyOptions, machine: Machine): Promise<Trust> {
  const { pin, clientCa, clientCaKey } = options;
  if (clientCaKey !== undefined && clientCa === undefined) throw new AppError('usage', '--client-ca-key comes without its certificate', { hint: 'add --client-ca FILE' });
  const pinned = pin === undefined ? [] : await readCaFile(pin);
  return {
    pin: pin === undefined ? null : Buffer.from(pinned.map(String).join('\n')),
    pinned,
    clientCaKey: clientCaKey === undefined ? null : await readCaKey(clientCaKey, { passphraseEnv: options.clientCaPassphraseEnv, passphraseFile: options.clientCaPassphraseFile }, machine),
  };
}

function successRule(vendor: Vendor | null): SuccessRule {
  const statuses = vendor?.success.statuses ?? '2xx';
  const text = statuses === '2xx' ? 'any 2xx' : `HTTP ${statuses.join(' or ')}`;
  return { statuses, text: vendor === null ? text : `${vendor.title}: ${text}` };
}

/** Why a check that is wanted gave no finding. */
function whyNot(id: CheckId, { answered, certificate, options, way }: { answered: boolean; certificate: ClientCertificate; options: VerifyOptions; way: Way }): string {
  if (id.startsWith('L')) return 'no certificate was given (--cert and --key, or --pfx)';
  if (!answered) return 'nothing answered TLS';
  if (id === 'S2') return options.pin === undefined ? 'no certificate was pinned (--pin)' : 'no handshake got far enough';
  if (id === 'P4') return options.clientCaKey === undefined ? 'needs the CA and its key (--client-ca and --client-ca-key)' : 'the server did not ask for a certificate';
  if (id === 'P9' && way.plainPorts.length === 0) return 'a rule leads the connection elsewhere: name the port with --plain-port';
  if (certificate.own === null) return 'no certificate was given (--cert and --key, or --pfx)';
  if (certificate.identity === null) return `the given certificate cannot be used: ${certificate.own.unusable ?? 'its key does not fit'}`;
  return id === 'P7' ? 'a small POST was no success, so a large one tells nothing' : 'no handshake got far enough';
}
