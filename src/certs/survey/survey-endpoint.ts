import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { WRONGS } from '../create/unauthorised-certificates.ts';
import { subjectNameOf } from '../der/read-der.ts';
import { carriesCredentials } from '../probe/http-post.ts';
import type { Identity } from '../probe/identity.ts';
import type { ProbeResult } from '../probe/probe-result.ts';
import { type PlainResult, makeProber } from '../probe/prober.ts';
import type { TlsVersion } from '../probe/tls-messages.ts';
import { chooseUnauthorised } from './choose-unauthorised.ts';
import {
  type AddressVisits,
  type OtherHostVisit,
  type OtherName,
  type SurveyCaller,
  type Visits,
  asks,
  isSpoken,
  proveServers,
  visitOtherHosts,
  visitWith,
  visitWithout,
} from './visits.ts';

/** Where to call, as whom, with what. */
export interface SurveyPlan {
  /** Host of the URL, or `--servername`: SNI, and the name the server's certificate must carry. */
  name: string;
  port: number;
  addresses: readonly string[];
  /** Why `addresses` is the name itself. */
  lookupError?: string | null;
  /** The name is `localhost`: a server on one of its addresses is the usual case, and the others do not count. */
  isLocalhost: boolean;
  /** Names of other virtual hosts of the same server, to begin handshakes with. */
  otherHosts: readonly string[];
  /** The POST, for another host name. */
  postTo(name: string): Buffer;
  /** Where the same path might be served in plain http, each with the POST for it. */
  plainPorts: readonly { host: string; port: number; post: Buffer }[];
  /** May carry credentials: they go to a server whose certificate is right in chain and name. */
  post: Buffer;
  /** `--insecure`: … and to any other. */
  insecure?: boolean;
  /** The same event in a large body. */
  large: Buffer;
  identity: Identity | null;
  /** The user's certificate as it goes out, leaf first. */
  certificates: readonly X509Certificate[];
  /** PEM: the CAs to trust for the server; undefined trusts the public ones. */
  ca: Uint8Array | undefined;
  /** PEM: trusted alone, as it stands. */
  pin: Uint8Array | null;
  /** What the server trusts for clients, as far as the user gave it. */
  clientCa: readonly X509Certificate[];
  /** Of the first of `clientCa`. */
  clientCaKey: KeyObject | null;
  /** The optional steps to take. */
  steps: ReadonlySet<SurveyStep>;
  nowMs: number;
  /** For everything together. */
  maxTimeMs: number;
  /** The good POST was a success: only then a large one can tell anything. */
  isSuccess(status: number | null): boolean;
}

export type SurveyStep = 'wrongly-issued' | 'large' | 'other-hosts' | 'plain' | 'pinned';

export interface WronglyIssued {
  /** `an expired certificate` */
  what: string;
  result: ProbeResult;
  visits: Visits;
}

/** Everything that was seen of an endpoint. */
export interface Survey {
  addresses: readonly AddressVisits[];
  /** The address that all further calls went to: the first that speaks TLS. */
  main: AddressVisits;
  wronglyIssued: readonly WronglyIssued[];
  large: readonly ProbeResult[];
  otherHosts: readonly OtherHostVisit[];
  plain: readonly PlainResult[];
  /** Handshakes in which the server's chain may have been verified. */
  chainSeen: readonly ProbeResult[];
  /** The same, trusting the pinned certificate alone. */
  pinned: ProbeResult | null;
}

/** Calls the endpoint in every way that tells something: real POSTs, each on a connection of its own. Never rejects for what the endpoint does; throws AppError `input`, before anything is sent, for a key that is not the CA's. */
export async function surveyEndpoint(plan: SurveyPlan): Promise<Survey> {
  // First, for a key that cannot issue them is found wrong by that.
  const wrong = plan.steps.has('wrongly-issued') ? await issueWrongly(plan) : [];
  const proved = plan.insecure === true || !carriesCredentials(plan.post) ? null : new Set<string>();
  const prober = makeProber(plan, plan.maxTimeMs, proved);
  const caller: SurveyCaller = { prober, ca: plan.ca, identity: plan.identity, request: plan.post };
  if (proved !== null) await proveServers(plan.addresses, caller, proved);
  const bare = await visitWithout(plan.addresses, caller);
  const reachable = bare.filter(({ visits }) => visits.some(({ without }) => without.speaksTls === true));
  const [first] = reachable.length > 0 ? reachable : bare;
  if (first === undefined) throw new Error('an endpoint has at least one address');
  if (reachable.length === 0)
    return {
      addresses: bare,
      main: first,
      wronglyIssued: [],
      large: [],
      otherHosts: [],
      plain: [],
      chainSeen: [],
      pinned: null,
    };
  const strangers = await chooseUnauthorised(plan.nowMs, plan.certificates, plan.clientCa, reachable);
  const versions = first.visits.filter(isSpoken).map(({ without }) => without.version);
  const [addresses, wronglyIssued, otherHosts, chainSeen, pinned, plain] = await Promise.all([
    visitWith(plan.isLocalhost && bare.some(isUsed) ? bare.filter(isUsed) : bare, strangers, caller),
    tryWronglyIssued(first, wrong, caller),
    plan.steps.has('other-hosts')
      ? visitOtherHosts(first.address, otherNames(plan), versions, strangers.selfSigned, caller)
      : [],
    seeChain(first, versions, caller),
    plan.steps.has('pinned') ? seePinned(first, versions, plan, caller) : null,
    plan.steps.has('plain')
      ? Promise.all(plan.plainPorts.map(({ post, ...where }) => prober.probePlain(where, post)))
      : [],
  ]);
  const main = addresses.find(({ address }) => address === first.address) ?? first;
  return {
    addresses,
    main,
    // After `visitWith`, which tells what the good certificate gets.
    wronglyIssued: wronglyIssued.map((one) => ({
      ...one,
      visits: main.visits.find(({ without }) => without.version === one.result.version) ?? one.visits,
    })),
    large: plan.steps.has('large') ? await tryLarge(main, plan, caller) : [],
    otherHosts,
    plain,
    chainSeen,
    pinned,
  };
}

