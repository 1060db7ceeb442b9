import type { WireRequest } from '../../conform/conformance-case.ts';
import { deliver, isUnreached } from '../../deliver/deliver.ts';
import { displayUrl } from '../../model/http-url.ts';
import { openTransport, type Transport, type TransportOptions } from '../../deliver/transport.ts';
import type { Attempt, Delivery } from '../../model/attempt.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Header, SignedRequest } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import { readEventId } from '../../vendors/event-key.ts';
import { readPayload } from '../../vendors/read-body.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { withoutStaticSecret } from '../session/static-secret.ts';

export interface SuiteSender {
  /** Sends one request of a case; never rejects for what the endpoint does. */
  send(request: WireRequest): Promise<Attempt>;
  /**
   * A readiness probe, by HEAD or by an event: null when something answers; else why not, in plain words. It is kept in
   * no history.
   */
  probe(timeoutMs: number, event?: WireRequest): Promise<string | null>;
  /** No connection came about, or nobody listened on it: the request never reached the endpoint. */
  isUnreached(request: WireRequest, attempt: Attempt): boolean;
  /** The attempt was kept in the history. */
  isRecorded(attempt: Attempt): boolean;
  /** The first failure of the history, and how many attempts were not kept from then on; null when all were. */
  recordFailure(): RecordFailure | null;
  close(): Promise<void>;
}

export interface RecordFailure {
  error: AppError;
  unrecorded: number;
}

export interface SenderOptions {
  target: Pick<OpenTarget, 'vendor' | 'signingSecret' | 'url' | 'webhookUuid'>;
  transport: TransportOptions;
  ackMode?: AckMode;
  /** For the attempts: the true time, and an id for each. */
  clock: Clock;
  ids: Ids;
  signal: AbortSignal;
  /** Where the requests of cases are kept; without it nowhere. */
  records?: TestRecords;
}

/** Keeps requests of the suite (`--record`). */
export interface TestRecords {
  append(delivery: Delivery, attempt: Attempt): Promise<void>;
}

/** Of the burst, and some more. */
const CONNECTIONS = 24;
/** A port that nobody serves is often one that a firewall makes silent. */
const PLAIN_MS = 5000;
/** A gateway that has nobody behind it yet. */
const NOT_READY = new Set([502, 503, 504]);

/** Sends the requests of cases as `send` does, each on a connection of its own unless its route says otherwise. */
export async function openSuiteSender(options: SenderOptions): Promise<SuiteSender> {
  const { url } = options.target;
  const transports = await openTransports(options.transport);
  const recorder = makeTestRecorder(options);
  return {
    async send(request) {
      const sent = toSigned(request);
      const attempt = await sendByRoute(request, sent, transports, options);
      await recorder.record(request, sent, attempt);
      return attempt;
    },
    probe: (timeoutMs, event) =>
      probe(event === undefined ? makeHead(url) : toSigned(event), transports.usual, timeoutMs, options),
    isUnreached: (request, attempt) => isUnreached(attempt, toSigned(request).url),
    isRecorded: recorder.has,
    recordFailure: recorder.failure,
    async close() {
      await Promise.all(Object.values(transports).map((one) => one.close()));
    },
  };
}

type Transports = Record<'usual' | 'reused' | 'expecting' | 'bare', Transport>;

async function openTransports(options: TransportOptions): Promise<Transports> {
  const { cert: _cert, key: _key, pfx: _pfx, passphrase: _passphrase, ...bareTls } = options.tls ?? {};
  // A request that went out twice may have been processed twice, and a case would blame the endpoint for it.
  const once = { ...options, mayResend: false };
  return {
    usual: await openTransport({ ...once, connections: CONNECTIONS }),
    // A server may close a kept connection without saying so; whether it processed what was on it, effects tell.
    reused: await openTransport({ ...options, connections: 1 }),
    expecting: await openTransport({ ...once, expectsContinue: true }),
    bare: await openTransport({ ...once, tls: bareTls }),
  };
}

async function sendByRoute(
  { route }: WireRequest,
  request: SignedRequest,
  { usual, reused, expecting, bare }: Transports,
  options: SenderOptions,
): Promise<Attempt> {
  const { signal } = options;
  switch (route) {
    case 'expect-continue':
      return sendOver(expecting, alone(request), signal, options);
    case 'reused-connection':
      return sendOver(reused, request, signal, options);
    case 'plain-http':
      return sendOver(bare, alone(request), AbortSignal.any([signal, AbortSignal.timeout(PLAIN_MS)]), options);
    case 'without-certificate':
      return sendOver(bare, alone(request), signal, options);
    default:
      return sendOver(usual, alone(request), signal, options);
  }
}

const makeHead = (url: URL): SignedRequest => ({
  url,
  method: 'HEAD',
  headers: [],
  body: new Uint8Array(),
  signedAt: 0,
});

async function probe(
  request: SignedRequest,
  over: Transport,
  timeoutMs: number,
  options: SenderOptions,
): Promise<string | null> {
  const within = AbortSignal.any([options.signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
  const attempt = await sendOver(over, alone(request), within, options);
  if (attempt.status !== null) return NOT_READY.has(attempt.status) ? `answered ${attempt.status}` : null;
  return attempt.errorCode === 'ABORTED' ? `no answer within ${timeoutMs} ms` : (attempt.error ?? 'no answer');
}

function sendOver(
  transport: Transport,
  request: SignedRequest,
  signal: AbortSignal,
  { target, ackMode, clock, ids }: SenderOptions,
): Promise<Attempt> {
  const deliveryId = ids.uuidV7(clock.now());
  return deliver(request, {
    transport,
    clock,
    ids,
    deliveryId,
    number: 1,
    vendor: target.vendor,
    ackMode,
    secret: target.signingSecret,
    signal,
  });
}

/** The request for the wire. Over plain http it goes to port 80 beside 443, else to the same port. */
export function toSigned({ method, url, headers, body, route }: WireRequest): SignedRequest {
  return { url: route === 'plain-http' ? plainUrl(url) : url, method, headers, body, signedAt: 0 };
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

interface TestRecorder {
  record(request: WireRequest, sent: SignedRequest, attempt: Attempt): Promise<void>;
  has(attempt: Attempt): boolean;
  failure(): RecordFailure | null;
}

/**
 * Keeps each request of a case as a delivery of its own, of purpose `test`. When the history fails the suite goes on,
 * for its report is worth more than its records.
 */
function makeTestRecorder({ target: { vendor, webhookUuid }, records }: SenderOptions): TestRecorder {
  const kept = new Set<string>();
  let failure: AppError | null = null;
  let unrecorded = 0;
  return {
    async record({ event }, { url, method, headers, body }, attempt) {
      if (records === undefined) return;
      if (failure !== null) {
        unrecorded += 1;
        return;
      }
      const delivery: Delivery = {
        id: attempt.deliveryId,
        webhookUuid,
        vendor: vendor.id,
        event,
        eventId: readEventId(vendor, headers, readPayload(vendor, { url, body })),
        direction: 'out',
        purpose: 'test',
        url: displayUrl(url),
        method,
        createdAt: attempt.startedAt,
        body: withoutStaticSecret(vendor, body),
      };
      try {
        await records.append(delivery, attempt);
        kept.add(delivery.id);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failure ??= error;
        unrecorded += 1;
      }
    },
    has: ({ deliveryId }) => kept.has(deliveryId),
    failure: () => (failure === null ? null : { error: failure, unrecorded }),
  };
}
