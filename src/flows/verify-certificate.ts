import type { TlsVersion } from '../certs/probe/handshake-watch.ts';
import { writePost } from '../certs/probe/http-post.ts';
import type { Visits } from '../certs/judge/judge-door.ts';
import { judgeGood, skipGood, type SuccessRule } from '../certs/judge/judge-good.ts';
import { judgeReaction } from '../certs/judge/judge-reaction.ts';
import { judgeNoCertificate, judgeSelfSigned } from '../certs/judge/judge-refusal.ts';
import { judgeRequestSeen } from '../certs/judge/judge-request-seen.ts';
import { judgeServerChain } from '../certs/judge/judge-server-chain.ts';
import { judgeVerdict, type Verdict } from '../certs/judge/judge-verdict.ts';
import { judgeWhoAnswered } from '../certs/judge/judge-who-answered.ts';
import { probeEndpoint, type Endpoint, type Identity, type ProbeOptions, type ProbeResult } from '../certs/probe/probe-endpoint.ts';
import { findRoute, parseConnectToRule, parseResolveRule } from '../deliver/rules.ts';
import { basicAuthorization, displayUrl, parseTarget } from '../deliver/target.ts';
import type { Clock, Ids } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import type { CertificateOptions } from '../model/webhook.ts';
import { findVendor, VENDORS } from '../vendors/index.ts';
import type { Machine } from './equip-target.ts';
import { makeEvent } from './make-event.ts';
import { readClientCertificate } from './read-client-certificate.ts';

export interface VerifyOptions extends CertificateOptions {
  url: string;
  /** Id of the vendor to play; without one the body is `{}` and any 2xx is success. */
  vendor?: string;
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Milliseconds for everything together. */
  maxTime: number;
}

