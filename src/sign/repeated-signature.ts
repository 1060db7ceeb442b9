import { AppError } from '../model/error.ts';
import { describePlace } from '../model/signature.ts';
import { diagnosis, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import type { LooseSignature } from './explain/read-loosely.ts';
import { encodingOf, fitsAny } from './scheme/compute.ts';
import { encodeValue } from './scheme/encoding.ts';
import { MissingPartError } from './scheme/message.ts';
import { signedPart } from './scheme/place.ts';
import { readSignatureTexts, writeSignatureText } from './scheme/signature-place.ts';
import { partSeparator, readParts } from './scheme/signature-text.ts';
import { timeTextOf, verifyRequest, type Verification } from './verify.ts';

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
  const { spec, signed } = subject;
  const lines = readSignatureTexts(spec, signed);
  const times = readSlot(subject, '{t}');
  const digestCount = countDigests(subject, loose);
  const isSame = loose.digests.length === 1 && loose.digestCount > 1 && new Set(times).size <= 1;
  const again = isSame ? ' (the same one again)' : '';
  const received = describeReading(subject);
  if (lines.length > 1)
    return {
      cause: 'two-headers',
      what: `the request has the ${describePlace(spec.at)} ${lines.length} times${again}`,
      received: 'header' in spec.at ? `Node and most servers join them with ", ", and ${received}` : WHICH,
      fix: 'look for a proxy or a client that adds the header twice',
    };
  const holds = `the ${describePlace(spec.at)} holds`;
  if (digestCount > 1 && (times.length > 1 || partSeparator(spec.format) === null))
    return {
      cause: 'two-headers',
      what: `${holds} ${digestCount} signatures${again}, as if two such headers had been joined`,
      received,
      fix: 'look for a proxy or a client that adds the header twice',
    };
  if (digestCount > 1)
    return {
      cause: 'two-digests',
      what: `${holds} ${digestCount} digests${again}`,
      received,
      fix: 'look for a signer that adds a digest for each of several secrets, or a proxy that signs again',
    };
  return times.length > 1
    ? {
        cause: 'two-times',
        what: `${holds} ${times.length} times`,
        received,
        fix: 'look for what adds a second time: only the one that the digest covers is signed',
      }
    : null;
}

const WHICH = 'receivers differ in which one they read';

/** While a secret is being replaced, several are in order. */
const countDigests = (subject: Subject, { digestCount }: LooseSignature): number =>
  subject.spec.several === undefined ? Math.max(digestCount, readSlot(subject, '{v}').length) : 1;

/** Judges a repeated signature of which one fits; null where none fits. */
export function diagnoseRepeated(subject: Subject, loose: LooseSignature): SignatureDiagnosis | null {
  const repetition = findRepetition(subject, loose);
  if (repetition === null || !fitsSomehow(subject, loose)) return null;
  const { cause, what, received, fix } = repetition;
  return diagnosis('forged', cause, `the signature matches these bytes, but ${what}: ${received}`, fix);
}

/** Whether one of the digests, with one of the times, is of these bytes and a secret. */
function fitsSomehow({ spec, secrets, signed }: Subject, { digests, timestamps }: LooseSignature): boolean {
  const times =
    spec.timestamp?.at === undefined && spec.timestamp ? timestamps : [timeTextOf(spec, signed) ?? undefined];
  const values = digests
    .filter(({ bytes, text }) => encodeValue(bytes, encodingOf(spec)) === text)
    .map(({ text }) => text);
  return times.some((time) =>
    secrets.some((secret) => fitsOne(spec, secret, signedPart(spec.at, signed), time, values)),
  );
}

/** A message that lacks a part, and a secret that is no key of the vendor's, fit nothing. */
function fitsOne(...given: Parameters<typeof fitsAny>): boolean {
  try {
    return fitsAny(...given);
  } catch (error) {
    if (error instanceof MissingPartError || error instanceof AppError) return false;
    throw error;
  }
}

/** What receivers make of all that the header holds. */
function describeReading(subject: Subject): string {
  const { vendor, spec } = subject;
  if (spec.several !== undefined) return WHICH;
  if (partSeparator(spec.format) === null) return 'that is not a digest, so nothing verifies';
  if (spec.countedPart === undefined) return 'receivers differ in which t and which v1 counts, and some refuse it';
  const [time, digest] = [readSlot(subject, '{t}').at(-1), readSlot(subject, '{v}').at(-1)];
  const verdict =
    time === undefined || digest === undefined
      ? 'forged'
      : judgeText(
          subject,
          spec.format.replace('{t}', () => time).replace('{v}', () => digest),
        );
  const reading = `the SDKs of ${vendor.title} use the last t and the last v1`;
  return `${reading}, ${VERDICT_WORDS[verdict]}; other receivers may differ`;
}

const VERDICT_WORDS: Record<Verification['verdict'], string> = {
  valid: 'which match, so they accept it',
  stale: 'which match, so they refuse it only for its time',
  forged: 'which do not match, so they refuse it',
  missing: 'so they refuse it',
};

/** The best verdict that any of the secrets gives a header of this text. */
function judgeText({ spec, secrets, signed, nowMs, toleranceMs }: Subject, text: string): Verification['verdict'] {
  const verdicts = secrets.map(
    (secret) =>
      verifyRequest(spec, secret, writeSignatureText(spec, signed, text), nowMs, toleranceMs ?? undefined).verdict,
  );
  return (
    verdicts.find((verdict) => verdict === 'valid') ?? verdicts.find((verdict) => verdict !== 'forged') ?? 'forged'
  );
}

/** What stands in a slot of the format, in all lines of the header; nothing where the format has no such part. */
function readSlot({ spec, signed }: Subject, slot: '{t}' | '{v}'): string[] {
  const separator = partSeparator(spec.format);
  if (separator === null) return [];
  const part = spec.format
    .split(separator)
    .find((one) => one.includes(slot))
    ?.trim();
  if (part === undefined) return [];
  return readParts(readSignatureTexts(spec, signed).join(separator), part.slice(0, part.indexOf('=')), separator);
}
