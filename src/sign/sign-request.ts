import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Header, Plan, SignedRequest } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { computeDigest, formatSignature, toTimestamp } from './signature.ts';

/**
 * The plan as a request for the wire, signed now; for every attempt anew.
 * What the user said of the signature header (`-H`) stays as it is, and needs no secret.
 * Throws `usage` when the vendor signs and there is no secret.
 */
export function signRequest(plan: Plan, secret: string | null, clock: Clock): SignedRequest {
  const { vendor, url, method, body } = plan;
  const signedAt = clock.now();
  const headers = plan.hasOwnSignature ? plan.headers : signHeadersAt(vendor, plan.headers, body, secret, signedAt);
  return { url, method, headers, body, signedAt };
}

/**
 * The headers with a fresh signature of the body, in place of an old one: for sending a stored body again.
 * Unchanged when the vendor does not sign. Throws `usage` when it does and there is no secret.
 */
export function signHeaders(
  vendor: Vendor,
  headers: readonly Header[],
  body: Uint8Array,
  secret: string | null,
  clock: Clock,
): Header[] {
  return signHeadersAt(vendor, headers, body, secret, clock.now());
}

function signHeadersAt(vendor: Vendor, headers: readonly Header[], body: Uint8Array, secret: string | null, nowMs: number): Header[] {
  const spec = vendor.signature;
  if (!spec) return [...headers];
  if (secret === null) throw missingSecret(vendor);
  const timestamp = toTimestamp(spec, nowMs);
  const signature = formatSignature(spec, computeDigest(spec, secret, body, timestamp), timestamp);
  const name = spec.header.toLowerCase();
  return [...headers.filter(([other]) => other.toLowerCase() !== name), [spec.header, signature]];
}

function missingSecret(vendor: Vendor): AppError {
  return new AppError('usage', `${vendor.title} signs its requests, and there is no secret to sign with`, {
    hint: 'name where it is: --secret-env NAME or --secret-file FILE',
  });
}