const isUsed = ({ visits }: AddressVisits): boolean => visits.some(({ without }) => without.connected);

/** An address has no server name, so for it "none" is the usual one. */
function otherNames({ name, otherHosts, postTo }: SurveyPlan): OtherName[] {
  const named = ['another-host.invalid', ...otherHosts].map((one) => ({ name: one, ownPost: postTo(one) }));
  return isIP(name) === 0 ? [{ name: null, ownPost: null }, ...named] : named;
}

const WHAT: Record<(typeof WRONGS)[number], string> = {
  expired: 'an expired certificate',
  'not-yet-valid': 'a not yet valid certificate',
  'server-only': 'a server-only certificate',
};

interface WrongIdentity {
  what: string;
  identity: Identity;
}

async function issueWrongly({ clientCa, clientCaKey, certificates, nowMs }: SurveyPlan): Promise<WrongIdentity[]> {
  const [[cert], [leaf]] = [clientCa, certificates];
  if (cert === undefined || clientCaKey === null) return [];
  const { issueByCa, WRONGS: wrongs } = await import('../create/unauthorised-certificates.ts');
  const subjectName = leaf === undefined ? null : subjectNameOf(leaf);
  return Promise.all(
    wrongs.map(async (wrong) => ({
      what: WHAT[wrong],
      identity: await issueByCa({ cert, key: clientCaKey }, wrong, nowMs, subjectName),
    })),
  );
}

async function tryWronglyIssued(
  first: AddressVisits,
  wrong: readonly WrongIdentity[],
  { prober, request }: SurveyCaller,
): Promise<WronglyIssued[]> {
  const asked = first.visits.filter((visit) => isSpoken(visit) && asks(visit));
  const calls = wrong.flatMap(({ what, identity }) =>
    asked.map(async (visits) => ({
      what,
      visits,
      result: await prober.probe(first.address, { version: visits.without.version, identity, request }),
    })),
  );
  return Promise.all(calls);
}

/**
 * The server's chain can only be verified when a handshake ends well. Where none did without a certificate, one with
 * it is tried, which sends nothing: the CAs to trust are known to this probe alone, so that they cannot complete
 * the client's chain in the others.
 */
async function seeChain(
  { address, visits }: AddressVisits,
  versions: readonly TlsVersion[],
  { prober, identity, ca }: SurveyCaller,
): Promise<readonly ProbeResult[]> {
  const bare = visits.map(({ without }) => without);
  if (identity === null || bare.some(({ secured }) => secured)) return bare;
  return Promise.all(versions.map((version) => prober.probe(address, { version, identity, ca, request: null })));
}

/** On TLS 1.3, where it can be, because there a handshake ends before the server judges our certificate. */
async function seePinned(
  { address }: AddressVisits,
  versions: readonly TlsVersion[],
  { pin }: SurveyPlan,
  { prober, identity }: SurveyCaller,
): Promise<ProbeResult | null> {
  const version = versions.at(-1);
  if (pin === null || version === undefined) return null;
  return prober.probe(address, { version, identity, ca: pin, partialChain: true, request: null });
}

async function tryLarge(
  { address, visits }: AddressVisits,
  { large, isSuccess }: SurveyPlan,
  { prober, identity }: SurveyCaller,
): Promise<ProbeResult[]> {
  const welcome = visits.flatMap(({ good }) => (good !== null && isSuccess(good.status) ? [good.version] : []));
  return Promise.all(welcome.map((version) => prober.probe(address, { version, identity, request: large })));
}
