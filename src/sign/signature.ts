import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Header, Plan, SignedRequest } from '../model/plan.ts';
import type { Vendor, Signature } from '../model/vendor.ts';
import { missingSecret } from './missing-secret.ts';

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

/**
 * Computes the lower-case hex HMAC of a body: the only place, for signing and for verifying.
 * `body`: the bytes as they are on the wire. `timestamp`: in the unit of `spec`, or its digits as they
 * stood in a header. The key is the secret's UTF-8 bytes, whole: prefixes like `whsec_` belong to it.
 */
export function computeDigest(spec: Signature, secret: string, body: Uint8Array, timestamp?: number | string): string {
  checkSecret(secret);
  const hmac = createHmac(spec.algorithm, keyOf(secret));
  for (const part of spec.message) {
    if (part === 'body') hmac.update(body);
    else if (part === 'timestamp') hmac.update(requireTimestamp(timestamp));
    else hmac.update(part.text, 'utf8');
  }
  return hmac.digest('hex');
}

let lastKey: { secret: string; key: KeyObject } | undefined;

/** A server signs or verifies with the same secret again and again. */
function keyOf(secret: string): KeyObject {
  if (lastKey?.secret !== secret) lastKey = { secret, key: createSecretKey(secret, 'utf8') };
  return lastKey.key;
}

/** The header's text for a digest: `t=1750000000000,v1=3d79…`, or the digest alone. */
export function formatSignature(spec: Signature, digest: string, timestamp?: number | string): string {
  const text = spec.format.replace('{v}', digest);
  return text.includes('{t}') ? text.replace('{t}', requireTimestamp(timestamp)) : text;
}

/** The time in the signature's own unit; undefined where it carries none. */
function toTimestamp(spec: Signature, nowMs: number): number | undefined {
  if (spec.timestampUnit === undefined) return undefined;
  return Math.floor(spec.timestampUnit === 's' ? nowMs / 1000 : nowMs);
}

function requireTimestamp(timestamp: number | string | undefined): string {
  if (timestamp === undefined) throw new TypeError('this signature covers a timestamp, and none was given');
  return String(timestamp);
}

/** An empty key signs, and proves nothing: it is always a mistake. */
function checkSecret(secret: string): void {
  if (secret !== '') return;
  throw new AppError('usage', 'the secret is empty', {
    hint: 'check the file or the variable that --secret-file or --secret-env names',
  });
}
