import { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { watchHandshake } from './handshake-watch.ts';
import { ciphersAtLevel, contextOf, type Identity } from './probe.ts';
import { showWithoutKey } from './show-without-key.ts';
import type { TlsVersion } from './tls-messages.ts';
import { verifyErrorOf } from './verify-error.ts';

/** How a handshake within this process went. */
export interface Rehearsal {
  /**
   * `accepted`: OpenSSL verified the certificate; `refused`: see `reason`; `nothing-sent`: the client has no signature
   * for it that the server takes, and shows none; `failed`: there was no verdict, see `code`.
   */
  ending: 'accepted' | 'refused' | 'nothing-sent' | 'failed';
  /** OpenSSL's verdict as Node names it (`CERT_HAS_EXPIRED`), or the error that came in between. */
  code: string | null;
  /** The verdict in OpenSSL's own words; Node calls many of them UNSPECIFIED. */
  reason: string | null;
  /** What went out, leaf first; on TLS 1.2 alone, where it can be read. */
  sent: readonly X509Certificate[];
}

export interface RehearsalOptions {
  /** What the server trusts. */
  clientCa: readonly X509Certificate[];
  version?: TlsVersion;
  timeoutMs?: number;
}

const TIMEOUT_MS = 5000;

/**
 * Shows a certificate to a server in this process that asks for one, over a pair of streams: no network, no port. Its
 * verdict is OpenSSL's own (and by the system's clock), as nginx, Apache and HAProxy get it. Never rejects.
 */
export function rehearse(identity: Identity, options: RehearsalOptions): Promise<Rehearsal> {
  const { version = 'TLSv1.2' } = options;
  return perform({ ...options, version }, (stream, fail) => {
    connect({
      socket: stream,
      ...contextOf(identity),
      ca: [],
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: ciphersAtLevel(0),
    }).on('error', fail);
  });
}

/**
 * The same without the private key: OpenSSL judges a chain as soon as it has read it. Whether the caller has the key
 * stays open. Leaf first.
 */
export const rehearseWithoutKey = (
  certificates: readonly X509Certificate[],
  options: Omit<RehearsalOptions, 'version'>,
): Promise<Rehearsal> =>
  perform(
    { ...options, version: 'TLSv1.2' },
    (stream) => {
      showWithoutKey(stream, certificates);
    },
    true,
  );

/** The client's side. */
type Act = (stream: Duplex, fail: (error: NodeJS.ErrnoException) => void) => void;

async function perform(
  { clientCa, timeoutMs = TIMEOUT_MS, version }: RehearsalOptions & { version: TlsVersion },
  act: Act,
  endsEarly = false,
): Promise<Rehearsal> {
  const watch = watchHandshake(version);
  const [ours, theirs] = makePipe(
    (bytes) => watch.sent(bytes),
    (bytes) => watch.received(bytes),
  );
  const own = await (ownServer ??= makeServerIdentity());
  return new Promise((resolve) => {
    const finish = (end: Omit<Rehearsal, 'sent'>): void => {
      clearTimeout(timer);
      ours.destroy();
      theirs.destroy();
      resolve({ ...end, sent: (watch.seen().certificatesSent ?? []).map((der) => new X509Certificate(der)) });
    };
    const fail = (error: NodeJS.ErrnoException): void =>
      finish({ ending: 'failed', code: error.code ?? error.message, reason: null });
    const timer = setTimeout(() => finish({ ending: 'failed', code: 'TIMEOUT', reason: null }), timeoutMs);
    try {
      const server = serverWith(own, clientCa, version);
      // With a forged RSA signature the error is that of its padding; the verdict stands all the same.
      server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) =>
        endsEarly && isShown(socket) ? finish(verdictOn(socket)) : fail(error),
      );
      server.on('secureConnection', (socket) => {
        socket.on('error', () => undefined);
        finish(isShown(socket) ? verdictOn(socket) : { ending: 'nothing-sent', code: null, reason: null });
      });
      server.emit('connection', theirs);
      act(ours, fail);
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

const isShown = (socket: TLSSocket): boolean => socket.getPeerX509Certificate() !== undefined;

function verdictOn(socket: TLSSocket): Omit<Rehearsal, 'sent'> {
  const error = verifyErrorOf(socket);
  if (error === undefined) return { ending: 'failed', code: 'NO_VERDICT', reason: null };
  return error === null ? { ending: 'accepted', code: null, reason: null } : { ending: 'refused', ...error };
}

/** At the security level of Debian's servers, which finds keys and signatures too weak. */
const serverWith = (own: Identity, clientCa: readonly X509Certificate[], version: TlsVersion): Server =>
  createServer({
    ...contextOf(own),
    ca: clientCa.map(String),
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ciphers: ciphersAtLevel(2),
  });

let ownServer: Promise<Identity> | undefined;

/**
 * Nobody looks at it, but a server that asks for a certificate must have one. Made once: the library takes 100 ms to
 * load.
 */
async function makeServerIdentity(): Promise<Identity> {
  const { makeSelfSigned } = await import('../create/unauthorised-certificates.ts');
  return makeSelfSigned(Date.now());
}

/** Two ends of one stream: what is written to one is read from the other. */
function makePipe(onFirst: (bytes: Buffer) => void, onSecond: (bytes: Buffer) => void): [Duplex, Duplex] {
  const first: Duplex = makeEnd(() => second, onFirst);
  const second: Duplex = makeEnd(() => first, onSecond);
  return [first, second];
}

function makeEnd(other: () => Duplex, onWrite: (bytes: Buffer) => void): Duplex {
  const end = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => {
      onWrite(bytes);
      // Later, as from a network: TLS must not be called from within its own write.
      setImmediate(() => {
        if (!other().destroyed) other().push(bytes);
        done();
      });
    },
    final: (done) => {
      if (!other().destroyed) other().push(null);
      done();
    },
  });
  return end.on('error', () => undefined);
}
