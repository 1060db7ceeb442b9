import pLimit from 'p-limit';
import type { Identity, ProbeResult, ServerShown } from '../probe/probe.ts';
import { probePlain, type PlainResult } from '../probe/http-post.ts';
import { probeEndpoint, type Endpoint, type ProbeOptions } from '../probe/probe-endpoint.ts';
import type { TlsVersion } from '../probe/tls-messages.ts';
import { MAX_AT_ONCE, VERSIONS } from './bounds.ts';

/** Callers who must be refused. */
export interface UnauthorisedIdentities {
  selfSigned: Identity;
  /**
   * Of CAs with the real one's name, in every variant. None when that name is not known, or no other certificate can
   * carry it.
   */
  impostors: readonly Identity[];
}

/** What one address does on one TLS version to each caller. */
export interface Visits {
  /** Without a certificate. */
  without: ProbeResult;
  /** With one that nobody issued. */
  selfSigned: ProbeResult | null;
  /** With certificates of CAs that share only the name of the real one; none when that name is not known. */
  impostors: readonly ProbeResult[];
  /** Without a certificate, resuming the session in which the self-signed one was shown; null when none was offered. */
  resumed: ProbeResult | null;
  /** With the user's own. */
  good: ProbeResult | null;
}

/** Everything that was seen. */
export const resultsOf = ({ without, selfSigned, impostors, resumed, good }: Visits): ProbeResult[] =>
  [without, selfSigned, ...impostors, resumed, good].filter((result) => result !== null);

/** What one address of the host did. */
export interface AddressVisits {
  address: string;
  /** One for each TLS version. */
  visits: readonly Visits[];
}

/** A caller who names another host in the handshake (SNI) and ours in the request (Host). */
export interface OtherHostVisit {
  /** The name in the handshake; null for none. */
  name: string | null;
  /**
   * The calls that began under that name: without a certificate and, where one was asked for, with a self-signed one.
   */
  direct: readonly ProbeResult[];
  /** A call without a certificate to that host itself, for the same path; null without a name. */
  itself: ProbeResult | null;
  /** A call under our own name that resumes the session of one of them; null when no session was offered. */
  resumed: ProbeResult | null;
}

/**
 * Probes build on each other: none may use up the time of the next. Five in a row at most: without a certificate, under
 * another name, there with a self-signed one, with its session, and a large one at last …
 */
const STEPS = 5;
/** … after two that prove who the server is, where there are credentials. */
const PROVING_STEPS = 2;

const NO_CERTIFICATE = 'without a certificate';
export const SERVER_CHAIN = "the server's own certificate";

/** Calls one endpoint, at whichever of its addresses, within a bound of number and time. */
export interface Prober {
  /** `what`: in a few words, for who waits. */
  probe(address: string, what: string, options: Omit<ProbeOptions, 'timeoutMs' | 'trustsServer'>): Promise<ProbeResult>;
  probePlain(endpoint: { host: string; port: number }, request: Uint8Array): Promise<PlainResult>;
}

/**
 * @param maxTimeMs for everything together, from now on
 * @param proved SHA-256 of server certificates, growing as they are proved: credentials go to their servers alone.
 * Null: to any
 */
export function makeProber(
  endpoint: Omit<Endpoint, 'host'>,
  maxTimeMs: number,
  proved: ReadonlySet<string> | null,
  showProgress: (text: string) => void,
): Prober {
  const limit = pLimit(MAX_AT_ONCE);
  const until = performance.now() + maxTimeMs;
  const steps = STEPS + (proved === null ? 0 : PROVING_STEPS);
  const trustsServer = ({ fingerprint }: ServerShown): boolean => proved === null || proved.has(fingerprint);
  const timeoutMs = (): number => Math.max(1, Math.min(maxTimeMs / steps, until - performance.now()));
  // What a round finds decides on the next: the whole number grows.
  let [begun, known] = [0, 0];
  const inTurn = <Result>(what: string, call: () => Promise<Result>): Promise<Result> => {
    known += 1;
    return limit(() => {
      begun += 1;
      showProgress(`${begun} of ${known} connections · ${what}`);
      return call();
    });
  };
  return {
    probe: (host, what, options) =>
      inTurn(`${options.version.replace('TLSv', 'TLS ')}, ${what}`, () =>
        probeEndpoint({ ...endpoint, host }, { ...options, trustsServer, timeoutMs: timeoutMs() }),
      ),
    probePlain: (where, request) =>
      inTurn(`plain http on port ${where.port}`, () => probePlain(where, request, timeoutMs())),
  };
}

/** What every call needs. */
export interface SurveyCaller {
  prober: Prober;
  /** PEM: the CAs to trust for the server; undefined trusts the public ones. */
  ca: Uint8Array | undefined;
  identity: Identity | null;
  /** The POST, ready to send. */
  request: Buffer;
}

