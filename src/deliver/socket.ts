import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import type { TlsFacts } from '../model/attempt.ts';
import { findRoute, type ConnectToRule, type ResolveRule, type ConnectRule } from './connect-rules.ts';
import { stopwatchMs } from '../model/clock.ts';

/** How far a socket got: what it was doing when it failed. */
export type ConnectStage = 'dns' | 'connect' | 'tls' | 'open';

/** A socket and what was learned while it opened. Filled in as it happens. */
export interface WatchedSocket {
  raw: Socket;
  stage: ConnectStage;
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  remoteAddress: string | null;
  tls: TlsFacts | null;
  /**
   * The first error of the socket. On TLS 1.3 an alert (say: client certificate required) arrives after the handshake,
   * and the connection ends with it.
   */
  socketError: NodeJS.ErrnoException | null;
  /** Requests sent over it so far. */
  requests: number;
}

export interface ConnectOptions {
  resolve: readonly ResolveRule[];
  connectTo: readonly ConnectToRule[];
  insecure: boolean;
  /** The time of the whole attempt: an address that is silent for a quarter of it makes way for the next. */
  timeoutMs: number;
  /** Loaded and made when the first https URL comes. */
  tls: { module: typeof import('node:tls'); context: SecureContext } | null;
}

/** What becomes of a socket. */
export interface SocketEvents {
  /** Called once: when it is ready for HTTP, or with what went wrong. */
  done(error: Error | null): void;
  /** Only until it returns do the bytes stay as they are. */
  received(bytes: Buffer): void;
}

/** More than any answer that is kept. */
const READ_BYTES = 64 * 1024;

/**
 * Where every plain connection of this thread reads to. Otherwise each read would make 64 KiB of its own and go through
 * a stream: 5 of 72 µs of an event of `webhook load`. TLS knows no such way.
 */
let shared: Buffer | null = null;

/** Opens a socket for requests to `url`. */
export function openSocket(url: URL, options: ConnectOptions, events: SocketEvents): WatchedSocket {
  const secure = url.protocol === 'https:';
  const route = findRoute(url.hostname, Number(url.port) || (secure ? 443 : 80), options);
  const where = socketOptions(route, options);
  const socket = secure ? connectTls(url, where, options) : connectPlain(where, events);
  const pinned = route.addresses !== null || isIP(route.host) !== 0;
  const watched: WatchedSocket = {
    raw: socket,
    stage: pinned ? 'connect' : 'dns',
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    remoteAddress: null,
    tls: null,
    socketError: null,
    requests: 0,
  };
  socket.setNoDelay(true);
  watch(watched, secure, pinned, events);
  return watched;
}

function watch(watched: WatchedSocket, secure: boolean, pinned: boolean, events: SocketEvents): void {
  const socket = watched.raw;
  let stageBeganAt = stopwatchMs();
  const endStage = (next: ConnectStage): number => {
    const began = stageBeganAt;
    stageBeganAt = stopwatchMs();
    watched.stage = next;
    return stageBeganAt - began;
  };
  if (!pinned) {
    socket.once('lookup', (error: Error | null) => {
      if (error === null) watched.dnsMs = endStage('connect');
    });
  }
  socket.once('connect', () => {
    watched.connectMs = endStage(secure ? 'tls' : 'open');
    watched.remoteAddress = socket.remoteAddress ?? null;
    if (!secure) events.done(null);
  });
  socket.once('secureConnect', () => {
    watched.tlsMs = endStage('open');
    watched.tls = tlsFacts(socket as TLSSocket);
    socket.on('data', (bytes: Buffer) => events.received(bytes));
    events.done(null);
  });
  // Stays for the life of the socket.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const opened = watched.stage === 'open';
    watched.socketError ??= error;
    if (!opened) events.done(error);
  });
}

function socketOptions(route: ConnectRule, options: ConnectOptions): TcpNetConnectOpts {
  const where: TcpNetConnectOpts = {
    host: route.host,
    port: route.port,
    autoSelectFamily: true,
    // Node gives up an address after 250 ms by default, which a slow but working line needs.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2500, Math.floor(options.timeoutMs / 4))),
  };
  const [first, ...others] = route.addresses ?? [];
  if (first === undefined) return where;
  return others.length === 0 ? { ...where, host: first } : { ...where, lookup: answerWith([first, ...others]) };
}

function answerWith(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, entries);
    else callback(null, entries[0]?.address ?? '', entries[0]?.family);
  };
}

function connectPlain(where: TcpNetConnectOpts, events: SocketEvents): Socket {
  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
  const callback = (count: number): boolean => {
    events.received(buffer.subarray(0, count));
    return true;
  };
  return connectTcp({ ...where, onread: { buffer, callback } });
}

function connectTls(url: URL, where: TcpNetConnectOpts, options: ConnectOptions): TLSSocket {
  if (options.tls === null) throw new Error('TLS was not prepared for an https URL');
  const { module: tls, context } = options.tls;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return tls.connect({
    ...where,
    secureContext: context,
    // An address is no server name (RFC 6066 §3).
    servername: isIP(host) === 0 ? host : '',
    // The name in the URL counts, wherever --connect-to and --resolve lead.
    checkServerIdentity: (_name, certificate) =>
      isIssuedFor(host, certificate) ? undefined : tls.checkServerIdentity(host, certificate),
    rejectUnauthorized: !options.insecure,
    // Vendors speak HTTP/1.1: an endpoint that cannot must fail here, not answer something else.
    ALPNProtocols: ['http/1.1'],
  });
}

/**
 * An IPv6 address the certificate names: Node 22.23 takes one for a host name in `checkServerIdentity`, and refuses it.
 */
function isIssuedFor(host: string, { raw }: PeerCertificate): boolean {
  return isIP(host) === 6 && raw !== undefined && new X509Certificate(raw).checkIP(host) !== undefined;
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    peerFingerprint: socket.getPeerX509Certificate()?.fingerprint256 ?? null,
  };
}
