import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Who called, by the certificate that was shown in the handshake. */
export interface ClientIdentity {
  /** `CN=webhook client, O=Example`. */
  subject: string;
  issuer: string;
  /** Colon-separated upper-case hex of the certificate's SHA-256, as openssl shows it. */
  fingerprint: string;
}

/** What TLS says of a connection. */
export interface ReceivedTls {
  /** `TLSv1.3` */
  protocol: string;
  /** Null when no client certificate was asked for. */
  client: ClientIdentity | null;
}

const known = new WeakMap<Socket, ReceivedTls>();

/** Null for plain HTTP. Looked up once for each connection. */
export function tlsOf(socket: Socket): ReceivedTls | null {
  if (!('getPeerX509Certificate' in socket)) return null;
  let tls = known.get(socket);
  if (tls === undefined) {
    const secure = socket as TLSSocket;
    const certificate = secure.getPeerX509Certificate();
    tls = {
      protocol: secure.getProtocol() ?? 'unknown',
      client:
        certificate === undefined
          ? null
          : {
              subject: inOneLine(certificate.subject),
              issuer: inOneLine(certificate.issuer),
              fingerprint: certificate.fingerprint256,
            },
    };
    known.set(socket, tls);
  }
  return tls;
}

/** Node gives a name a part a line. */
const inOneLine = (name: string | undefined): string => (name ?? '').split('\n').filter(Boolean).join(', ');
