import { connect, isIP } from 'node:net';
import { type HttpAnswer, collectAnswer } from './http-post.ts';
import { type Endpoint, type ProbeOptions, probeEndpoint } from './probe-endpoint.ts';
import { type ProbeResult, type ServerShown, durationSince } from './probe-result.ts';
import pLimit from 'p-limit';

/** Connections that are open at once: a small server must not take a diagnosis for an attack. */
const MAX_AT_ONCE = 8;
/**
 * Probes build on each other: none may use up the time of the next. Five in a row at most: without a certificate, under
 * another name, there with a self-signed one, with its session, and a large one at last …
 */
const STEPS = 5;
/** … after two that prove who the server is, where there are credentials. */
const PROVING_STEPS = 2;

/** Calls one endpoint, at whichever of its addresses, within a bound of number and time. */
export interface Prober {
  probe(address: string, options: Omit<ProbeOptions, 'timeoutMs' | 'trustsServer'>): Promise<ProbeResult>;
  probePlain(endpoint: { host: string; port: number }, request: Uint8Array): Promise<PlainResult>;
}

/**
 * @param maxTimeMs for everything together, from now on
 * @param proved SHA-256 of server certificates, growing as they are proved: credentials go to their servers alone.
 * Null: to any
 */
export function makeProber(
  endpoint: Omit<Endpoint, 'host'>,
  maxTimeMs: number,
  proved: ReadonlySet<string> | null,
): Prober {
  const limit = pLimit(MAX_AT_ONCE);
  const until = performance.now() + maxTimeMs;
  const steps = STEPS + (proved === null ? 0 : PROVING_STEPS);
  const trustsServer = ({ fingerprint }: ServerShown): boolean => proved === null || proved.has(fingerprint);
  const timeoutMs = (): number => Math.max(1, Math.min(maxTimeMs / steps, until - performance.now()));
  return {
    probe: (host, options) =>
      limit(() => probeEndpoint({ ...endpoint, host }, { ...options, trustsServer, timeoutMs: timeoutMs() })),
    probePlain: (where, request) => limit(() => probePlain(where, request, timeoutMs())),
  };
}

/** What plain http, without TLS, got on one port. */
export interface PlainResult {
  port: number;
  /** Null when no HTTP answer came. */
  status: number | null;
  /** Somebody listens there. */
  connected: boolean;
  durationMs: number;
}

/** Sends `request` as it is to a port of an address, without TLS, on a connection of its own. Never rejects. */
export function probePlain(
  endpoint: { host: string; port: number },
  request: Uint8Array,
  timeoutMs: number,
): Promise<PlainResult> {
  // A name was looked up before, and leads nowhere.
  if (isIP(endpoint.host) === 0)
    return Promise.resolve({ port: endpoint.port, status: null, connected: false, durationMs: 0 });
  const beganAt = performance.now();
  const socket = connect({ host: endpoint.host, port: endpoint.port, autoSelectFamily: true, noDelay: true });
  let connected = false;
  let answer: HttpAnswer | null = null;
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({
        port: endpoint.port,
        status: answer?.status ?? null,
        connected,
        durationMs: durationSince(beganAt),
      });
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.once('connect', () => {
      connected = true;
      socket.write(request);
    });
    socket.on(
      'data',
      collectAnswer((found) => {
        answer = found;
        finish();
      }, finish),
    );
    socket.on('error', finish);
    socket.once('close', finish);
  });
}