/** The first round: every address, on both versions, without a certificate. */
export function visitWithout(
  addresses: readonly string[],
  { prober, ca, request }: SurveyCaller,
): Promise<AddressVisits[]> {
  return Promise.all(
    addresses.map(async (address) => {
      const results = await Promise.all(
        VERSIONS.map((version) => prober.probe(address, NO_CERTIFICATE, { version, identity: null, ca, request })),
      );
      return {
        address,
        visits: results.map((without) => ({ without, selfSigned: null, impostors: [], resumed: null, good: null })),
      };
    }),
  );
}

/** The second round: the same with certificates. A server that did not ask is sent no unauthorised one. */
export function visitWith(
  rounds: readonly AddressVisits[],
  unauthorised: UnauthorisedIdentities,
  caller: SurveyCaller,
): Promise<AddressVisits[]> {
  return Promise.all(
    rounds.map(async ({ address, visits }) => ({
      address,
      visits: await Promise.all(visits.map((visit) => completeVisit(address, visit, unauthorised, caller))),
    })),
  );
}

async function completeVisit(
  address: string,
  visit: Visits,
  unauthorised: UnauthorisedIdentities,
  { prober, identity, request }: SurveyCaller,
): Promise<Visits> {
  const { version } = visit.without;
  const call = (what: string, who: Identity): Promise<ProbeResult> =>
    prober.probe(address, `with ${what}`, { version, identity: who, request });
  if (!isSpoken(visit)) return visit;
  const [selfSigned, impostors, good] = await Promise.all([
    asks(visit) ? call('a self-signed certificate', unauthorised.selfSigned) : null,
    Promise.all(asks(visit) ? unauthorised.impostors.map((one) => call("an impostor CA's certificate", one)) : []),
    identity === null ? null : call('the given certificate', identity),
  ]);
  // A refused caller may come back with the session of that connection, for which the server checks less.
  const session = selfSigned?.session ?? null;
  const comeBack = { version, identity: null, session, request };
  const resumed =
    session === null ? null : await prober.probe(address, 'with the session of an unauthorised caller', comeBack);
  return { ...visit, selfSigned, impostors, resumed, good };
}

export const isSpoken = ({ without }: Visits): boolean =>
  without.serverHello && without.reaction.kind !== 'not-offered';
export const asks = ({ without }: Visits): boolean => without.requested !== false || without.renegotiated;

/** The name of no host. */
export const UNKNOWN_HOST = 'another-host.invalid';

/** Another virtual host of the same server. */
export interface OtherName {
  /** Null for no name at all. */
  name: string | null;
  /** The same POST to that host itself. */
  ownPost: Buffer | null;
}

/**
 * Begins each handshake under another name than the request's: without a certificate and, where one is asked for, with
 * a self-signed one. Then resumes that session under the right name, and finally asks the other host itself for the
 * same path.
 */
export function visitOtherHosts(
  address: string,
  names: readonly OtherName[],
  versions: readonly TlsVersion[],
  selfSigned: Identity,
  { prober, request }: SurveyCaller,
): Promise<OtherHostVisit[]> {
  const tries = names.flatMap((other) => versions.map((version) => ({ ...other, version })));
  return Promise.all(
    tries.map(async ({ name, ownPost, version }) => {
      const what = `with ${name ?? 'no name'} in the handshake`;
      const call = (identity: Identity | null): Promise<ProbeResult> =>
        prober.probe(address, what, { version, identity, servername: name, request });
      const bare = await call(null);
      const direct = bare.requested === true ? [bare, await call(selfSigned)] : [bare];
      const session = direct.findLast((result) => result.session !== null)?.session ?? null;
      const [resumed, itself] = await Promise.all([
        session === null ? null : prober.probe(address, what, { version, identity: null, session, request }),
        ownPost === null
          ? null
          : prober.probe(address, what, { version, identity: null, servername: name, request: ownPost }),
      ]);
      return { name, direct, resumed, itself };
    }),
  );
}

/**
 * Adds to `proved` the fingerprint of every server certificate whose chain and name are right. Sends nothing after
 * these handshakes, since a man in the middle would receive it.
 */
export async function proveServers(
  addresses: readonly string[],
  { prober, ca, identity }: SurveyCaller,
  proved: Set<string>,
): Promise<void> {
  const handshakes = addresses.flatMap((address) =>
    VERSIONS.map(async (version): Promise<ProbeResult> => {
      const bare = await prober.probe(address, NO_CERTIFICATE, { version, identity: null, ca, request: null });
      // A caller who is refused without a certificate cannot verify the server's chain.
      return bare.server !== null || !bare.serverHello || identity === null
        ? bare
        : prober.probe(address, SERVER_CHAIN, { version, identity, ca, request: null });
    }),
  );
  for (const { server } of await Promise.all(handshakes)) {
    if (server !== null && server.chainError === null && server.nameMatches) proved.add(server.fingerprint);
  }
}
