import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Plan, SignedRequest } from '../model/plan.ts';
import type { Signature } from '../model/signature.ts';
import { idHeaderOf, signaturesOf } from '../vendors/facts.ts';
import { addToQuery } from './scheme/added-query.ts';
import { computeSignature } from './scheme/compute.ts';
import { MissingPartError, type SignedSubject } from './scheme/message.ts';
import { missingSecret } from './missing-secret.ts';
import { readPlace, signedPart, writePlace, type PlacedRequest } from './scheme/place.ts';
import { writeSignatureText } from './scheme/signature-place.ts';
import { formatSignature, writeTimestamp } from './scheme/signature-text.ts';

/** The part of a plan that is signed and sent. */
export type Signable = Pick<Plan, 'vendor' | 'event' | 'url' | 'method' | 'headers' | 'body' | 'hasOwnSignature'>;

/**
 * Makes the request for the wire, signed now; every attempt is signed again.
 * A signature header given by the user (`-H`) stays as it is, and needs no secret.
 * Throws `usage` when the vendor signs and there is no secret.
 * @param more further secrets, while it is being replaced: the vendor signs with each, if that is its way
 */
export function signRequest(
  plan: Signable,
  secret: string | null,
  clock: Clock,
  more: readonly string[] = [],
): SignedRequest {
  const { vendor, url, method, headers, body } = plan;
  const signedAt = clock.now();
  const unsigned: Unsigned = { url, method, headers, body };
  const specs = plan.hasOwnSignature ? [] : signaturesOf(vendor);
  if (specs.length > 0 && secret === null) throw missingSecret(vendor, 'sign');
  const context = { event: plan.event.name, idHeader: idHeaderOf(vendor), signedAtMs: signedAt };
  const signed = specs.reduce(
    (request, spec) => signBy(spec, request, [secret ?? '', ...more], signedAt, context),
    unsigned,
  );
  return { url: signed.url, method: signed.method, headers: signed.headers, body: signed.body, signedAt };
}

type Unsigned = Pick<SignedRequest, 'url' | 'method' | 'headers' | 'body'>;

/** Replaces an old signature by a fresh one, and the time that stands beside it. */
function signBy(
  spec: Signature,
  request: Unsigned,
  [secret = '', ...more]: readonly string[],
  nowMs: number,
  context: Pick<SignedSubject, 'event' | 'idHeader' | 'signedAtMs'>,
): Unsigned {
  const { timed, timestamp } = placeTime(spec, signedPart(spec.at, request), nowMs);
  try {
    const { url, method, headers, body } = timed;
    const { event, idHeader, signedAtMs } = context;
    // Written out: the spreads of what is known took as long as the hash.
    const subject = { url, method, headers, body, event, idHeader, signedAtMs };
    const whole = addToQuery(spec, secret, subject, timestamp);
    const secrets = spec.several === undefined ? [secret] : [secret, ...more];
    const values = secrets.map((one) => computeSignature(spec, one, whole, timestamp));
    const text = formatSignature(spec, values, timestamp);
    return writeSignatureText(spec, { url: whole.url, method, headers, body }, text);
  } catch (error) {
    if (!(error instanceof MissingPartError)) throw error;
    throw new AppError('input', `the signature covers ${error.message}`, {
      hint: 'send what the vendor sends: leave that part of the event unchanged',
    });
  }
}

/** The request with the time of now where the vendor writes it, and its text; undefined where there is none. */
export function placeTime<T extends PlacedRequest>(
  { timestamp: time }: Signature,
  request: T,
  nowMs: number,
): { timed: T; timestamp: string | undefined } {
  if (time === undefined) return { timed: request, timestamp: undefined };
  if (time.isOfEvent && time.at !== undefined) return { timed: request, timestamp: readPlace(time.at, request)[0] };
  const timestamp = writeTimestamp(time, nowMs);
  return { timed: time.at === undefined ? request : writePlace(time.at, request, timestamp), timestamp };
}
