import { readPlace } from './scheme/place.ts';
import type { Header } from '../model/plan.ts';
import { describePlace, type RequestPlace, type Signature } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import type { Effort } from './explain/find-explanation.ts';
import { recogniseVendors } from './recognise-vendors.ts';

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
  /** As it was called, where that is known. */
  url?: URL | null;
  /** The body is known to break off: a chunked one without its end. */
  isCutOff?: boolean;
}

/** Everything a diagnosis draws on. */
export interface Subject {
  vendor: Vendor;
  spec: Signature;
  secrets: readonly string[];
  request: DiagnosedRequest;
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

export function valuesOf(headers: readonly Header[], name: string): string[] {
  const lower = name.toLowerCase();
  return headers.filter(([other]) => other.toLowerCase() === lower).map(([, value]) => value);
}

/** What stands where the signature belongs. */
export const textsAt = (place: RequestPlace, { url = null, headers, body }: DiagnosedRequest): string[] =>
  readPlace(place, { url, headers, body });

/** Two places that a request cannot tell apart. */
export const isSamePlace = (one: RequestPlace, other: RequestPlace): boolean =>
  describePlace(one).toLowerCase() === describePlace(other).toLowerCase();

/** The end of an explanation when the request looks like another vendor's with the same header; else empty. */
export function lookAlike({ vendor, spec, request, others }: Subject): string {
  const dialects = others.filter(
    ({ signature }) => signature.value !== null && isSamePlace(signature.value.at, spec.at),
  );
  const [best] = recogniseVendors(request, [vendor, ...dialects]);
  return best === undefined || best === vendor
    ? ''
    : `; the request looks like one of ${best.title} (--vendor ${best.id})`;
}
