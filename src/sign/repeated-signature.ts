import { describePlace } from '../model/signature.ts';
import { signaturePart } from '../vendors/facts.ts';
import { diagnosis, textsAt, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import type { LooseSignature } from './explain/read-loosely.ts';
import { encodingOf, fitsSignature } from './scheme/compute.ts';
import { encodeValue } from './scheme/encoding.ts';
import { subjectOf } from './scheme/message.ts';
import { writePlace } from './scheme/place.ts';
import { readParts } from './scheme/signature-text.ts';
import { verifyRequest, type Verification } from './verify.ts';

/** More than one signature, digest or time where one belongs. The causes are those of the cases of `webhook test`. */
export interface Repetition {
  cause: 'two-headers' | 'two-digests' | 'two-times';
  /** `there are 2 x-mailkite-signature headers`; repetitions of the same are said to be that. */
  what: string;
  /** What receivers make of it. */
  received: string;
  fix: string;
}

/** Finds what stands more than once in a signature; null where each stands once. */
export function findRepetition(subject: Subject, loose: LooseSignature): Repetition | null {
  const { spec, request } = subject;
  const lines = textsAt(spec.at, request);
  const times = readSlot(subject, '{t}');
  const digestCount = Math.max(loose.digestCount, readSlot(subject, '{v}').length);
  const isSame = loose.digests.length === 1 && loose.digestCount > 1 && new Set(times).size <= 1;
  const again = isSame ? ' (the same one again)' : '';
  const received = describeReading(subject);
  if (lines.length > 1)
    return {
      cause: 'two-headers',
      what: `there are ${lines.length} ${describePlace(spec.at)}s${again}`,
      received: `Node and most servers join them by ", ", and ${received}`,
      fix: 'look for a proxy or a client that adds the header again',
    };
  const holds = `the ${describePlace(spec.at)} holds`;
  if (digestCount > 1 && (times.length > 1 || signaturePart(subject.vendor, '{v}') === null))
    return {
      cause: 'two-headers',
      what: `${holds} ${digestCount} signatures${again}, as where two such headers were joined`,
      received,
      fix: 'look for a proxy or a client that adds the header again',
    };
  if (digestCount > 1)
    return {
      cause: 'two-digests',
      what: `${holds} ${digestCount} digests${again}`,
      received,
      fix: 'look for a signer that adds a digest of each of several secrets, or for a proxy that signs again',
    };
  return times.length > 1
    ? {
        cause: 'two-times',
        what: `${holds} ${times.length} times`,
        received,
        fix: 'look for what sets a time beside that of the signer: only what the digest covers is signed',
      }
    : null;
}

/** Judges a repeated signature of which one fits; null where none fits. */
export function diagnoseRepeated(subject: Subject, loose: LooseSignature): SignatureDiagnosis | null {
  const repetition = findRepetition(subject, loose);
  if (repetition === null || !fitsSomehow(subject, loose)) return null;
  const { cause, what, received, fix } = repetition;
  return diagnosis('forged', cause, `the signature fits these bytes, but ${what}: ${received}`, fix);
}

/** Whether one of the digests, with one of the times, is of these bytes and a secret. */
function fitsSomehow({ vendor, spec, secrets, request }: Subject, { digests, timestamps }: LooseSignature): boolean {
  const times = spec.timestamp === undefined ? [undefined] : timestamps;
  const [encoding] = encodingOf(spec);
  const values = digests
    .filter((digest) => digest.encoding === encoding)
    .map(({ bytes }) => encodeValue(bytes, encodingOf(spec)));
  const subject = subjectOf(vendor, request);
  return times.some((time) =>
    secrets.some((secret) => values.some((value) => fitsSignature(spec, secret, subject, time, value))),
  );
}

/** What receivers make of all that the header holds. */
function describeReading(subject: Subject): string {
  const { vendor, spec } = subject;
  if (signaturePart(vendor, '{v}') === null) return 'that is no digest, so nothing verifies';
  if (spec.countedPart === undefined) return 'receivers differ in which t and which v1 counts, and some refuse it';
  const [time, digest] = [readSlot(subject, '{t}').at(-1), readSlot(subject, '{v}').at(-1)];
  const verdict =
    time === undefined || digest === undefined
      ? 'forged'
      : judgeText(
          subject,
          spec.format.replace('{t}', () => time).replace('{v}', () => digest),
        );
  const reading = `the SDKs of ${vendor.title} take the last t and the last v1`;
  return `${reading}, ${VERDICT_WORDS[verdict]}; other receivers may differ`;
}

const VERDICT_WORDS: Record<Verification['verdict'], string> = {
  valid: 'which fit, so they accept it',
  stale: 'which fit, so they refuse it for its time alone',
  forged: 'which do not fit, so they refuse it',
  missing: 'so they refuse it',
};

/** The best verdict that any of the secrets gives a header of this text. */
function judgeText(
  { vendor, spec, secrets, request, nowMs, toleranceMs }: Subject,
  text: string,
): Verification['verdict'] {
  const verdicts = secrets.map(
    (secret) =>
      verifyRequest(
        spec,
        secret,
        writePlace(spec.at, subjectOf(vendor, request), text),
        nowMs,
        toleranceMs ?? undefined,
      ).verdict,
  );
  return (
    verdicts.find((verdict) => verdict === 'valid') ?? verdicts.find((verdict) => verdict !== 'forged') ?? 'forged'
  );
}

/** What stands in a slot of the format, in all lines of the header; nothing where the format has no such part. */
function readSlot({ vendor, spec, request }: Subject, slot: '{t}' | '{v}'): string[] {
  const part = spec.format.split(',')[signaturePart(vendor, slot) ?? -1];
  if (part === undefined) return [];
  return readParts(textsAt(spec.at, request).join(','), part.slice(0, part.indexOf('=')));
}
