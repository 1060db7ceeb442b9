import pLimit from 'p-limit';
import {
  probeEndpoint,
  type Endpoint,
  type ProbeOptions,
  type ProbeResult,
  type ServerShown,
} from './probe-endpoint.ts';
import { probePlain, type PlainResult } from './probe-plain.ts';

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
 * @param proved SHA-256 of server certificates, growing as they are proved: credentials go to their servers alone. Null: to any
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
