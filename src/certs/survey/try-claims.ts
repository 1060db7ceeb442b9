import type { X509Certificate } from 'node:crypto';
import type { Header } from '../../model/plan.ts';
import { withPostHeaders, type PlainResult } from '../probe/http-post.ts';
import { mayBeRateLimit, type Identity, type ProbeResult } from '../probe/probe.ts';
import { MAX_CLAIM_CALLS } from './bounds.ts';
import { chooseClaimed, setsOf } from './claim-sets.ts';
import {
  type AddressVisits,
  type OtherHostVisit,
  type SurveyCaller,
  type UnauthorisedIdentities,
  UNKNOWN_HOST,
} from './visits.ts';

/** What one POST got. */
export interface ClaimAnswer {
  status: number | null;
  /** In a few words. */
  text: string;
  durationMs: number;
}

/** Headers that went out together, and what came of it. */
export interface ClaimTry {
  claims: readonly Header[];
  answer: ClaimAnswer;
}

/** One way to the application for a caller without a good certificate, and what claims changed on it. */
export interface ClaimVisit {
  /** `without a certificate` */
  who: string;
  /** What the POST got without a claim. */
  bare: ClaimAnswer;
  /** Every header that is known, a set at a time. */
  sets: readonly ClaimTry[];
  /** Single headers that got another answer than `bare`. */
  singles: readonly ClaimTry[];
  /** Of each set that got in although none of its headers did so alone: what it takes. */
  together: readonly ClaimTry[];
  /** The POST without a claim once more, after one got in. */
  control: ClaimAnswer | null;
}

/** A plain port, with the POST for it and what that got. */
export interface PlainVisit {
  host: string;
  port: number;
  post: Buffer;
  result: PlainResult;
}

/** Where claims are tried, and who tries them. */
export interface ClaimPlan {
  main: AddressVisits;
  otherHosts: readonly OtherHostVisit[];
  plain: readonly PlainVisit[];
  unauthorised: UnauthorisedIdentities;
  /** The user's, whom they pretend to be. */
  certificates: readonly X509Certificate[];
}

interface ClaimRoute {
  who: string;
  bare: ClaimAnswer;
  /** What a proxy that ends TLS tells beside the certificate. */
  beside: readonly Header[];
  post(headers: readonly Header[]): Promise<ClaimAnswer>;
}

const NOT_SENT: ClaimAnswer = {
  status: null,
  text: `not sent, after ${MAX_CLAIM_CALLS} others`,
  durationMs: 0,
};

/**
 * Tells of a client certificate in every header that proxies are known to do so in, on every way on which somebody
 * without a good one got an answer over HTTP that was no success. Where that opens ways, the headers are named on one.
 */
export async function tryClaims(plan: ClaimPlan, caller: SurveyCaller): Promise<ClaimVisit[]> {
  const isNeeded = plan.main.visits.every(({ without }) => without.reaction.kind !== 'admitted');
  const routes = isNeeded ? [...routesThroughTls(plan, caller), ...routesInPlain(plan, caller)] : [];
  if (routes.length === 0) return [];
  const sets = setsOf(chooseClaimed(plan.certificates, plan.unauthorised));
  const calls = { left: MAX_CLAIM_CALLS };
  const seen = await Promise.all(
    routes.map(async (route) => {
      const bounded = { ...route, post: boundBy(calls, route) };
      return { route: bounded, visit: await sendSets(bounded, sets) };
    }),
  );
  const opened = seen.find(({ visit }) => visit.sets.some(({ answer }) => isLetIn(answer)));
  return Promise.all(
    seen.map((one) => (opened === undefined || one === opened ? nameClaims(one.route, one.visit) : one.visit)),
  );
}

const boundBy =
  (calls: { left: number }, { post }: ClaimRoute): ClaimRoute['post'] =>
  (headers) =>
    calls.left-- > 0 ? post(headers) : Promise.resolve(NOT_SENT);

/** One way in, and what it got without a claim on each version of TLS. */
interface Way {
  who: string;
  /** Ways of one kind differ in nothing but how they were made. */
  kind?: string;
  identity: Identity | null;
  /** Undefined for the usual one. */
  servername?: string | null;
  results: readonly (ProbeResult | null)[];
}

/** Without a certificate, with those that nobody should accept, and under other names in the handshake. */
function routesThroughTls({ main, otherHosts, unauthorised }: ClaimPlan, caller: SurveyCaller): ClaimRoute[] {
  const { visits } = main;
  const ways: Way[] = [
    { who: 'without a certificate', identity: null, results: visits.map(({ without }) => without) },
    {
      who: 'with a self-signed certificate',
      identity: unauthorised.selfSigned,
      results: visits.map(({ selfSigned }) => selfSigned),
    },
    ...unauthorised.impostors.map((identity, index) => ({
      who: "with an impostor CA's certificate",
      identity,
      results: visits.map(({ impostors }) => impostors[index] ?? null),
    })),
    ...[...new Set(otherHosts.map(({ name }) => name))].map((servername) => ({
      who: `with ${servername ?? 'no name'} in the handshake`,
      ...(servername === null || servername === UNKNOWN_HOST ? { kind: 'unknown name' } : {}),
      identity: null,
      servername,
      results: otherHosts.filter(({ name }) => name === servername).map(({ direct }) => direct[0] ?? null),
    })),
  ];
  // Of one kind, one for each answer is enough.
  const known = new Set<string>();
  return ways.flatMap(({ results, kind, ...way }) => {
    const bare = results.find((result) => result !== null && isOpen(result)) ?? null;
    const key = `${kind ?? way.who} ${bare?.status}`;
    if (bare === null || known.has(key)) return [];
    known.add(key);
    return [routeThroughTls(main.address, way, bare, caller)];
  });
}

