import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { watchHandshake, type HandshakeSeen, type HandshakeWatch, type TlsVersion } from './handshake-watch.ts';
import { collectAnswer, withoutCredentials, type HttpAnswer } from './http-post.ts';
import { ciphersAtLevel } from './security-level.ts';
import { tapSocket } from './tap-socket.ts';

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

/** A client certificate as Node takes it. The client's CA is not part of it: OpenSSL would complete the chain with it. */
export interface Identity {
  cert?: Uint8Array | undefined;
  key?: Uint8Array | undefined;
  pfx?: Uint8Array | undefined;
  passphrase?: string | undefined;
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

/** What the server showed of itself. */
export interface ServerShown {
  /** SHA-256 of the leaf, `AB:CD:…`. */
  fingerprint: string;
  /** Milliseconds since the epoch; NaN when it is no time. */
  validTo: number;
  /** OpenSSL's code, or null when the chain leads to a trusted root. */
  chainError: string | null;
  nameMatches: boolean;
}

/** A session that may be resumed, and who began it: on the resumed connection the server shows no certificate. */
export interface TlsSession {
  ticket: Buffer;
  server: ServerShown;
}

/** `answered`: an HTTP status; `secured`: nothing was to be sent; `closed`: without a byte; `failed`: see the code. */
export type Ending = 'answered' | 'secured' | 'closed' | 'failed' | 'timeout';

/** One connection, from its beginning to its end. */
export interface ProbeResult extends HandshakeSeen {
  version: TlsVersion;
  connected: boolean;
  /** Node reported the handshake as done. On TLS 1.3 that says nothing of our certificate yet. */
  secured: boolean;
  ending: Ending;
  status: number | null;
  body: string;
  errorCode: string | null;
  /** Number of the alert the server sent (RFC 8446 §6). */
  alert: number | null;
  server: ServerShown | null;
  /** The request went out. */
  requestSent: boolean;
  /** The server is not trusted with credentials: a request went without them. */
  credentialsWithheld: boolean;
  /** A session that the server offers to resume. */
  session: TlsSession | null;
  /** The server took up the session that was given. */
  resumed: boolean;
  /** How long it might take. */
  timeoutMs: number;
  durationMs: number;
}

/** What a connection has shown so far. */
interface Progress {
  connected: boolean;
  requestSent: boolean;
  credentialsWithheld: boolean;
  ticket: Buffer | null;
  resumed: boolean;
  server: ServerShown | null;
  answer: HttpAnswer | null;
}

interface End {
  ending: Ending;
  error?: NodeJS.ErrnoException;
}

/**
 * Opens one fresh connection of one TLS version, reads, and only then sends the request: a request under way
 * turns a late alert into ECONNRESET. The server's own certificate is noted, whatever it is. Never rejects.
 */
export async function probeEndpoint(endpoint: Endpoint, options: ProbeOptions): Promise<ProbeResult> {
  const beganAt = performance.now();
  const watch = watchHandshake(options.version);
  const progress: Progress = {
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
    (cause: NodeJS.ErrnoException): End => ({ ending: 'failed', error: cause }),
  );
  const { answer, ticket, ...rest } = progress;
  return {
    ...watch.seen(),
    ...rest,
    version: options.version,
    secured: rest.server !== null,
    session: ticket === null || rest.server === null ? null : { ticket, server: rest.server },
    ending: answer === null ? ending : 'answered',
    status: answer?.status ?? null,
    body: answer?.body ?? '',
    errorCode: answer === null ? (error?.code ?? null) : null,
    alert: answer === null ? alertOf(error) : null,
    timeoutMs: options.timeoutMs,
    durationMs: performance.now() - beganAt,
  };
}

/** Notes in `progress` what happens, until the connection comes to its end. */
async function follow(
  endpoint: Endpoint,
  options: ProbeOptions,
  watch: HandshakeWatch,
  progress: Progress,
): Promise<End> {
  if (isIP(endpoint.host) === 0) return unresolved(endpoint);
  const secureContext = createSecureContext(contextOptions(options));
  const beganAt = performance.now();
  const tcp = connectTcp({ host: endpoint.host, port: endpoint.port, autoSelectFamily: true, noDelay: true });
  const tap = tapSocket(tcp, watch);
  const socket = connectTls({ ...connectionOptions(endpoint, options), secureContext, socket: tap });
  const timers: NodeJS.Timeout[] = [];
  const end = await new Promise<End>((finish) => {
    timers.push(setTimeout(() => finish({ ending: 'timeout' }), options.timeoutMs));
    tcp.once('connect', () => {
      progress.connected = true;
    });
    // They stay after the end: a late error of a socket that nobody needs any more must not end the program.
    for (const stream of [tcp, tap, socket]) stream.on('error', (error) => finish({ ending: 'failed', error }));
    socket.once('end', () => finish({ ending: 'closed' }));
    socket.once('close', () => finish({ ending: 'closed' }));
    socket.on('keylog', (line) => watch.keylog(line));
    socket.on('session', (ticket: Buffer) => {
      progress.ticket = ticket;
    });
    socket.on(
      'data',
      collectAnswer(
        (found) => {
          progress.answer = found;
          if (found.complete) finish({ ending: 'answered' });
        },
        () => finish({ ending: 'failed', error: Object.assign(new Error('not HTTP'), { code: 'NOT_HTTP' }) }),
      ),
    );
    socket.once('secureConnect', () => {
      // Only who had the key of that certificate can take up its session.
      const server =
        socket.isSessionReused() && options.session ? options.session.server : serverShown(socket, endpoint);
      progress.server = server;
      progress.credentialsWithheld = options.trustsServer?.(server) === false;
      progress.resumed = socket.isSessionReused();
      timers.push(
        ...afterVerdictOnUs(socket, options.version, performance.now() - beganAt, () => {
          if (options.request === null) return finish({ ending: 'secured' });
          watch.handshakeIsOver();
          progress.requestSent = true;
          socket.write(progress.credentialsWithheld ? withoutCredentials(options.request) : options.request);
        }),
      );
    });
  });
  timers.forEach(clearTimeout);
  socket.destroy();
  tcp.destroy();
  return end;
}

function unresolved({ host, lookupError }: Endpoint): End {
  if (lookupError === 'TIMEOUT') return { ending: 'timeout' };
  return {
    ending: 'failed',
    error: Object.assign(new Error(`${host} leads nowhere`), { code: lookupError ?? 'ENOTFOUND' }),
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

const buffer = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

function contextOptions({ version, identity, ca, partialChain }: ProbeOptions): SecureContextOptions {
  return {
    minVersion: version,
    maxVersion: version,
    cert: buffer(identity?.cert),
    key: buffer(identity?.key),
    pfx: buffer(identity?.pfx),
    passphrase: identity?.passphrase,
    // A certificate that is too weak for this OpenSSL goes out all the same: the server is to judge it.
    ...(identity === null ? {} : { ciphers: ciphersAtLevel(0) }),
    ca: buffer(ca),
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
  const code = socket.authorized ? null : String(socket.authorizationError);
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
