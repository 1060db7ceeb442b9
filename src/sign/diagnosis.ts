import type { Header } from '../model/plan.ts';
import { isSamePlace, type Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { readsUrl } from '../vendors/facts.ts';
import type { Effort } from './explain/find-explanation.ts';
import { recogniseVendors } from './recognise-vendors.ts';
import { calledUnder, subjectOf, type SignedSubject } from './scheme/message.ts';
import type { PlacedRequest } from './scheme/place.ts';

/** How a receiver should judge a request, and why. */
export interface SignatureDiagnosis {
  /** `unsigned`: the vendor signs nothing, so nothing can be verified. The others are those of `verifyRequest`. */
  verdict: 'valid' | 'stale' | 'forged' | 'missing' | 'unsigned';
  /** Of a stale request: how far its time is off, in milliseconds; positive long ago, negative in the future. */
  byMs: number | null;
  /** The likely cause, short and stable: `reserialised-body`, `trimmed-secret`, …; null when valid or unsigned. */
  cause: string | null;
  /** In plain words; never holds a secret. */
  explanation: string;
  /** What to change; null when there is nothing to change. */
  fix: string | null;
}

export interface DiagnosedRequest {
  method: string;
  headers: readonly Header[];
  body: Uint8Array;
  /** The URLs that it may have been called under, letter by letter, likeliest first. Asked for where they matter. */
  urls?: () => readonly string[];
  /** Others that may explain why a signature does not fit: none of them counts. */
  otherUrls?: () => readonly string[];
  /** The body is known to break off: a chunked one without its end. */
  isCutOff?: boolean;
}

/** Everything a diagnosis draws on. */
export interface Subject {
  vendor: Vendor;
  spec: Signature;
  secrets: readonly string[];
  request: DiagnosedRequest;
  /** The same as its signature is judged: under the URL that fits, or the likeliest one. */
  signed: SignedSubject;
  nowMs: number;
  /** Null: the vendor's own. */
  toleranceMs: number | null;
  others: readonly Vendor[];
  effort: Effort;
}

export function diagnosis(
  verdict: SignatureDiagnosis['verdict'],
  cause: string | null,
  explanation: string,
  fix: string | null,
  byMs: number | null = null,
): SignatureDiagnosis {
  return { verdict, byMs, cause, explanation, fix };
}

/** The request under each URL that it may have been called under; once where the vendor's signature rests on none. */
export function listSubjects(vendor: Vendor, request: DiagnosedRequest): SignedSubject[] {
  const urls = readsUrl(vendor) ? (request.urls?.() ?? []) : [];
  const { method, headers, body } = request;
  if (urls.length === 0) return [subjectOf(vendor, { method, headers, body })];
  return urls.map((text) => subjectOf(vendor, { method, headers, body, ...calledUnder(text) }));
}

/** With its likeliest URL, whatever rests on it: other vendors may write something there. */
export const placedRequest = ({ headers, body, urls }: DiagnosedRequest): PlacedRequest => ({
  headers,
  body,
  ...calledUnder(urls?.()[0]),
});

/** The end of an explanation when the request looks like another vendor's with the same header; else empty. */
export function lookAlike({ vendor, spec, request, others }: Subject): string {
  const dialects = others.filter(
    ({ signature }) => signature.value !== null && isSamePlace(signature.value.at, spec.at),
  );
  const [best] = recogniseVendors(request, [vendor, ...dialects]);
  return best === undefined || best === vendor
    ? ''
    : `; the request looks like a ${best.title} request (--vendor ${best.id})`;
}
