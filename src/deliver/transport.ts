import type { SignedRequest } from '../model/plan.ts';
import { makeSecureContext } from './client-certificate.ts';
import type { ConnectOptions } from './socket.ts';
import { exchange, type Call, openConnection, type ClientConstructor, type Connection } from './connection.ts';
import type { ConnectToRule, ResolveRule } from './connect-rules.ts';
import type { TlsOptions } from './tls-files.ts';
import { makeWireHeaders, type WireResult } from './wire.ts';

export interface TransportOptions {
  /** For a whole attempt: DNS, connection, TLS, request and answer. curl's `--max-time`. */
  timeoutMs: number;
  tls?: TlsOptions | undefined;
  resolve?: readonly ResolveRule[] | undefined;
  connectTo?: readonly ConnectToRule[] | undefined;
  /** Keep-alive connections per endpoint; 1 by default. More requests than that wait for one to be free. */
  connections?: number | undefined;
  /** How many requests are about to be sent; 1 by default. */
  expectedRequests?: number | undefined;
}

export interface Transport {
  readonly timeoutMs: number;
  readonly hasClientCertificate: boolean;
  /**
   * Sends a request once and follows no redirect. Network failures are in the result; throws AppError `usage`
   * for a header that cannot be sent.
   */
  send(request: SignedRequest, signal?: AbortSignal): Promise<WireResult>;
  /** Drops all connections. */
  close(): Promise<void>;
}

/** Below this, a process ends before V8's better code for the HTTP parser would pay. */
const FEW_REQUESTS = 20;

/** Checks the TLS files and loads the HTTP client. Throws AppError `input`, before anything is sent. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const tlsOptions = options.tls ?? {};
  const ownContext = tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx ?? tlsOptions.ca;
  const context = ownContext === undefined ? null : await makeSecureContext(tlsOptions);
  const Client = await loadClient(options.expectedRequests ?? 1);
  const connecting: ConnectOptions = {
    resolve: options.resolve ?? [],
    connectTo: options.connectTo ?? [],
    insecure: tlsOptions.insecure ?? false,
    timeoutMs: options.timeoutMs,
    tls: null,
  };
  const pool = openPool(options.connections ?? 1, (url) => openConnection(url, Client, connecting));
  return {
    timeoutMs: options.timeoutMs,
    hasClientCertificate: (tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx) !== undefined,
    async send(request, signal) {
      const { url } = request;
      const call: Call = { url, method: request.method, headers: makeWireHeaders(request), body: request.body };
      if (url.protocol === 'https:' && connecting.tls === null) {
        connecting.tls = { module: await import('node:tls'), context: context ?? (await makeSecureContext({})) };
      }
      const connection = await pool.take(url);
      try {
        return await exchange(connection, call, options.timeoutMs, signal);
      } finally {
        pool.giveBack(url, connection);
      }
    },
    async close() {
      pool.discardAll();
    },
  };
}

/**
 * The V8 of Node 20 compiles undici's HTTP parser (WebAssembly) a second, better time in the background, and a
 * process cannot end before that is done: a command that sends once took 205 ms instead of 114. The flag keeps the
 * first, quick code. From Node 22 on nothing waits any more, and a changed flag makes V8 drop Node's code cache (10
 * ms).
 */
async function loadClient(expectedRequests: number): Promise<ClientConstructor> {
  const { default: Client } = await import('undici/lib/dispatcher/client.js');
  if (expectedRequests <= FEW_REQUESTS && Number.parseInt(process.versions.node, 10) < 22) {
    const { setFlagsFromString } = await import('node:v8');
    setFlagsFromString('--liftoff-only');
  }
  return Client;
}

interface ConnectionPool {
  take(url: URL): Promise<Connection>;
  giveBack(url: URL, connection: Connection): void;
  discardAll(): void;
}

interface OriginConnections {
  free: Connection[];
  all: Connection[];
  waiting: ((connection: Connection) => void)[];
}

function openPool(limit: number, open: (url: URL) => Connection): ConnectionPool {
  const byOrigin = new Map<string, OriginConnections>();
  const connectionsOf = ({ origin }: URL): OriginConnections => {
    const known = byOrigin.get(origin) ?? { free: [], all: [], waiting: [] };
    byOrigin.set(origin, known);
    return known;
  };
  return {
    async take(url) {
      const connections = connectionsOf(url);
      const free = connections.free.pop();
      if (free !== undefined) return free;
      if (connections.all.length >= limit) return new Promise((resolve) => connections.waiting.push(resolve));
      const connection = open(url);
      connections.all.push(connection);
      return connection;
    },
    giveBack(url, connection) {
      const connections = connectionsOf(url);
      const next = connections.waiting.shift();
      if (next === undefined) connections.free.push(connection);
      else next(connection);
    },
    discardAll() {
      for (const { all } of byOrigin.values()) for (const connection of all) connection.discard();
    },
  };
}
