import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Header } from '../model/plan.ts';

/** A request as it came from the wire: header names keep their letter case, the body its bytes. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: readonly Header[];
  body: Uint8Array;
  remoteAddress: string;
}

/** The connection a request came over. */
export interface ReceivedOver {
  /** Null for plain HTTP. */
  tls: ReceivedTls | null;
  /** 1 for the first request of the connection. */
  nthOnConnection: number;
  /** The sender closed the connection: nobody waits for an answer. */
  hasLeft(): boolean;
}

/** What TLS says about a connection. */
export interface ReceivedTls {
  /** `TLSv1.3` */
  protocol: string;
  /** Null when no client certificate was requested. */
  client: ClientIdentity | null;
}

/** The caller, by the certificate shown in the handshake. */
export interface ClientIdentity {
  /** `CN=webhook client, O=Example`. */
  subject: string;
  issuer: string;
  /** Colon-separated upper-case hex of the certificate's SHA-256, as openssl shows it. */
  fingerprint: string;
}

export interface Answer {
  status: number;
  headers?: readonly Header[];
  body?: string | Uint8Array;
}

/** `drop` closes the connection without an answer. */
export type Reply = Answer | 'drop';

export type AnswerOf = (request: ReceivedRequest, over: ReceivedOver) => Reply | Promise<Reply>;

const known = new WeakMap<Socket, ReceivedTls>();

/** Null for plain HTTP. Looked up once per connection. */
export function tlsOf(socket: Socket): ReceivedTls | null {
  if (!('getPeerX509Certificate' in socket)) return null;
  let tls = known.get(socket);
  if (tls === undefined) known.set(socket, (tls = readTls(socket as TLSSocket)));
  return tls;
}

function readTls(socket: TLSSocket): ReceivedTls {
  const certificate = socket.getPeerX509Certificate();
  const client = certificate && {
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    fingerprint: certificate.fingerprint256,
  };
  return { protocol: socket.getProtocol() ?? 'unknown', client: client ?? null };
}

/** Node puts each part of a name on a line of its own. */
const inOneLine = (name: string | undefined): string => (name ?? '').split('\n').filter(Boolean).join(', ');
