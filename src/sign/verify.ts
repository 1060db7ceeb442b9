import { describePlace, type Signature } from '../model/signature.ts';
import { describeValue, fitsAny, isSignatureText } from './scheme/compute.ts';
import { MissingPartError, type SignedSubject } from './scheme/message.ts';
import { readPlace, signedPart } from './scheme/place.ts';
import { parseSignature, readTimestamp } from './scheme/signature-text.ts';

/**
 * What a receiver may conclude from a signature.
 * `stale`: the right secret signed this request, but `byMs` away from now: positive long ago, negative in
 * the future. `missing`: there is no signature at all.
 */
export type Verification =
  | { verdict: 'valid' }
  | { verdict: 'stale'; byMs: number }
  | { verdict: 'forged'; reason: string }
  | { verdict: 'missing' };

/** The reason when the form of the signature is right and its value is not. */
export const NO_MATCH = 'the digest does not belong to these bytes and this secret';

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
  const [text, second] = readPlace(spec.at, request);
  if (text === undefined) return { verdict: 'missing' };
  if (second !== undefined) return forged(`${readPlace(spec.at, request).length} ${namePlural(spec)}: ${WHICH}`);
  if (text.length > MAX_CHARACTERS) return forged(`it has ${text.length} characters: no vendor sends so many`);
  const parsed = parseSignature(spec, text.trim());
  if ('reason' in parsed) return forged(parsed.reason);
  const timestamp = timestampOf(spec, request, parsed.timestamp);
  if (typeof timestamp === 'object') return forged(timestamp.reason);
  const values = parsed.values.filter((value) => isSignatureText(spec, value));
  if (values.length === 0) return forged(`the signature is not ${describeValue(spec)}`);
  if (values.length > MAX_SIGNATURES) return forged(`${values.length} signatures: no vendor sends so many`);
  try {
    if (!fitsAny(spec, secret, signedPart(spec.at, request), timestamp, values)) return forged(NO_MATCH);
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    return forged(`the signature covers ${error.message}`);
  }
  return judgeTime(spec, timestamp, nowMs, toleranceMs);
}

/** In a body there is room for megabytes of them. */
const MAX_CHARACTERS = 16 * 1024;
/** While a secret is being replaced there are two. */
const MAX_SIGNATURES = 20;
const WHICH = 'which one counts is ambiguous';

function namePlural({ at }: Signature): string {
  return 'header' in at ? `${at.header} headers` : `times the ${describePlace(at)}`;
}

function forged(reason: string): Verification {
  return { verdict: 'forged', reason };
}

/** The text of the time: in the signature, or where else the vendor writes it; undefined where it writes none. */
function timestampOf(
  { timestamp: time }: Signature,
  request: SignedSubject,
  inSignature: string | undefined,
): string | undefined | { reason: string } {
  if (time === undefined) return undefined;
  const texts = time.at === undefined ? [inSignature ?? ''] : readPlace(time.at, request);
  const [text, second] = texts;
  if (text === undefined) return { reason: `there is no ${describePlace(time.at ?? { header: '' })} with its time` };
  if (second !== undefined) return { reason: `there are ${texts.length} times: ${WHICH}` };
  if (readTimestamp(time, text.trim()) !== null) return text.trim();
  return { reason: time.unit.startsWith('iso') ? 'the timestamp is no time' : 'the timestamp is not a whole number' };
}

function judgeTime(
  { timestamp: time }: Signature,
  timestamp: string | undefined,
  nowMs: number,
  chosenMs: number | undefined,
): Verification {
  const pastMs = chosenMs ?? time?.toleranceMs?.value ?? 0;
  if (time === undefined || timestamp === undefined || pastMs === 0) return { verdict: 'valid' };
  const byMs = nowMs - (readTimestamp(time, timestamp) ?? 0);
  const own = time.futureToleranceMs;
  const futureMs = chosenMs !== undefined || own === undefined ? pastMs : own.value;
  const isOff = byMs > pastMs || (futureMs !== null && -byMs > futureMs);
  return isOff ? { verdict: 'stale', byMs } : { verdict: 'valid' };
}
