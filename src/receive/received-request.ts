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

/**
 * What a request says of another protocol, in words; null for most. A server may answer over HTTP/1.1 all the same (RFC
 * 9110, section 7.8), and this one does.
 */
export function describeUpgrade(headers: readonly Header[]): string | null {
  const protocols = headers
    .filter(([name]) => name.toLowerCase() === 'upgrade')
    .flatMap(([, value]) => value.split(',').map((one) => one.trim()))
    .filter((one) => one !== '');
  const offers = [
    ...(protocols.some((one) => one.toLowerCase() === 'h2c') ? ['Upgrade: h2c'] : []),
    ...(headers.some(([name]) => name.toLowerCase() === 'http2-settings') ? ['HTTP2-Settings'] : []),
  ];
  if (offers.length > 0) return `it offers HTTP/2 without TLS (${offers.join(', ')}): ${ANSWERED}`;
  return protocols.length === 0 ? null : `it asks for another protocol (Upgrade: ${protocols.join(', ')}): ${ANSWERED}`;
}

const ANSWERED = 'answered over HTTP/1.1, as a server may';
