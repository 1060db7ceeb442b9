import type { Header } from '../model/plan.ts';

/** A request that somebody wrote down. */
export interface CapturedRequest {
  /** What it was read from. */
  source: 'json' | 'http' | 'curl' | 'history';
  method: string;
  /** Path and query; of a proxy's request line, the whole URL. */
  path: string;
  /** In the order and letter case of the capture. */
  headers: readonly Header[];
  body: Uint8Array;
  /** The capture says that more of the body was to come. */
  isCutOff: boolean;
  /** Milliseconds since the epoch; null where the capture does not say. */
  receivedAtMs: number | null;
  /** Id of the vendor, where the capture names one. */
  vendor: string | null;
}
