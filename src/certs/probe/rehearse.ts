import { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { watchHandshake } from './handshake-watch.ts';
import { ciphersAtLevel, contextOf, type Identity } from './probe.ts';

/** How a handshake within this process went. */
export interface Rehearsal {
  /**
   * `accepted`: OpenSSL verified the certificate; `refused`: see `code`; `failed`: there was no verdict, see `code`.
   */
  ending: 'accepted' | 'refused' | 'failed';
  /** OpenSSL's verdict as Node names it (`CERT_HAS_EXPIRED`), or the error that came in between. */
  code: string | null;
  /** What went out, leaf first. */
  sent: readonly X509Certificate[];
}

export interface RehearsalOptions {
  /** What the server trusts. */
  clientCa: readonly X509Certificate[];
  /** Of the server. OpenSSL finds keys and signatures too weak from 1 on. */
  securityLevel?: 0 | 2;
  timeoutMs?: number;
}

const TIMEOUT_MS = 5000;

/**
 * Shows a certificate to a server in this process that asks for one, over a pair of streams: no network, no port. Its
 * verdict is OpenSSL's own (and by the system's clock), as nginx, Apache and HAProxy get it. On TLS 1.2, where the
 * Certificate message can be read. Never rejects.
 */
export async function rehearse(
  identity: Identity,
  { clientCa, securityLevel = 2, timeoutMs = TIMEOUT_MS }: RehearsalOptions,
): Promise<Rehearsal> {
  const watch = watchHandshake('TLSv1.2');
  const [ours, theirs] = makePipe(
    (bytes) => watch.sent(bytes),
    (bytes) => watch.received(bytes),
  );
  const own = await (ownServer ??= makeServerIdentity());
  return new Promise((resolve) => {
    const finish = (ending: Rehearsal['ending'], code: string | null): void => {
      clearTimeout(timer);
      ours.destroy();
      theirs.destroy();
      resolve({ ending, code, sent: (watch.seen().certificatesSent ?? []).map((der) => new X509Certificate(der)) });
    };
    const fail = (error: NodeJS.ErrnoException): void => finish('failed', error.code ?? error.message);
    const timer = setTimeout(() => finish('failed', 'TIMEOUT'), timeoutMs);
    try {
      const server = serverWith(own, clientCa, securityLevel);
      server.on('tlsClientError', fail);
      server.on('secureConnection', (socket) => {
        socket.on('error', () => undefined);
        // A string, whatever its type says.
        finish(
          socket.authorized ? 'accepted' : 'refused',
          socket.authorized ? null : String(socket.authorizationError),
        );
      });
      server.emit('connection', theirs);
      show(identity, ours).on('error', fail);
    } catch (error) {
      fail(error as NodeJS.ErrnoException);
    }
  });
}

const serverWith = (own: Identity, clientCa: readonly X509Certificate[], securityLevel: 0 | 2): Server =>
  createServer({
    ...contextOf(own),
    ca: clientCa.map(String),
    requestCert: true,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
    ciphers: ciphersAtLevel(securityLevel),
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

function show(identity: Identity, stream: Duplex): TLSSocket {
  return connect({
    socket: stream,
    ...contextOf(identity),
    ca: [],
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
    ciphers: ciphersAtLevel(0),
  });
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
