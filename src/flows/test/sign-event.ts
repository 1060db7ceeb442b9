import type { GoodEvent, SignedEvent, SigningChoice } from '../../conform/conformance-case.ts';
import type { Signature, SignatureTime } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { computeSignature, isPublicKey } from '../../sign/scheme/compute.ts';
import { otherPrivateKey } from '../../sign/scheme/keys.ts';
import { writePlace } from '../../sign/scheme/place.ts';
import { formatSignature } from '../../sign/scheme/signature-text.ts';
import { placeTime } from '../../sign/signature.ts';
import { idHeaderOf, signaturesOf } from '../../vendors/facts.ts';
import { mistaken } from '../session/make-signing.ts';

/** Signs an event as the vendor does, or with the mistakes that are chosen; null for a vendor that signs nothing. */
export function signAs(
  vendor: Vendor,
  secret: string,
  event: GoodEvent,
  { secret: form, agoMs = 0, unit, hash }: SigningChoice,
  nowMs: number,
): SignedEvent | null {
  const subject = { idHeader: idHeaderOf(vendor), event: event.event, method: 'POST' };
  const [first, ...further] = signaturesOf(vendor).map((own) => {
    const spec = mistaken(own, { key: form === 'another' ? undefined : form, hash });
    const timed = unit === undefined || spec.timestamp === undefined ? spec : withUnit(spec, spec.timestamp, unit);
    return { spec: timed, key: form === 'another' ? anotherSecret(spec, secret) : secret };
  });
  if (first === undefined) return null;
  const { timed: bare, timestamp } = placeTime(first.spec, event, nowMs - agoMs);
  const value = computeSignature(first.spec, first.key, { ...bare, ...subject }, timestamp);
  const text = formatSignature(first.spec, value, timestamp);
  let whole = writePlace(first.spec.at, bare, text);
  for (const { spec, key } of further) {
    const beside = computeSignature(spec, key, { ...whole, ...subject }, timestamp);
    whole = writePlace(spec.at, whole, formatSignature(spec, beside, timestamp));
  }
  return { whole, bare, text, value };
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
  return further.reduce((placed, { at }) => writePlace(at, placed, null), writePlace(first.at, event, text));
}
