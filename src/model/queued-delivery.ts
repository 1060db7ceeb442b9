import type { Delivery } from './attempt.ts';
import type { Header } from './plan.ts';
import type { AckMode } from './vendor.ts';
import type { CertificateOptions, GivenTexts } from './webhook.ts';

/**
 * How a worker finds the endpoint again, and with what it signs. Everything secret is named and not kept: variables by
 * their names, files by their absolute paths.
 */
export interface Reach extends CertificateOptions {
  /** URL, secret and certificates are those of the worker's own configuration; what stands here goes before them. */
  isConfigured: boolean;
  /** The id; of a vendor of the user's own its file, absolute. */
  vendor: string;
  /** Absent: that of the configured webhook. */
  url?: string;
  secretEnv?: GivenTexts;
  secretFile?: GivenTexts;
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Milliseconds. */
  maxTime?: number;
  /** An attempt is given up after this: the time above, else the vendor's. */
  timeoutMs: number;
  ackMode?: AckMode;
  /** Names of headers and parameters that are masked in what is recorded. */
  mask?: readonly string[];
}

/** The request before it is signed: that is done when it goes out. */
export interface UnsignedRequest {
  headers: readonly Header[];
  /** The user wrote or removed the signature: signing leaves the headers as they are. */
  hasOwnSignature: boolean;
  /** Of a vendor that writes its events into the URL: that end of the query. */
  body: Uint8Array;
}

/** Which attempt of a delivery is the next. */
export interface DueAttempt {
  /** 1 for the first. */
  number: number;
  /** Milliseconds since the first attempt, at the vendor. */
  sinceFirstMs: number;
  /** Milliseconds since the epoch. */
  dueAt: number;
}

/** An event that waits to be sent: needs nothing but what it names. */
export interface QueuedDelivery extends DueAttempt {
  /** As the history will have it. Its body is empty: the request has it. */
  delivery: Omit<Delivery, 'body'>;
  request: UnsignedRequest;
  reach: Reach;
}

/** What becomes of a delivery whose outcome is recorded: another attempt, or it leaves the queue. */
export type NextAttempt = DueAttempt | null;
