import type { Attempt } from '../model/attempt.ts';
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

/** What of an attempt is known before anybody judges it. `status` is null when no answer began. */
export interface WireResult extends Pick<
  Attempt,
  | 'requestHeaders'
  | 'status'
  | 'responseHeaders'
  | 'responseBody'
  | 'responseBytes'
  | 'responseTruncated'
  | 'timings'
  | 'remoteAddress'
  | 'tls'
> {
  /** Null when a whole answer came, or as much of it as is kept. */
  failure: WireFailure | null;
}
