import { timingSafeEqual } from 'node:crypto';
import type { Header } from '../model/plan.ts';
import type { Signature } from '../model/vendor.ts';
import { computeDigest } from './signature.ts';

/**
 * What a receiver may conclude from a signature.
 * `stale`: the right secret signed these bytes, but `byMs` away from now: positive long ago, negative in
 * the future. `missing`: there is no signature header at all.
 */
export type Verification =
  | { verdict: 'valid' }
  | { verdict: 'stale'; byMs: number }
  | { verdict: 'forged'; reason: string }
  | { verdict: 'missing' };

/** The reason when the form of the header is right and its digest is not. */
export const NO_MATCH = 'the digest does not belong to these bytes and this secret';

/**
 * Judges a request by its raw body bytes. Header names count in any letter case.
 * `toleranceMs`: how far the timestamp may be off, the exact edge included; 0 disables the check;
 * without it the vendor's own. What could be read in two ways is forged.
 */
export function verifyRequest(
  spec: Signature,
  secret: string,
  headers: readonly Header[],
  body: Uint8Array,
  nowMs: number,
  toleranceMs: number = spec.toleranceMs?.value ?? 0,
): Verification {
  const name = spec.header;
  const values: string[] = [];
  for (const header of headers)
    if (header[0].length === name.length && (header[0] === name || header[0].toLowerCase() === name.toLowerCase()))
      values.push(header[1]);
  const [value, second] = values;
  if (value === undefined) return { verdict: 'missing' };
  if (second !== undefined) return forged(`${values.length} ${spec.header} headers: which one counts is ambiguous`);
  const parts = parseSignature(spec, value.trim());
  if ('reason' in parts) return forged(parts.reason);
  if (!equalDigests(parts.digest, computeDigest(spec, secret, body, parts.timestamp))) {
    return forged(NO_MATCH);
  }
  return judgeTime(spec, parts.timestamp, nowMs, toleranceMs);
}

function forged(reason: string): Verification {
  return { verdict: 'forged', reason };
}

function judgeTime(spec: Signature, timestamp: string | undefined, nowMs: number, toleranceMs: number): Verification {
  if (timestamp === undefined || toleranceMs === 0) return { verdict: 'valid' };
  const byMs = nowMs - Number(timestamp) * (spec.timestampUnit === 's' ? 1000 : 1);
  return Math.abs(byMs) > toleranceMs ? { verdict: 'stale', byMs } : { verdict: 'valid' };
}

/** Parses a header by the pattern of `spec.format`: `{v}` alone, or comma-separated `key={…}` parts. */
function parseSignature(spec: Signature, text: string): { digest: string; timestamp?: string } | { reason: string } {
  if (spec.format === '{v}') return isDigest(text) ? { digest: text } : { reason: NOT_A_DIGEST };
  const found: Record<string, string> = {};
  for (const part of spec.format.split(',')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at);
    const values = readParts(text, key);
    if (values.length !== 1)
      return {
        reason: values.length === 0 ? `the part ${key}= is missing` : `${values.length} parts ${key}=: ambiguous`,
      };
    found[part.slice(at + 1)] = values[0] ?? '';
  }
  const { '{t}': timestamp = '', '{v}': digest = '' } = found;
  if (!/^\d{1,16}$/.test(timestamp)) return { reason: 'the timestamp is not a whole number' };
  return isDigest(digest) ? { digest, timestamp } : { reason: NOT_A_DIGEST };
}

/** What stands behind `key=` in a comma-separated header, as often as it stands there. */
export function readParts(text: string, key: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part.startsWith(`${key}=`)).map((part) => part.slice(key.length + 1));
}

const NOT_A_DIGEST = 'the signature is not 64 lower-case hex digits';

function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** In constant time: the time a comparison takes must not reveal how much was right. */
function equalDigests(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(expected, 'latin1'));
}
