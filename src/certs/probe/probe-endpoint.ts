import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { tapSocket, watchHandshake, type HandshakeWatch } from './handshake-watch.ts';
import { collectAnswer, withoutPostCredentials, type HttpAnswer } from './http-post.ts';
import {
  bufferOf,
  ciphersAtLevel,
  contextOf,
  type Identity,
  durationSince,
  type ProbeEnding,
  type ProbeResult,
  type ServerShown,
  type TlsSession,
  judgeReaction,
} from './probe.ts';
import type { TlsVersion } from './tls-messages.ts';
import { verifyErrorOf } from './verify-error.ts';

/** Where to connect, and the name that the URL has for it. */
export interface Endpoint {
  /** An address, or a name that leads nowhere: it was looked up before, and is not again. */
  host: string;
  /** Why it leads nowhere; by default, because it does not exist. */
  lookupError?: string | null;
  port: number;
  /** Host of the URL, without brackets: SNI and the name the server's certificate must carry. */
  name: string;
}

export interface ProbeOptions {
  version: TlsVersion;
  /** Null shows no certificate. */
  identity: Identity | null;
  /** Trust these CAs alone for the server's certificate. */
  ca?: Uint8Array | undefined;
  /** One of `ca` is trusted as it stands, even when it is no root. */
  partialChain?: boolean;
  /** SNI where it is not the endpoint's name; null sends none. */
  servername?: string | null;
  /** Of an earlier connection, to resume. */
  session?: TlsSession | null;
  /** What to send when the handshake is over; null ends there. */
  request: Uint8Array | null;
  /** Whether this server may be sent the Authorization header of `request`; by default any may. */
  trustsServer?: (server: ServerShown) => boolean;
  /** For everything: connection, handshake, answer. */
  timeoutMs: number;
}

/** What a connection has shown so far. */
interface ProbeProgress {
  connected: boolean;
  requestSent: boolean;
  credentialsWithheld: boolean;
  ticket: Buffer | null;
  resumed: boolean;
  server: ServerShown | null;
  answer: HttpAnswer | null;
}

interface ConnectionEnd {
  ending: ProbeEnding;
  error?: NodeJS.ErrnoException;
}

type Finish = (end: ConnectionEnd) => void;

/**
 * Opens one fresh connection of one TLS version, reads, and only then sends the request: a request in flight turns a
 * late alert into ECONNRESET. The server's own certificate is noted, whatever it is. Never rejects.
 */
export async function probeEndpoint(endpoint: Endpoint, options: ProbeOptions): Promise<ProbeResult> {
  const beganAt = performance.now();
  const watch = watchHandshake(options.version);
  const progress: ProbeProgress = {
    connected: false,
    requestSent: false,
    credentialsWithheld: false,
    ticket: null,
    resumed: false,
    server: null,
    answer: null,
  };
  // A certificate that OpenSSL cannot use fails here, before there is a connection.
  const { ending, error } = await follow(endpoint, options, watch, progress).catch(
    (cause: NodeJS.ErrnoException): ConnectionEnd => ({ ending: 'failed', error: cause }),
  );
  const { answer, ticket, ...rest } = progress;
  const seen = {
    ...watch.seen(),
    ...rest,
    version: options.version,
    secured: rest.server !== null,
    session: ticket === null || rest.server === null ? null : { ticket, server: rest.server },
    ending: answer === null ? ending : ('answered' as const),
    status: answer?.status ?? null,
    body: answer?.body ?? '',
    errorCode: answer === null ? (error?.code ?? null) : null,
    alert: answer === null ? alertOf(error) : null,
    timeoutMs: options.timeoutMs,
    durationMs: durationSince(beganAt),
  };
  return { ...seen, reaction: judgeReaction(seen) };
}

/** Notes in `progress` what happens, until the connection comes to its end. */
async function follow(
  endpoint: Endpoint,
  options: ProbeOptions,
  watch: HandshakeWatch,
  progress: ProbeProgress,
): Promise<ConnectionEnd> {
  if (isIP(endpoint.host) === 0) return unresolved(endpoint);
  const secureContext = createSecureContext(contextOptions(options));
  const beganAt = performance.now();
  const tcp = connectTcp({ host: endpoint.host, port: endpoint.port, autoSelectFamily: true, noDelay: true });
  const tap = tapSocket(tcp, watch);
  const socket = connectTls({ ...connectionOptions(endpoint, options), secureContext, socket: tap });
  const timers: NodeJS.Timeout[] = [];
  const end = await new Promise<ConnectionEnd>((finish) => {
    timers.push(setTimeout(() => finish({ ending: 'timeout' }), options.timeoutMs));
    // They stay after the end: a late error of a socket that nobody needs any more must not end the program.
    for (const stream of [tap, socket]) stream.on('error', (error) => finish({ ending: 'failed', error }));
    watchConnection(tcp, socket, watch, progress, finish);
    socket.once('secureConnect', () => {
      noteServer(socket, endpoint, options, progress);
      const handshakeMs = performance.now() - beganAt;
      timers.push(
        ...afterVerdictOnUs(socket, options.version, handshakeMs, () => {
          if (options.request === null) return finish({ ending: 'secured' });
          watch.handshakeIsOver();
          progress.requestSent = true;
          socket.write(progress.credentialsWithheld ? withoutPostCredentials(options.request) : options.request);
        }),
      );
    });
  });
  timers.forEach(clearTimeout);
  socket.destroy();
  tcp.destroy();
  return end;
}

