import type { Header } from '../model/plan.ts';
import type { ReceivedTls } from './client-identity.ts';
import type { Rejection } from './rejection.ts';

/** A request as it came from the wire: header names keep their letter case, the body its bytes. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: readonly Header[];
  body: Uint8Array;
  remoteAddress: string;
}

/** The connection a request came over. */
export interface ReceivedOver {
  /** Null for plain HTTP. */
  tls: ReceivedTls | null;
  /** 1 for the first request of the connection. */
  nthOnConnection: number;
  /** The sender closed it: nobody waits for an answer. */
  hasLeft(): boolean;
}

export interface Answer {
  status: number;
  headers?: readonly Header[];
  body?: string | Uint8Array;
}

/** `drop` closes the connection without an answer. */
export type Reply = Answer | 'drop';

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  origin: string;
  /** Takes no further requests and cuts what is under way after `graceMs` (default: at once). */
  close(graceMs?: number): Promise<void>;
}

/** The certificate a server shows and, with `clientCa`, whom it lets in: all PEM. */
export interface ReceiverTls {
  cert: string | Uint8Array;
  key: string | Uint8Array;
  passphrase?: string | undefined;
  /** Only callers with a client certificate of these CAs get through the handshake. */
  clientCa?: string | Uint8Array | undefined;
}

export interface ReceiverOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** A larger body is answered 413 and not kept. */
  maxBodyBytes: number;
  tls?: ReceiverTls | undefined;
  /** How long a caller may take for the headers, and for the whole request. */
  headersTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** Told of every caller who was turned away before there was a request. */
  onRejected?: (rejection: Rejection) => void;
  /** Told when making an answer failed; the sender gets 500. */
  onError?: (error: unknown) => void;
}

export type AnswerOf = (request: ReceivedRequest, over: ReceivedOver) => Reply | Promise<Reply>;
