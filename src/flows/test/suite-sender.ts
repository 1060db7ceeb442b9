import type { WireRequest } from '../../conform/conformance-case.ts';
import { deliver } from '../../deliver/deliver.ts';
import { openTransport, type Transport, type TransportOptions } from '../../deliver/transport.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { Header, SignedRequest } from '../../model/plan.ts';
import type { AckMode, Vendor } from '../../model/vendor.ts';
import type { SendRequest } from './run-case.ts';

export interface SuiteSender {
  send: SendRequest;
  /** A readiness probe: null when something answers; else why not, in plain words. */
  probe(timeoutMs: number): Promise<string | null>;
  /** No connection came about, or nobody listened on it: the request never reached the endpoint. */
  isUnreached(attempt: Attempt): boolean;
  close(): Promise<void>;
}

export interface SenderOptions {
  vendor: Vendor;
  url: URL;
  transport: TransportOptions;
  ackMode?: AckMode;
  /** For the attempts: the true time, and an id for each. */
  clock: Clock;
  ids: Ids;
  signal: AbortSignal;
  /** Keeps an attempt of a case (`--record`). */
  record?: (request: WireRequest, sent: SignedRequest, attempt: Attempt) => Promise<void>;
}

/** Of the burst, and some more. */
const CONNECTIONS = 24;
/** A port that nobody serves is often one that a firewall makes silent. */
const PLAIN_MS = 5000;
/** A gateway that has nobody behind it yet. */
const NOT_READY = new Set([502, 503, 504]);

/** Sends the requests of cases as `send` does, each on a connection of its own unless its route says otherwise. */
export async function openSuiteSender(options: SenderOptions): Promise<SuiteSender> {
  const { vendor, url, transport, ackMode, clock, ids, signal, record } = options;
  const transports = await openTransports(transport);
  const sendOver = (over: Transport, request: SignedRequest, stop = signal): Promise<Attempt> =>
    deliver(request, {
      transport: over,
      clock,
      ids,
      deliveryId: ids.uuidV7(clock.now()),
      number: 1,
      success: vendor.success.value,
      ackMode,
      signal: stop,
    });
  const sendByRoute = async ({ way }: WireRequest, request: SignedRequest): Promise<Attempt> => {
    switch (way) {
      case 'expect-continue': {
        const { openExpectTransport } = await import('../../deliver/expect-transport.ts');
        return sendOver(openExpectTransport(transport), request);
      }
      case 'reused-connection':
        return sendOver(transports.reused, request);
      case 'plain-http':
        return sendOver(transports.bare, alone(request), AbortSignal.any([signal, AbortSignal.timeout(PLAIN_MS)]));
      case 'without-certificate':
        return sendOver(transports.bare, alone(request));
      default:
        return sendOver(transports.usual, alone(request));
    }
  };
  return {
    async send(request) {
      const sent = toSigned(request, url);
      const attempt = await sendByRoute(request, sent);
      await record?.(request, sent, attempt);
      return attempt;
    },
    async probe(timeoutMs) {
      const head = { url, method: 'HEAD', headers: [], body: new Uint8Array(), signedAt: 0 };
      const within = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
      const attempt = await sendOver(transports.usual, alone(head), within);
      if (attempt.status !== null) return NOT_READY.has(attempt.status) ? `answered ${attempt.status}` : null;
      return attempt.errorCode === 'ABORTED' ? `no answer within ${timeoutMs} ms` : (attempt.error ?? 'no answer');
    },
    isUnreached: ({ outcome, errorCode, remoteAddress, tls }) =>
      outcome === 'unreachable' &&
      (remoteAddress === null || (url.protocol === 'https:' && tls === null) || errorCode === 'ECONNREFUSED'),
    async close() {
      await Promise.all(Object.values(transports).map((one) => one.close()));
    },
  };
}

async function openTransports(options: TransportOptions): Promise<Record<'usual' | 'reused' | 'bare', Transport>> {
  const { cert: _cert, key: _key, pfx: _pfx, passphrase: _passphrase, ...bareTls } = options.tls ?? {};
  return {
    usual: await openTransport({ ...options, connections: CONNECTIONS, expectedRequests: 100 }),
    reused: await openTransport({ ...options, connections: 1 }),
    bare: await openTransport({ ...options, tls: bareTls }),
  };
}

/** The request for the wire. Over plain http it goes to port 80 beside 443, else to the same port. */
export function toSigned({ method, headers, body, way }: WireRequest, url: URL): SignedRequest {
  return { url: way === 'plain-http' ? plainUrl(url) : url, method, headers, body, signedAt: 0 };
}

function plainUrl(url: URL): URL {
  const plain = new URL(url);
  plain.protocol = 'http:';
  return plain;
}

/** On a connection of its own: a receiver that handles one connection at a time would else wait for ours to end. */
function alone(request: SignedRequest): SignedRequest {
  const close: Header = ['Connection', 'close'];
  return { ...request, headers: [...request.headers, close] };
}
