import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { carriesCredentials, type PlainResult } from '../probe/http-post.ts';
import type { Identity, ProbeResult } from '../probe/probe.ts';
import type { TlsVersion } from '../probe/tls-messages.ts';
import { type ClaimVisit, tryClaims } from './try-claims.ts';
import { type WronglyIssued, chooseUnauthorised, issueWrongly, tryWronglyIssued } from './choose-unauthorised.ts';
import {
  type AddressVisits,
  type OtherHostVisit,
  type OtherName,
  type SurveyCaller,
  type UnauthorisedIdentities,
  isSpoken,
  SERVER_CHAIN,
  UNKNOWN_HOST,
  makeProber,
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
  /** Says which call is being made. */
  showProgress: (text: string) => void;
  /** The optional steps to take. */
  steps: ReadonlySet<SurveyStep>;
  nowMs: number;
  /** For everything together. */
  maxTimeMs: number;
  /** Whether the good POST succeeded: only then does a large one prove anything. */
  isSuccess(status: number | null): boolean;
}

export type SurveyStep = 'wrongly-issued' | 'large' | 'other-hosts' | 'plain' | 'pinned' | 'claims';

/** Everything that was seen of an endpoint. */
export interface Survey {
  addresses: readonly AddressVisits[];
  /** The address that all further calls went to: the first that speaks TLS. */
  main: AddressVisits;
  wronglyIssued: readonly WronglyIssued[];
  large: readonly ProbeResult[];
  otherHosts: readonly OtherHostVisit[];
  plain: readonly PlainResult[];
  /** What headers about a certificate opened; null where none were tried. */
  claims: readonly ClaimVisit[] | null;
  /** Of each address that speaks TLS: handshakes in which the server's chain may have been verified. */
  chainSeen: readonly SeenChain[];
  /** The same, trusting the pinned certificate alone. */
  pinned: readonly SeenChain[];
}

export interface SeenChain {
  address: string;
  results: readonly ProbeResult[];
}

/**
 * Makes every call that can show something: real POSTs, each on its own connection. Never rejects for
 * what the endpoint does; throws AppError `input`, before anything is sent, for a key that is not the CA's.
 */
export async function surveyEndpoint(plan: SurveyPlan): Promise<Survey> {
  // First: this finds out whether the key can issue certificates at all.
  const wrong = plan.steps.has('wrongly-issued') ? await issueWrongly(plan) : [];
  const proved = plan.insecure === true || !carriesCredentials(plan.post) ? null : new Set<string>();
  const prober = makeProber(plan, plan.maxTimeMs, proved, plan.showProgress);
  const caller: SurveyCaller = { prober, ca: plan.ca, identity: plan.identity, request: plan.post };
  if (proved !== null) await proveServers(plan.addresses, caller, proved);
  const bare = await visitWithout(plan.addresses, caller);
  const reachable = bare.filter(({ visits }) => visits.some(({ without }) => without.speaksTls === true));
  const [first] = reachable.length > 0 ? reachable : bare;
  if (first === undefined) throw new Error('an endpoint has at least one address');
  if (reachable.length === 0) return { ...NOTHING_SEEN, addresses: bare, main: first };
  const unauthorised = await chooseUnauthorised(plan.nowMs, plan.certificates, plan.clientCa, reachable);
  const [addresses, wronglyIssued, others] = await Promise.all([
    visitWith(plan.isLocalhost && bare.some(isUsed) ? bare.filter(isUsed) : bare, unauthorised, caller),
    tryWronglyIssued(first, wrong, caller),
    seeRoutes(first, reachable, unauthorised, plan, caller),
  ]);
  const main = addresses.find(({ address }) => address === first.address) ?? first;
  return {
    ...others,
    addresses,
    main,
    // After `visitWith`, which shows what the good certificate gets.
    wronglyIssued: wronglyIssued.map((one) => ({
      ...one,
      visits: main.visits.find(({ without }) => without.version === one.result.version) ?? one.visits,
    })),
    ...(await seeAfterwards(main, others, unauthorised, plan, caller)),
  };
}

const NOTHING_SEEN = {
  wronglyIssued: [],
  large: [],
  otherHosts: [],
  plain: [],
  claims: null,
  chainSeen: [],
  pinned: [],
};