const isOpen = (result: ProbeResult): boolean => isOpenToClaims(answerOf(result)) && !isOfTheServer(result);

function routeThroughTls(
  address: string,
  { who, ...showing }: Omit<Way, 'kind' | 'results'>,
  bare: ProbeResult,
  { prober, request }: SurveyCaller,
): ClaimRoute {
  const { version } = bare;
  return {
    who,
    bare: answerOf(bare),
    beside: [],
    post: async (headers) =>
      answerOf(
        await prober.probe(address, `${who}, with a certificate header`, {
          version,
          ...showing,
          request: withPostHeaders(request, headers),
        }),
      ),
  };
}

function routesInPlain({ plain }: ClaimPlan, { prober }: SurveyCaller): ClaimRoute[] {
  return plain
    .filter(({ result }) => isOpenToClaims(answerInPlain(result)))
    .map(({ host, port, post, result }) => ({
      who: `in plain http on port ${port}`,
      bare: answerInPlain(result),
      // Many an application redirects whoever does not say so.
      beside: [['X-Forwarded-Proto', 'https']],
      post: async (headers) => answerInPlain(await prober.probePlain({ host, port }, withPostHeaders(post, headers))),
    }));
}

const answerOf = ({ status, reaction, durationMs }: ProbeResult): ClaimAnswer => ({
  status,
  text: reaction.text,
  durationMs,
});

const answerInPlain = ({ status, durationMs }: PlainResult): ClaimAnswer => ({
  status,
  text: status === null ? 'no HTTP answer' : `HTTP ${status}`,
  durationMs,
});

export const isLetIn = ({ status }: ClaimAnswer): boolean => status !== null && status >= 200 && status < 300;

/** A server that is busy answers everybody alike, and one that misses the name (421) asks nobody else. */
const isOpenToClaims = (answer: ClaimAnswer): boolean =>
  answer.status !== null && !isLetIn(answer) && !mayBeRateLimit(answer.status) && answer.status !== 421;

/** The server itself names the certificate as its reason: it does so before it looks at a header. */
export const isOfTheServer = ({ reaction }: ProbeResult): boolean =>
  reaction.kind === 'refused' && reaction.layer === 'server' && reaction.explicit;

/** Every header that is known, without more. */
async function sendSets(route: ClaimRoute, sets: readonly (readonly Header[])[]): Promise<ClaimVisit> {
  const { who, bare, beside } = route;
  const tries = sets.map((claims) => attempt(route, [...beside, ...claims]));
  return { who, bare, sets: await Promise.all(tries), singles: [], together: [], control: null };
}

const attempt = async ({ post }: ClaimRoute, claims: readonly Header[]): Promise<ClaimTry> => ({
  claims,
  answer: await post(claims),
});

/** The headers that got their set another answer; of a set that got in, but no header alone, what it takes. */
async function nameClaims(route: ClaimRoute, visit: ClaimVisit): Promise<ClaimVisit> {
  const { bare, sets } = visit;
  const opened = sets.filter(({ answer }) => isLetIn(answer));
  const unlike = sets.filter(({ answer }) => answer.status !== bare.status && !mayBeRateLimit(answer.status));
  const found = await Promise.all(
    (opened.length > 0 ? opened : unlike).map(({ claims }) => findSingles(route, claims)),
  );
  const singles = found.flat();
  const openers = new Set(singles.filter(({ answer }) => isLetIn(answer)).flatMap(({ claims }) => claims));
  if (opened.length === 0 && openers.size === 0) return { ...visit, singles };
  const control = await route.post([]);
  const unexplained = opened.filter(({ claims }) => !claims.some((claim) => openers.has(claim)));
  const together = isLetIn(control) ? [] : await Promise.all(unexplained.map((one) => narrow(route, one)));
  return { ...visit, singles, together, control };
}

/** Halves headers that got another answer for as long as one of the halves does, too. */
async function findSingles(route: ClaimRoute, claims: readonly Header[]): Promise<ClaimTry[]> {
  const middle = Math.ceil(claims.length / 2);
  const halves = [claims.slice(0, middle), claims.slice(middle)].filter((half) => half.length > 0);
  const tries = await Promise.all(halves.map((half) => attempt(route, half)));
  const found = tries.map(async (half) => {
    const { status } = half.answer;
    if (status === route.bare.status) return [];
    return half.claims.length === 1 || mayBeRateLimit(status) ? [half] : findSingles(route, half.claims);
  });
  return (await Promise.all(found)).flat();
}

/** Leaves out what it gets in without: halves first, then smaller parts, then single headers. */
async function narrow(route: ClaimRoute, opening: ClaimTry): Promise<ClaimTry> {
  let least = opening;
  for (let size = Math.ceil(least.claims.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < least.claims.length;) {
      const rest = least.claims.toSpliced(at, size);
      const without = rest.length === 0 ? null : await attempt(route, rest);
      if (without !== null && isLetIn(without.answer)) least = without;
      else at += size;
    }
  }
  return least;
}
