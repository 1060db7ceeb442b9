import type { Clock } from '../model/clock.ts';
import type { Header, Plan, SignedRequest } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { missingSecret } from './missing-secret.ts';
import { computeDigest, formatSignature, toTimestamp } from './signature.ts';

/** The part of a plan that is signed and sent. */
export type Signable = Pick<Plan, 'vendor' | 'url' | 'method' | 'headers' | 'body' | 'hasOwnSignature'>;

/**
 * Makes the request for the wire, signed now; every attempt is signed again.
 * A signature header given by the user (`-H`) stays as it is, and needs no secret.
 * Throws `usage` when the vendor signs and there is no secret.
 */
export function signRequest(plan: Signable, secret: string | null, clock: Clock): SignedRequest {
  const { vendor, url, method, body } = plan;
  const signedAt = clock.now();
  const headers = plan.hasOwnSignature ? plan.headers : signHeaders(vendor, plan.headers, body, secret, signedAt);
  return { url, method, headers, body, signedAt };
}

/** Replaces an old signature by a fresh one; changes nothing when the vendor does not sign. */
function signHeaders(
  vendor: Vendor,
  headers: readonly Header[],
  body: Uint8Array,
  secret: string | null,
  nowMs: number,
): Header[] {
  const spec = vendor.signature.value;
  if (!spec) return [...headers];
  if (secret === null) throw missingSecret(vendor, 'sign');
  const timestamp = toTimestamp(spec, nowMs);
  const signature = formatSignature(spec, computeDigest(spec, secret, body, timestamp), timestamp);
  const name = spec.header.toLowerCase();
  return [...headers.filter(([other]) => other.toLowerCase() !== name), [spec.header, signature]];
}
