import type { SignedRequest } from '../model/plan.ts';
import { makeSecureContext } from './client-certificate.ts';
import type { ConnectionOptions } from './connection.ts';
import { exchange, type Call } from './exchange.ts';
import { openLane, type ClientConstructor, type Lane } from './lane.ts';
import type { ConnectToRule, ResolveRule } from './rules.ts';
import { parseTarget } from './target.ts';
import type { TlsOptions } from './tls-files.ts';
import { makeWireHeaders } from './wire-headers.ts';
import type { WireResult } from './wire.ts';

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
   * for a URL or header that cannot be sent.
   */
  send(request: SignedRequest, signal?: AbortSignal): Promise<WireResult>;
  /** Drops all connections. */
  close(): Promise<void>;
}

/** Below this, a process ends before V8's better code for the HTTP parser would pay. */
const FEW_REQUESTS = 20;

/** Opens the way to endpoints. TLS files are checked here: throws AppError `input` before anything is sent. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const tlsOptions = options.tls ?? {};
  const ownContext = tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx ?? tlsOptions.ca;
  const context = ownContext === undefined ? null : await makeSecureContext(tlsOptions);
  const Client = await loadClient(options.expectedRequests ?? 1);
  const connecting: ConnectionOptions = {
    resolve: options.resolve ?? [],
    connectTo: options.connectTo ?? [],
    insecure: tlsOptions.insecure ?? false,
    // Node gives up an address after 250 ms by default, which a slow but working line needs.
    nextAddressAfterMs: Math.max(250, Math.min(2500, Math.floor(options.timeoutMs / 4))),
    tls: null,
  };
  const lanes = openLanes(options.connections ?? 1, (url) => openLane(url, Client, connecting));
  return {
    timeoutMs: options.timeoutMs,
    hasClientCertificate: (tlsOptions.cert ?? tlsOptions.key ?? tlsOptions.pfx) !== undefined,
    async send(request, signal) {
      const url = parseTarget(request.url);
      const call: Call = { url, method: request.method, headers: makeWireHeaders(request, url), body: request.body };
      if (url.protocol === 'https:' && connecting.tls === null) {
        connecting.tls = { module: await import('node:tls'), context: context ?? (await makeSecureContext({})) };
      }
      const lane = await lanes.take(url);
      try {
        return await exchange(lane, call, options.timeoutMs, signal);
      } finally {
        lanes.giveBack(url, lane);
      }
    },
    async close() {
      lanes.discardAll();
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

interface Lanes {
  take(url: URL): Promise<Lane>;
  giveBack(url: URL, lane: Lane): void;
  discardAll(): void;
}

interface OriginLanes {
  free: Lane[];
  all: Lane[];
  waiting: ((lane: Lane) => void)[];
}

function openLanes(limit: number, open: (url: URL) => Lane): Lanes {
  const byOrigin = new Map<string, OriginLanes>();
  const lanesOf = ({ origin }: URL): OriginLanes => {
    const known = byOrigin.get(origin) ?? { free: [], all: [], waiting: [] };
    byOrigin.set(origin, known);
    return known;
  };
  return {
    async take(url) {
      const lanes = lanesOf(url);
      const free = lanes.free.pop();
      if (free !== undefined) return free;
      if (lanes.all.length >= limit) return new Promise((resolve) => lanes.waiting.push(resolve));
      const lane = open(url);
      lanes.all.push(lane);
      return lane;
    },
    giveBack(url, lane) {
      const lanes = lanesOf(url);
      const next = lanes.waiting.shift();
      if (next === undefined) lanes.free.push(lane);
      else next(lane);
    },
    discardAll() {
      for (const { all } of byOrigin.values()) for (const lane of all) lane.discard();
    },
  };
}
