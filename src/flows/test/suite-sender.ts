import { judgeAnswer } from '../../deliver/judge-answer.ts';
import { explainError } from '../../deliver/explain-error.ts';
import type { ExpectResult } from '../../deliver/expect-exchange.ts';
import { openTransport, type Transport, type TransportOptions } from '../../deliver/transport.ts';
import type { WireResult, WireStage } from '../../deliver/wire.ts';
import type { WireRequest } from '../../conform/conformance-case.ts';
import type { Outcome } from '../../conform/judge-case.ts';
import type { Header, SignedRequest } from '../../model/plan.ts';
import type { AckMode, Vendor } from '../../model/vendor.ts';
import type { SendRequest } from './run-case.ts';

export interface SuiteSender {
  send: SendRequest;
  /** Null when something answers; else why not, in plain words. */
  knock(timeoutMs: number): Promise<string | null>;
  close(): Promise<void>;
}

export interface SenderOptions {
  vendor: Vendor;
  url: string;
  transport: TransportOptions;
  ackMode?: AckMode;
  signal: AbortSignal;
}

/** Of the burst, and some more. */
const CONNECTIONS = 24;
/** A port that nobody serves is often one that a firewall makes silent. */
const PLAIN_MS = 5000;
/** A gateway that has nobody behind it yet. */
const NOT_READY = new Set([502, 503, 504]);

/** Sends the requests of cases, each on a connection of its own unless its way says otherwise. */
export async function openSuiteSender({
  vendor,
  url,
  transport: options,
  ackMode,
  signal,
}: SenderOptions): Promise<SuiteSender> {
  const { cert: _cert, key: _key, pfx: _pfx, passphrase: _passphrase, ...bareTls } = options.tls ?? {};
  const transports = {
    usual: await openTransport({ ...options, connections: CONNECTIONS, expectedRequests: 100 }),
    reused: await openTransport({ ...options, connections: 1 }),
    bare: await openTransport({ ...options, tls: bareTls }),
  };
  const outcomeOf = (wire: WireResult | ExpectResult): Outcome =>
    judge(wire, { vendor, url, transport: transports.usual, ackMode });
  return {
    async send(request) {
      const signed = toSigned(request, url);
      switch (request.way) {
        case 'expect-continue': {
          const { sendExpecting } = await import('../../deliver/expect-exchange.ts');
          return outcomeOf(await sendExpecting(signed, options, signal));
        }
        case 'reused-connection':
          return outcomeOf(await transports.reused.send(signed, signal));
        case 'plain-http':
          return outcomeOf(
            await transports.bare.send(alone(signed), AbortSignal.any([signal, AbortSignal.timeout(PLAIN_MS)])),
          );
        case 'without-certificate':
          return outcomeOf(await transports.bare.send(alone(signed), signal));
        default:
          return outcomeOf(await transports.usual.send(alone(signed), signal));
      }
    },
    async knock(timeoutMs) {
      const wire = await transports.usual.send(
        alone({ url, method: 'HEAD', headers: [], body: new Uint8Array(), signedAt: 0 }),
        AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))]),
      );
      if (wire.status !== null) return NOT_READY.has(wire.status) ? `answered ${wire.status}` : null;
      return wire.failure?.code === 'ABORTED'
        ? `no answer within ${timeoutMs} ms`
        : (outcomeOf(wire).error ?? 'no answer');
    },
    async close() {
      await Promise.all(Object.values(transports).map((one) => one.close()));
    },
  };
}

/** The request for the wire. Over plain http it goes to port 80 beside 443, else to the same port. */
export function toSigned({ method, headers, body, way }: WireRequest, url: string): SignedRequest {
  return { url: way === 'plain-http' ? url.replace(/^https:/i, 'http:') : url, method, headers, body, signedAt: 0 };
}

/** On a connection of its own: a receiver that handles one connection at a time would else wait for ours to end. */
function alone(request: SignedRequest): SignedRequest {
  const close: Header = ['Connection', 'close'];
  return { ...request, headers: [...request.headers, close] };
}

function judge(
  wire: WireResult | ExpectResult,
  {
    vendor,
    url,
    transport,
    ackMode,
  }: { vendor: Vendor; url: string; transport: Transport; ackMode: AckMode | undefined },
): Outcome {
  const { status, failure } = wire;
  const durationMs = 'timings' in wire ? wire.timings.totalMs : wire.durationMs;
  const answer =
    'timings' in wire
      ? { headers: wire.responseHeaders, body: wire.responseBody }
      : { headers: wire.headers, body: wire.body };
  const verdict =
    status === null
      ? null
      : judgeAnswer({ status, ...answer }, vendor.success.value, ackMode ?? vendor.success.value.ackModes?.[0]);
  if (verdict !== null && (failure === null || verdict.outcome === 'refused'))
    return { status, isSuccess: verdict.outcome === 'delivered', error: verdict.error, durationMs };
  const stage: WireStage = failure !== null && 'stage' in failure ? failure.stage : 'answer';
  const { protocol, host } = new URL(url);
  const { error } = explainError(failure?.code ?? 'CLOSED', {
    host,
    secure: protocol === 'https:',
    stage,
    timeoutMs: transport.timeoutMs,
    clientCertificate: transport.hasClientCertificate,
    status,
    detail: failure?.detail ?? '',
  });
  return {
    status: null,
    isSuccess: false,
    error,
    isUnreached: stage === 'dns' || stage === 'connect' || stage === 'tls' || failure?.code === 'ECONNREFUSED',
    durationMs,
  };
}
