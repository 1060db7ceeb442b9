import { AppError } from '../model/error.ts';
import { describePlace, isInHeaders, jwtOf, MOST_HEADERS, type Signature } from '../model/signature.ts';
import { findQueryMisfit, type QueryMisfit } from './scheme/added-query.ts';
import type { TokenTime } from './scheme/claims.ts';
import { describeValue, findTokenProblem, fitsAny, isSignatureText } from './scheme/compute.ts';
import { tokenTimeOf } from './scheme/jwt.ts';
import { coversNothing, MissingPartError, type SignedSubject } from './scheme/message.ts';
import { readPlace, signedPart } from './scheme/place.ts';
import { readSignatureTexts } from './scheme/signature-place.ts';
import { parseSignature, readTimestamp, type SignatureText } from './scheme/signature-text.ts';

/**
 * What a receiver may conclude from a signature.
 * `stale`: the right secret signed this request, but `byMs` away from now: positive long ago, negative in
 * the future. `missing`: there is no signature at all.
 */
export type Verification =
  | { verdict: 'valid' }
  | { verdict: 'stale'; byMs: number }
  | { verdict: 'forged'; reason: string; cause?: ForgedCause }
  | { verdict: 'missing' };

/** Where the request, or the secret, does not even allow to compute a signature; or the URL is of another request. */
export type ForgedCause = 'other-query' | 'missing-time' | 'missing-part' | 'unknown-url' | 'unusable-secret';

/** The reason when the form of the signature is right and its value is not. */
export const NO_MATCH = 'the digest does not match these bytes and this secret';

const NOTHING_SIGNED = 'it contains nothing that is signed, so a signature proves nothing about it';

/**
 * Judges a request by its raw body bytes. Header names count in any letter case.
 * `toleranceMs`: how far the timestamp may be off, the exact edge included; 0 disables the check;
 * without it the vendor's own. What could be read in two ways is forged.
 */
export function verifyRequest(
  spec: Signature,
  secret: string,
  request: SignedSubject,
  nowMs: number,
  toleranceMs?: number,
): Verification {
  const [text, second] = readSignatureTexts(spec, request);
  if (text === undefined) return { verdict: 'missing' };
  if (second !== undefined) return forged(`${namePlural(spec, readSignatureTexts(spec, request).length)}: ${WHICH}`);
  if (text.length > MAX_CHARACTERS) return forged(`it has ${text.length} characters: no vendor sends that many`);
  const parsed = parseSignature(spec, text.trim());
  if ('reason' in parsed) return forged(parsed.reason);
  const timestamp = timestampOf(spec, request, parsed);
  if (typeof timestamp === 'object') return forged(timestamp.reason, timestamp.cause);
  const { values } = parsed;
  if (values.length > mostSignatures(spec)) return forged(`${values.length} signatures: no vendor sends that many`);
  const signed = signedPart(spec.at, request);
  try {
    if (!fitsAny(spec, secret, signed, timestamp, values))
      return forged(findTokenProblem(spec, secret, signed, values[0] ?? '') ?? describeMisfit(spec, values));
    if (!spec.message.includes('body') && coversNothing(spec.message, { ...signed, timestamp }))
      return forged(NOTHING_SIGNED, 'missing-part');
    const misfit = spec.addedQuery && findQueryMisfit(spec, secret, signed, timestamp);
    if (misfit) return forged(describeQueryMisfit(misfit), 'other-query');
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return forged(`the signature covers ${error.message}`, error.isOfUrl ? 'unknown-url' : 'missing-part');
  }
  if (jwtOf(spec) !== null) return judgeTokenTime(spec, timeOfToken(spec, parsed), nowMs, toleranceMs);
  return judgeTime(spec, timestamp, nowMs, toleranceMs);
}

/** Looked at only where none fits: one that does has the form, too. */
const describeMisfit = (spec: Signature, values: readonly string[]): string =>
  values.some((value) => isSignatureText(spec, value)) ? NO_MATCH : `the signature is not ${describeValue(spec)}`;

/** In a body there is room for megabytes of them. */
export const MAX_CHARACTERS = 16 * 1024;
/** While a secret is being replaced there are two; in headers of their own there may be one for each key. */
const mostSignatures = ({ several }: Signature): number =>
  several !== undefined && isInHeaders(several) ? MOST_HEADERS : 20;
const WHICH = 'which one counts is ambiguous';

function namePlural({ at }: Signature, count: number): string {
  return 'header' in at ? `${count} ${at.header} headers` : `the ${describePlace(at)} is there ${count} times`;
}

function describeQueryMisfit({ name, values }: QueryMisfit): string {
  if (values.length > 1) return `the signature matches the URL, but ${name} is in it ${values.length} times: ${WHICH}`;
  return values.length === 0
    ? `the signature matches the URL, but the URL lacks ${name}, which ties it to the request`
    : `the signature matches the URL, but its ${name} does not match this request`;
}

function forged(reason: string, cause?: ForgedCause): Verification {
  return cause === undefined ? { verdict: 'forged', reason } : { verdict: 'forged', reason, cause };
}