/** Notes what comes of itself: the connection, its keys and session, the answer, and the end. */
function watchConnection(
  tcp: Socket,
  socket: TLSSocket,
  watch: HandshakeWatch,
  progress: ProbeProgress,
  finish: Finish,
): void {
  tcp.once('connect', () => {
    progress.connected = true;
  });
  socket.once('end', () => finish({ ending: 'closed' }));
  socket.once('close', () => finish({ ending: 'closed' }));
  socket.on('keylog', (line) => watch.keylog(line));
  socket.on('session', (ticket: Buffer) => {
    progress.ticket = ticket;
  });
  const notHttp = (): void =>
    finish({ ending: 'failed', error: Object.assign(new Error('not HTTP'), { code: 'NOT_HTTP' }) });
  const onAnswer = (found: HttpAnswer): void => {
    progress.answer = found;
    if (found.complete) finish({ ending: 'answered' });
  };
  socket.on('data', collectAnswer(onAnswer, notHttp));
}

/** Whoever takes up a session had the key of the certificate that was shown when it began. */
function noteServer(
  socket: TLSSocket,
  endpoint: Endpoint,
  { session, trustsServer }: ProbeOptions,
  progress: ProbeProgress,
): void {
  const server = socket.isSessionReused() && session ? session.server : serverShown(socket, endpoint);
  progress.server = server;
  progress.credentialsWithheld = trustsServer?.(server) === false;
  progress.resumed = socket.isSessionReused();
}

function unresolved({ host, lookupError }: Endpoint): ConnectionEnd {
  if (lookupError === 'TIMEOUT') return { ending: 'timeout' };
  return {
    ending: 'failed',
    error: Object.assign(new Error(`${host} has no address`), { code: lookupError ?? 'ENOTFOUND' }),
  };
}

/**
 * On TLS 1.2 the handshake ends after the server judged our certificate. On TLS 1.3 it may still send an alert:
 * a session ticket says that it will not, and a server without tickets is given a few round trips.
 */
function afterVerdictOnUs(
  socket: TLSSocket,
  version: TlsVersion,
  handshakeMs: number,
  then: () => void,
): NodeJS.Timeout[] {
  let done = false;
  const once = (): void => {
    if (!done) then();
    done = true;
  };
  if (version === 'TLSv1.2') return [setTimeout(once, 0)];
  socket.once('session', () => setImmediate(once));
  return [setTimeout(once, Math.min(1000, Math.max(50, 2 * handshakeMs)))];
}

function contextOptions({ version, identity, ca, partialChain }: ProbeOptions): SecureContextOptions {
  return {
    minVersion: version,
    maxVersion: version,
    ...contextOf(identity),
    // A certificate that is too weak for this OpenSSL goes out all the same: the server is to judge it.
    ciphers: identity === null ? undefined : ciphersAtLevel(0),
    ca: bufferOf(ca),
    allowPartialTrustChain: partialChain,
  };
}

function connectionOptions(
  endpoint: Endpoint,
  { servername = endpoint.name, session }: ProbeOptions,
): ConnectionOptions {
  return {
    host: endpoint.name,
    // An address is no server name (RFC 6066 §3).
    servername: servername === null || isIP(servername) !== 0 ? '' : servername,
    session: session?.ticket,
    // A bad server certificate is a finding of its own and must not hide the others.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  };
}

/** Node 22.23 takes an IPv6 address for a host name in `checkServerIdentity`. */
function isNamed(certificate: PeerCertificate, name: string): boolean {
  if (isIP(name) === 0 || certificate.raw === undefined) return checkServerIdentity(name, certificate) === undefined;
  return new X509Certificate(certificate.raw).checkIP(name) !== undefined;
}

function serverShown(socket: TLSSocket, endpoint: Endpoint): ServerShown {
  // Not getPeerX509Certificate beside it: on Node 20 the one called second finds nothing.
  const certificate = socket.getPeerCertificate();
  // A string, whatever its type says; a name that does not match is reported by `nameMatches`.
  const named = socket.authorized ? null : String(socket.authorizationError);
  // Node has no name for most of OpenSSL's verdicts.
  const code = named === 'UNSPECIFIED' ? (verifyErrorOf(socket)?.reason ?? named) : named;
  return {
    fingerprint: certificate.fingerprint256,
    validTo: Date.parse(certificate.valid_to),
    chainError: code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? null : code,
    nameMatches: isNamed(certificate, endpoint.name),
  };
}

/** The number stands only in OpenSSL's message; Node has no field for it. */
function alertOf(error: Error | undefined): number | null {
  const number = /alert number (\d+)/.exec(error?.message ?? '')?.[1];
  return number === undefined ? null : Number(number);
}
