import type { Header } from '../../model/plan.ts';

/** A request that somebody wrote down. */
export interface CapturedRequest {
  /** What it was read from; `curl` is what curl wrote, `curl-command` a command that sends it. */
  source: 'json' | 'http' | 'har' | 'curl' | 'curl-command' | 'history';
  method: string;
  /** Path and query; of a proxy's request line, the whole URL. */
  path: string;
  /**
   * The whole URL that the vendor called, letter by letter: some vendors sign it. It may hold credentials, so it is
   * never shown as it is. Null where the capture does not say; `listCalledUrls` then tells what it may have been.
   */
  url: string | null;
  /** In the order and letter case of the capture. */
  headers: readonly Header[];
  body: Uint8Array;
  /** The capture says that more of the body was to come. */
  isCutOff: boolean;
  /** Milliseconds since the epoch; null where the capture does not say. */
  receivedAtMs: number | null;
  /** Id of the vendor, where the capture names one. */
  vendor: string | null;
  /** Where the capture is not, or may not be, what was sent; in plain words, without secrets. */
  notes: readonly string[];
}

/** What a capture says of none of its requests, unless its kind does. */
export const UNSAID = {
  url: null,
  isCutOff: false,
  receivedAtMs: null,
  vendor: null,
  notes: [],
} satisfies Partial<CapturedRequest>;

/** The first value of a header, whatever the letter case of its name. */
export function headerValue({ headers }: Pick<CapturedRequest, 'headers'>, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

/** The alphabet of base64 with its padding, and nothing between. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.replace(/={1,2}$/, ''));
}