/** What several secrets, and several URLs that a request may have been called under, come to. */
export interface BestVerification {
  verification: Verification;
  /** The request under the URL that it rests on. */
  request: SignedSubject;
}

/**
 * One that fits is enough. A secret that is no key of the vendor's fits nothing.
 * @param requests one at least: the same under each URL, likeliest first
 */
export function verifyAny(
  spec: Signature,
  secrets: readonly string[],
  requests: readonly SignedSubject[],
  nowMs: number,
  toleranceMs?: number,
): BestVerification {
  let best: BestVerification | undefined;
  for (const request of requests) {
    for (const secret of secrets) {
      const verification = verifyWith(spec, secret, request, nowMs, toleranceMs);
      if (verification.verdict === 'valid') return { verification, request };
      if (best === undefined || isBetter(verification, best.verification)) best = { verification, request };
    }
  }
  return best ?? { verification: { verdict: 'missing' }, request: requests[0] as SignedSubject };
}

function isBetter(one: Verification, other: Verification): boolean {
  if (other.verdict !== 'forged') return false;
  return one.verdict !== 'forged' || (other.cause === 'unusable-secret' && one.cause !== 'unusable-secret');
}

function verifyWith(...[spec, secret, request, nowMs, toleranceMs]: Parameters<typeof verifyRequest>): Verification {
  try {
    return verifyRequest(spec, secret, request, nowMs, toleranceMs);
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'usage') throw error;
    return forged(error.message, 'unusable-secret');
  }
}

/** The text of the time: in the signature, or where else the vendor writes it; undefined where it writes none. */
function timestampOf(
  spec: Signature,
  request: SignedSubject,
  inSignature: SignatureText,
): string | undefined | { reason: string; cause?: ForgedCause } {
  const { timestamp: time } = spec;
  if (time === undefined) return undefined;
  // Of a token without one the claims tell what is wrong.
  if (jwtOf(spec) !== null) return timeOfToken(spec, inSignature)?.past;
  const texts = time.at === undefined ? [inSignature.timestamp ?? ''] : readPlace(time.at, request);
  const [text, second] = texts;
  if (text === undefined)
    return {
      reason: `the ${describePlace(time.at ?? { header: '' })} with its time is missing`,
      cause: 'missing-time',
    };
  if (second !== undefined) return { reason: `there are ${texts.length} times: ${WHICH}` };
  if (readTimestamp(time, text.trim()) !== null) return text.trim();
  return {
    reason: time.unit.startsWith('iso') ? 'the timestamp is not a time' : 'the timestamp is not a whole number',
  };
}

/** The text of the time that a genuine request carries; null where it carries none. */
export function timeTextOf(spec: Signature, request: SignedSubject): string | null {
  const parsed = parseSignature(spec, readSignatureTexts(spec, request)[0]?.trim() ?? '');
  const text = timestampOf(spec, request, 'values' in parsed ? parsed : { values: [] });
  return typeof text === 'string' ? text : null;
}

/** How far a time may be off in this direction; null where nobody looks, 0 where it is not checked at all. */
export function toleranceFor(
  { timestamp: time }: Signature,
  direction: 'past' | 'future',
  chosenMs: number | undefined,
): number | null {
  const pastMs = chosenMs ?? time?.toleranceMs?.value ?? 0;
  const own = time?.futureToleranceMs;
  return direction === 'past' || pastMs === 0 || chosenMs !== undefined || own === undefined ? pastMs : own.value;
}

function judgeTime(
  spec: Signature,
  timestamp: string | undefined,
  nowMs: number,
  chosenMs: number | undefined,
): Verification {
  if (spec.timestamp === undefined || timestamp === undefined || toleranceFor(spec, 'past', chosenMs) === 0)
    return { verdict: 'valid' };
  const byMs = nowMs - (readTimestamp(spec.timestamp, timestamp) ?? 0);
  const allowedMs = toleranceFor(spec, byMs > 0 ? 'past' : 'future', chosenMs);
  return allowedMs !== null && Math.abs(byMs) > allowedMs ? { verdict: 'stale', byMs } : { verdict: 'valid' };
}

/** Some tokens tell from when on they are good otherwise than until when. */
function judgeTokenTime(
  spec: Signature,
  times: Record<keyof TokenTime, string> | undefined,
  nowMs: number,
  chosenMs: number | undefined,
): Verification {
  const past = judgeTime(spec, times?.past, nowMs, chosenMs);
  if (past.verdict === 'stale' && past.byMs > 0) return past;
  const future = judgeTime(spec, times?.future, nowMs, chosenMs);
  return future.verdict === 'stale' && future.byMs < 0 ? future : { verdict: 'valid' };
}

/** When a token was signed, as the text that a time beside a signature would have. */
function timeOfToken(spec: Signature, { values }: SignatureText): Record<keyof TokenTime, string> | undefined {
  const time = tokenTimeOf(spec, values[0] ?? '');
  return time === null ? undefined : { past: String(Math.floor(time.past)), future: String(Math.floor(time.future)) };
}
