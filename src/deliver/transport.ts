import type { SignedRequest } from '../model/plan.ts';
import { makeSecureContext } from './client-certificate.ts';
import type { ConnectOptions } from './socket.ts';
import { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
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
  /**
   * A request goes out a second time when a reused connection ends before one byte of answer, since the server may have
   * closed it before. By default; never where each request must be processed once.
   */
  mayResend?: boolean | undefined;
  /** The variable that names a proxy, which is not asked: an endpoint that is not reached may be so for want of it. */
  ignoredProxy?: string | null | undefined;
  /** The body waits for `100 Continue` (RFC 9110 §10.1.1), a second at most. */
  expectsContinue?: boolean | undefined;
  /** As much of an answer as is kept; 64 KiB by default. */
  keptBytes?: number | undefined;
}

export interface Transport {
  readonly timeoutMs: number;
  readonly hasClientCertificate: boolean;
  readonly ignoredProxy?: string | null | undefined;
  /**
   * Sends a request once and follows no redirect. Network failures are in the result; throws AppError `usage`
   * for a header that cannot be sent.
   */
  send(request: SignedRequest, signal?: AbortSignal): Promise<WireResult>;
  /** Drops all connections. */
  close(): Promise<void>;
}

/** Checks the TLS files. Throws AppError `input`, before anything is sent. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const tlsOptions = options.tls ?? {};
  const ownContext = tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx ?? tlsOptions.ca;
  const context = ownContext === undefined ? null : await makeSecureContext(tlsOptions);
  const connecting: ConnectOptions = {
    resolve: options.resolve ?? [],
    connectTo: options.connectTo ?? [],
    insecure: tlsOptions.insecure ?? false,
    timeoutMs: options.timeoutMs,
    tls: null,
  };
  const pool = openPool(options.connections ?? 1, (url) => new Connection(url, connecting));
  return {
    timeoutMs: options.timeoutMs,
    hasClientCertificate: (tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx) !== undefined,
    ignoredProxy: options.ignoredProxy,
    async send(request, signal) {
      const { url } = request;
      const headers = makeWireHeaders(request, options.expectsContinue);
      if (url.protocol === 'https:' && connecting.tls === null) {
        connecting.tls = { module: await import('node:tls'), context: context ?? (await makeSecureContext({})) };
      }
      const taken = pool.take(url);
      const connection = taken instanceof Promise ? await taken : taken;
      try {
        return await exchange(
          connection,
          { url, method: request.method, headers, body: request.body },
          { timeoutMs: options.timeoutMs, mayResend: options.mayResend, keptBytes: options.keptBytes, signal },
        );
      } finally {
        pool.giveBack(url, connection);
      }
    },
    async close() {
      pool.discardAll();
    },
  };
}

interface ConnectionPool {
  /** One that is free, one more, or, where there are as many as may be, one that is given back. */
  take(url: URL): Connection | Promise<Connection>;
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
  let last: { url: URL; connections: OriginConnections } | null = null;
  const connectionsOf = (url: URL): OriginConnections => {
    // A URL makes its origin anew each time that it is asked.
    if (last?.url === url) return last.connections;
    const { origin } = url;
    const connections = byOrigin.get(origin) ?? { free: [], all: [], waiting: [] };
    byOrigin.set(origin, connections);
    last = { url, connections };
    return connections;
  };
  return {
    take(url) {
      const { free, all, waiting } = connectionsOf(url);
      const known = free.pop();
      if (known !== undefined) return known;
      if (all.length >= limit) return new Promise((resolve) => waiting.push(resolve));
      const connection = open(url);
      all.push(connection);
      return connection;
    },
    giveBack(url, connection) {
      const { free, waiting } = connectionsOf(url);
      const next = waiting.shift();
      if (next === undefined) free.push(connection);
      else next(connection);
    },
    discardAll() {
      for (const { all } of byOrigin.values()) for (const connection of all) connection.discard();
    },
  };
}