/** The calls that depend on what others got. */
async function seeAfterwards(
  main: AddressVisits,
  { otherHosts, plain }: Pick<Survey, 'otherHosts' | 'plain'>,
  unauthorised: UnauthorisedIdentities,
  plan: SurveyPlan,
  caller: SurveyCaller,
): Promise<Pick<Survey, 'large' | 'claims'>> {
  const { steps, plainPorts, certificates } = plan;
  const ports = plainPorts.flatMap((where, index) => {
    const result = plain[index];
    return result === undefined ? [] : [{ ...where, result }];
  });
  const [large, claims] = await Promise.all([
    steps.has('large') ? tryLarge(main, plan, caller) : [],
    steps.has('claims') ? tryClaims({ main, otherHosts, plain: ports, unauthorised, certificates }, caller) : null,
  ]);
  return { large, claims };
}

/** The calls by other names, in plain http, and those that look at the server's own chain. */
async function seeRoutes(
  first: AddressVisits,
  reachable: readonly AddressVisits[],
  { selfSigned }: UnauthorisedIdentities,
  plan: SurveyPlan,
  caller: SurveyCaller,
): Promise<Pick<Survey, 'otherHosts' | 'chainSeen' | 'pinned' | 'plain'>> {
  const versions = spokenVersions(first);
  const [otherHosts, chainSeen, pinned, plain] = await Promise.all([
    plan.steps.has('other-hosts') ? visitOtherHosts(first.address, otherNames(plan), versions, selfSigned, caller) : [],
    Promise.all(reachable.map((one) => seeChain(one, caller))),
    plan.steps.has('pinned') ? Promise.all(reachable.map((one) => seePinned(one, plan, caller))) : [],
    plan.steps.has('plain')
      ? Promise.all(plan.plainPorts.map(({ post, ...where }) => caller.prober.probePlain(where, post)))
      : [],
  ]);
  return { otherHosts, chainSeen, pinned, plain };
}

const spokenVersions = ({ visits }: AddressVisits): TlsVersion[] =>
  visits.filter(isSpoken).map(({ without }) => without.version);
const isUsed = ({ visits }: AddressVisits): boolean => visits.some(({ without }) => without.connected);

/** An address has no server name, so for it "none" is the usual one. */
function otherNames({ name, otherHosts, postTo }: SurveyPlan): OtherName[] {
  const named = [UNKNOWN_HOST, ...otherHosts].map((one) => ({ name: one, ownPost: postTo(one) }));
  return isIP(name) === 0 ? [{ name: null, ownPost: null }, ...named] : named;
}

/**
 * The server's chain can only be verified in a handshake that succeeds. Where none did without a certificate, tries one
 * with it and sends nothing. Only this probe gets the CAs to trust, which in the others would complete the client's
 * chain.
 */
async function seeChain(at: AddressVisits, { prober, identity, ca }: SurveyCaller): Promise<SeenChain> {
  const { address } = at;
  const bare = at.visits.map(({ without }) => without);
  if (identity === null || bare.some(({ secured }) => secured)) return { address, results: bare };
  const handshakes = spokenVersions(at).map((version) =>
    prober.probe(address, SERVER_CHAIN, { version, identity, ca, request: null }),
  );
  return { address, results: await Promise.all(handshakes) };
}

/** Preferably on TLS 1.3, where a handshake ends before the server judges our certificate. */
async function seePinned(
  at: AddressVisits,
  { pin }: SurveyPlan,
  { prober, identity }: SurveyCaller,
): Promise<SeenChain> {
  const { address } = at;
  const version = spokenVersions(at).at(-1);
  if (pin === null || version === undefined) return { address, results: [] };
  const trusting = { version, identity, ca: pin, partialChain: true, request: null };
  const result = await prober.probe(address, 'the pinned certificate', trusting);
  return { address, results: [result] };
}

async function tryLarge(
  { address, visits }: AddressVisits,
  { large, isSuccess }: SurveyPlan,
  { prober, identity }: SurveyCaller,
): Promise<ProbeResult[]> {
  const welcome = visits.flatMap(({ good }) => (good !== null && isSuccess(good.status) ? [good.version] : []));
  return Promise.all(
    welcome.map((version) => prober.probe(address, 'with a large body', { version, identity, request: large })),
  );
}
