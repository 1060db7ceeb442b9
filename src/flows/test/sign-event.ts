import type { GoodEvent, SignedEvent, SigningChoice } from '../../conform/conformance-case.ts';
import { AppError } from '../../model/error.ts';
import type { Signature, SignatureTime } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { addToQuery } from '../../sign/scheme/added-query.ts';
import { computeSignature, fitsSignature } from '../../sign/scheme/compute.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { otherPrivateKey } from '../../sign/scheme/keys.ts';
import { calledUnder, MissingPartError, subjectOf, type SignedSubject } from '../../sign/scheme/message.ts';
import { writeSignatureText } from '../../sign/scheme/signature-place.ts';
import { formatSignature } from '../../sign/scheme/signature-text.ts';
import { placeTime } from '../../sign/signature.ts';
import { idHeaderOf, signaturesOf } from '../../vendors/facts.ts';
import { mistaken } from '../session/make-signing.ts';

/** Signs an event as the vendor does, or with the mistakes that are chosen; null for a vendor that signs nothing. */
export function signAs(
  vendor: Vendor,
  secret: string,
  event: GoodEvent,
  choice: SigningChoice,
  nowMs: number,
): SignedEvent | null {
  try {
    return sign(vendor, secret, event, choice, nowMs);
  } catch (error) {
    const isMissing = error instanceof MissingPartError || (error instanceof AppError && error.kind === 'input');
    if (choice.isDamaged && isMissing) return null;
    throw error;
  }
}

function sign(...[vendor, secret, event, choice, nowMs]: Parameters<typeof signAs>): SignedEvent | null {
  const { agoMs = 0, url } = choice;
  const [first, ...further] = signaturesOf(vendor).map((own, index) =>
    chooseSigning(own, secret, index === 0 ? choice : { ...choice, message: undefined }),
  );
  if (first === undefined) return null;
  const signedSubject = (request: GoodEvent): SignedSubject => ({
    ...request,
    ...(url === undefined ? { url: request.url } : calledUnder(url(request.url.href))),
    idHeader: idHeaderOf(vendor),
    // As it stands there: an event may be sent under a name that is not listed.
    event: subjectOf(vendor, request).event ?? event.event,
  });
  const { timed, timestamp } = placeTime(first.spec, event, nowMs - agoMs);
  const bare = choice.withoutAddedQuery ? timed : withAddedQuery(timed, first, signedSubject(timed), timestamp);
  const value = computeSignature(first.spec, first.secret, signedSubject(bare), timestamp);
  const textWith = (values: string | readonly string[]): string => formatSignature(first.spec, values, timestamp);
  const text = textWith(value);
  let whole = writeSignatureText(first.spec, bare, text);
  for (const { spec, secret: key } of further) {
    const beside = computeSignature(spec, key, signedSubject(whole), timestamp);
    whole = writeSignatureText(spec, whole, formatSignature(spec, beside, timestamp));
  }
  const isRight = (): boolean => {
    const [right = first.spec] = signaturesOf(vendor);
    return fitsSignature(
      right,
      secret,
      { ...signedSubject(bare), url: bare.url, urlText: undefined },
      timestamp,
      value,
    );
  };
  return { whole, bare, text, value, textWith, isRight };
}

/** The event under the URL that the vendor makes of the endpoint's. */
function withAddedQuery(
  event: GoodEvent,
  { spec, secret }: ReturnType<typeof mistaken>,
  subject: SignedSubject,
  timestamp: string | undefined,
): GoodEvent {
  const { url } = addToQuery(spec, secret, { ...subject, url: event.url, urlText: undefined }, timestamp);
  return { ...event, url: url ?? event.url };
}

/** How, and with which secret. */
function chooseSigning(
  own: Signature,
  secret: string,
  { secret: form, unit, hash, encoding, message }: SigningChoice,
): ReturnType<typeof mistaken> {
  const key = form === 'another' ? undefined : form;
  const spec = unit === undefined || own.timestamp === undefined ? own : withUnit(own, own.timestamp, unit);
  return mistaken(spec, form === 'another' ? anotherSecret(spec, secret) : secret, { key, hash, encoding, message });
}

const withUnit = (spec: Signature, timestamp: SignatureTime, unit: 's' | 'ms'): Signature => ({
  ...spec,
  timestamp: { ...timestamp, unit },
});

/** Of the same form, so that nothing but the secret is wrong. */
function anotherSecret({ algorithm, key }: Signature, secret: string): string {
  if (isPublicKey(algorithm)) return otherPrivateKey(algorithm);
  const prefix = key?.prefix ?? '';
  const other = `another_${secret.length}_secret`;
  if (key === undefined || key.encoding === 'utf8') return `${prefix}${other}`;
  return `${prefix}${Buffer.from(other, 'utf8').toString(key.encoding)}`;
}

/** With this text alone where signatures stand. */
export function placeAlone(vendor: Vendor, event: GoodEvent, text: string | null): GoodEvent {
  const [first, ...further] = signaturesOf(vendor);
  if (first === undefined) return event;
  return further.reduce(
    (placed, spec) => writeSignatureText(spec, placed, null),
    writeSignatureText(first, event, text),
  );
}
