import type { Timings, TlsFacts } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import type { ConnectStage } from './connection.ts';

/** What was going on when an exchange failed. */
export type WireStage = Exclude<ConnectStage, 'open'> | 'answer' | 'headers' | 'body';

export interface WireFailure {
  /** Short and stable, see `failure-code.ts`. */
  code: string;
  /** As the library or system put it. */
  detail: string;
  stage: WireStage;
  cause: unknown;
}

/** What happened on the wire, before anybody judges it. `status` is null when no answer began. */
export interface WireResult {
  /** As sent, HTTP's own included; secrets as `***`. */
  requestHeaders: readonly Header[];
  status: number | null;
  responseHeaders: readonly Header[];
  /** The first 64 KiB at most, as they came: no content-encoding is undone. */
  responseBody: Uint8Array;
  responseBytes: number;
  responseTruncated: boolean;
  timings: Timings;
  remoteAddress: string | null;
  tls: TlsFacts | null;
  /** Null when a whole answer came, or as much of it as is kept. */
  failure: WireFailure | null;
}
