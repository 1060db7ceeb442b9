import type { Header } from './plan.ts';

/** `delivered`: the vendor counts it as success; `refused`: an answer, but not success; `unreachable`: no answer. */
export type Outcome = 'delivered' | 'refused' | 'unreachable';

/** `event`: sent or received for real. `test`: a request of the conformance suite; lists and exports leave it out. */
export type Purpose = 'event' | 'test';

/** `out`: we sent it, playing the vendor. `in`: we received it. */
export const DIRECTIONS = ['in', 'out'] as const;

export type Direction = (typeof DIRECTIONS)[number];

/** The vendor and event of a received request that fits no vendor's rules. */
export const UNKNOWN = 'unknown';

/** One event for one webhook: the exact bytes, stored once however often it is tried. */
export interface Delivery {
  /** UUID version 7. */
  id: string;
  webhookUuid: string;
  vendor: string;
  event: string;
  eventId: string | null;
  direction: Direction;
  purpose: Purpose;
  /** Without credentials: `user:password@` never reaches a record. */
  url: string;
  method: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Of a vendor that writes its events into the URL: that end of the query. */
  body: Uint8Array;
}

/** Milliseconds each stage took; null where it did not take place. */
export interface Timings {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  firstByteMs: number | null;
  totalMs: number;
  /**
   * A reused connection had ended before one byte of answer: the request went out again, on a fresh one, so long after
   * the attempt began. Left out where it went out once.
   */
  resentAfterMs?: number;
  /**
   * How long the vendor waits until its next attempt, where its retries are followed: this was not to be the last. Left
   * out where it was.
   */
  retryInMs?: number;
}

export interface TlsFacts {
  /** `TLSv1.3` */
  protocol: string;
  /** SHA-256 of the server's certificate, colon-separated hex; null when it showed none. */
  peerFingerprint: string | null;
}

/** What happened on the wire, once. Complete at birth: nobody adds to it later. */
export interface Attempt {
  /** UUID version 7. */
  id: string;
  deliveryId: string;
  /** 1 for the first try. */
  number: number;
  /** Milliseconds since the epoch, when the attempt began. */
  startedAt: number;
  /** As sent; secrets (Authorization) replaced by `***`. */
  requestHeaders: readonly Header[];
  outcome: Outcome;
  status: number | null;
  /** Short and stable: `HTTP_500`, `ECONNREFUSED`, `TIMEOUT`, …; null when delivered. */
  errorCode: string | null;
  /** In plain words; null when delivered. */
  error: string | null;
  /** What to try next, where one can say; shown, not stored. */
  hint: string | null;
  responseHeaders: readonly Header[];
  /** The first 64 KiB at most. */
  responseBody: Uint8Array;
  /** Body bytes read from the wire before reading stopped. */
  responseBytes: number;
  responseTruncated: boolean;
  timings: Timings;
  remoteAddress: string | null;
  tls: TlsFacts | null;
  /** What the endpoint's answer asked for (MailKite control mode): `spam`, `drop`, `block-sender`, … */
  control: readonly string[];
}

/** A delivery with its attempts, as read back from history. */
export interface StoredDelivery extends Delivery {
  attempts: readonly Attempt[];
}

/** What came of one attempt: enough to count it. */
export interface AttemptOutcome {
  webhookUuid: string;
  /** When it began: ISO-8601 UTC with milliseconds. */
  startedAt: string;
  direction: Direction;
  vendor: string;
  event: string;
  outcome: Outcome;
  /** Null: no answer. */
  status: number | null;
  errorCode: string | null;
  error: string | null;
  /** 1 for the first try of its delivery. */
  number: number;
  durationMs: number;
}