export interface Diagnosis {
  /** The URL without credentials. */
  target: string;
  verdict: Verdict;
  findings: readonly Finding[];
  /** Something there speaks TLS. */
  answered: boolean;
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/**
 * Calls the endpoint without a certificate, with a self-signed one and with the given one, on TLS 1.2 and 1.3, and
 * judges what came back. Every call is a real POST on a connection of its own, and all carry the same bytes.
 * Throws AppError `usage` or `input` before anything is sent.
 */
export async function verifyCertificate(options: VerifyOptions, machine: Machine, clock: Clock, ids: Ids): Promise<Diagnosis> {
  const url = httpsTarget(options.url);
  const endpoint = endpointOf(url, options);
  const vendor = options.vendor === undefined ? null : unsignedVendor(options.vendor);
  const { identity, ca } = await readClientCertificate(options, machine);
  const request = await makeRequest(url, vendor, clock, ids);
  // Two rounds, one after the other: half of the time each.
  const probe = (given: Omit<ProbeOptions, 'timeoutMs'>): Promise<ProbeResult> => probeEndpoint(endpoint, { ...given, timeoutMs: options.maxTime / 2 });

  const without = await Promise.all(VERSIONS.map((version) => probe({ version, identity: null, ca, request })));
  const { makeSelfSigned } = await import('../certs/create/make-strangers.ts');
  const selfSigned = await makeSelfSigned(clock.now());
  const [visits, chainSeen] = await Promise.all([
    Promise.all(without.map((result) => visitWith(result, { identity, selfSigned }, request, probe))),
    serverChainSeen(without, identity, ca, probe),
  ]);
  const spoken = visits.filter(({ without: result }) => judgeReaction(result).kind !== 'not-offered');
  const answered = without.some(({ speaksTls }) => speaksTls === true);
  return {
    target: displayUrl(url),
    verdict: judgeVerdict(visits),
    answered,
    findings: answered
      ? [
          judgeServerChain(chainSeen, { name: endpoint.name, nowMs: clock.now(), insecure: options.insecure === true }),
          ...without.map(judgeRequestSeen),
          ...spoken.map(judgeNoCertificate),
          ...spoken.map(judgeSelfSigned),
          ...goodFindings(spoken, successRule(vendor), identity),
          judgeWhoAnswered(without),
        ]
      : without.map(judgeRequestSeen),
  };
}

type Probe = (options: Omit<ProbeOptions, 'timeoutMs'>) => Promise<ProbeResult>;

/** The second round for one TLS version: a server that did not ask is sent no self-signed certificate. */
async function visitWith(without: ProbeResult, given: { identity: Identity | null; selfSigned: Identity }, request: Buffer, probe: Probe): Promise<Visits> {
  const { version } = without;
  const isSpoken = without.serverHello && judgeReaction(without).kind !== 'not-offered';
  const asks = without.requested !== false || without.renegotiated;
  const [selfSigned, good] = await Promise.all([
    isSpoken && asks ? probe({ version, identity: given.selfSigned, request }) : null,
    isSpoken && given.identity !== null ? probe({ version, identity: given.identity, request }) : null,
  ]);
  return { without, selfSigned, good };
}

/**
 * The server's chain can only be verified when a handshake ends well. Where none did without a certificate, one with
 * it is tried, which sends nothing: the CAs to trust are known to this probe alone, so that they cannot complete
 * the client's chain in the others.
 */
async function serverChainSeen(without: readonly ProbeResult[], identity: Identity | null, ca: Uint8Array | undefined, probe: Probe): Promise<readonly ProbeResult[]> {
  if (identity === null || without.some(({ secured }) => secured)) return without;
  const spoken = without.filter(({ serverHello }) => serverHello);
  return Promise.all(spoken.map(({ version }) => probe({ version, identity, ca, request: null })));
}

function goodFindings(visits: readonly Visits[], success: SuccessRule, identity: Identity | null): Finding[] {
  if (identity === null) return [skipGood('no certificate was given (--cert and --key, or --pfx)')];
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  return goods.length === 0 ? [skipGood('no handshake got far enough')] : goods.map((good) => judgeGood(good, success));
}

function httpsTarget(text: string): URL {
  const url = parseTarget(text);
  if (url.protocol === 'https:') return url;
  throw new AppError('usage', `${displayUrl(url)} is not https, and only TLS carries client certificates`, { hint: 'give the https:// URL that the vendor calls' });
}

function endpointOf(url: URL, options: VerifyOptions): Endpoint {
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const rules = { resolve: options.resolve.map(parseResolveRule), connectTo: options.connectTo.map(parseConnectToRule) };
  const route = findRoute(name, Number(url.port) || 443, rules);
  return { host: route.addresses?.[0] ?? route.host, port: route.port, name };
}

/** The vendor of this id, when its requests can be made without a secret. */
function unsignedVendor(id: string): Vendor {
  const vendor = findVendor(id);
  if (vendor.signature === null) return vendor;
  const among = VENDORS.filter(({ signature }) => signature === null).map((one) => one.id);
  throw new AppError('usage', `${vendor.title} trusts its signature, not a client certificate`, { hint: `--vendor is one of ${among.join(', ')}; leave it out for a plain POST` });
}

/** The bytes that every probe sends: the sample of the vendor's first event, unsigned. */
async function makeRequest(url: URL, vendor: Vendor | null, clock: Clock, ids: Ids): Promise<Buffer> {
  const basic = basicAuthorization(url);
  const credentials: Header[] = basic === null ? [] : [['Authorization', basic]];
  const post = { path: `${url.pathname}${url.search}`, host: url.host };
  const event = vendor?.events[0];
  if (vendor === null || event === undefined) {
    return writePost({ ...post, headers: [['Content-Type', 'application/json'], ['User-Agent', 'hookproof'], ...credentials], body: Buffer.from('{}') });
  }
  const { headers, body } = await makeEvent({ event: event.name, url: url.href, webhookUuid: ids.uuidV4(), deliveryId: ids.uuidV7(clock.now()) }, vendor, null, clock, ids);
  return writePost({ ...post, headers: [...headers, ...credentials], body });
}

function successRule(vendor: Vendor | null): SuccessRule {
  const statuses = vendor?.success.statuses ?? '2xx';
  const text = statuses === '2xx' ? 'any 2xx' : `HTTP ${statuses.join(' or ')}`;
  return { statuses, text: vendor === null ? text : `${vendor.title}: ${text}` };
}
