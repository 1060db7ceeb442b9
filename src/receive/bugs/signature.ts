import { readEventName, readHeader } from '../../vendors/event-key.ts';
import { readPayload } from '../../vendors/read-body.ts';
import { readHeaderTime } from '../../vendors/event-time.ts';
import { isTimed, signatureHeaderOf } from '../../vendors/facts.ts';
import type { SIGNATURE_MISTAKES } from '../../vendors/mistakes/signature.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import type {
  BehaviourChange,
  ReceiverBehaviour,
  Signing,
  StepAnswer,
  StepContext,
  StepRequest,
} from '../receiver-behaviour.ts';
import { claimedAddress, rarelyClaimedAddress } from './caller.ts';
import { checkLaxly, type Laxity } from './lax-signature.ts';

const IMPATIENT_MS = 30_000;
const INSIDE = '127.0.0.1';

/** Mistakes in verifying, and in trusting what is not signed. */
export const SIGNATURE_BUGS: Record<ShownMistakeId<typeof SIGNATURE_MISTAKES>, BehaviourChange> = {
  'no-verification': () => ({ signature: () => null }),
  'presence-only': () => ({ signature: (context) => (hasSignature(context) ? null : { status: 401 }) }),
  'skips-without-signature': verifiesOnly(hasSignature),
  'processes-refused': () => ({ processesRefused: true }),
  'answers-before-verifying': answersUnverified((correct, context) => correct.success(context)),
  'server-error-on-bad-signature': answersUnverified(() => ({ status: 500 })),
  'crashes-on-odd-length': lax({ isEqual: equalOrThrow }),
  'reserialised-body': lax({
    expected: (signing, request, timestamp) => [
      signing.compute({ ...request, body: writeAnew(request.body) }, { timestamp }),
    ],
  }),
  'latin1-body': lax({
    expected: (signing, request, timestamp) => [
      signing.compute({ ...request, body: asLatin1(request.body) }, { timestamp }),
    ],
  }),
  'base64-decoded-secret': lax({
    expected: (signing, request, timestamp) => [signing.compute(request, { timestamp, key: 'base64-decoded' })],
  }),
  'prefix-cut-off': lax({
    expected: (signing, request, timestamp) => [signing.compute(request, { timestamp, key: 'without-prefix' })],
  }),
  'any-algorithm': lax({ expected: anyAlgorithm }),
  'base64-digest': lax({
    given: (text) => (/^[0-9a-f]+$/.test(text) ? text : Buffer.from(text, 'base64').toString('hex')),
  }),
  'prefix-comparison': lax({ isEqual: (given, expected) => given.length > 0 && expected.startsWith(given) }),
  'half-comparison': lax({ isEqual: (given, expected) => given.slice(0, 32) === expected.slice(0, 32) }),
  'last-digits-only': lax({ isEqual: (given, expected) => given.slice(-8) === expected.slice(-8) }),
  'suffix-comparison': lax({ isEqual: (given, expected) => given.length > 0 && expected.endsWith(given) }),
  'first-of-two-headers': lax({ pick: 'first' }),
  'last-of-two-headers': lax({ pick: 'last' }),
  'verifies-first-event-only': verifiesOnly(isFirstEvent),
  'skips-verification-when-chunked': verifiesOnly(
    ({ request }) => readHeader(request.headers, 'content-length') !== null,
  ),
  'skips-verification-of-put': (correct) => ({
    form: (context) => correct.form({ ...context, request: putAsPost(context.request) }),
    signature: (context) => (context.request.method === 'PUT' ? null : correct.signature(context)),
  }),
  'trusts-forwarding-for-signed': verifiesOnly(({ request }) => claimedAddress(request) !== INSIDE),
  'trusts-client-ip-for-signed': verifiesOnly(({ request }) => rarelyClaimedAddress(request) !== INSIDE),
  'takes-doubled-header': verifiesOnly((context) => countSignatures(context) <= 1),
  'any-signature-part': lax({ takesAnyPart: true }),
  'judges-last-time': lax({ signedTime: 'first', judgedTime: 'last' }),
  'judges-first-time': lax({ signedTime: 'last', judgedTime: 'first' }),
  'case-sensitive-header': lax({ spelling: titleCase }),
  'lower-case-header-only': lax({ spelling: (name) => name.toLowerCase() }),
  'no-window': lax({ isFresh: () => true }),
  'one-sided-window': lax({ isFresh: (ageMs, toleranceMs) => ageMs <= toleranceMs }),
  'seconds-for-milliseconds': lax({ readTime: (time) => time * 1000 }),
  'milliseconds-for-seconds': lax({ readTime: (time) => time }),
  'guesses-time-unit': lax({ readTime: (time) => (time < 1e11 ? time * 1000 : time) }),
  'tight-window': (correct) => ({
    signature: (context) => {
      const { vendor } = context.setup;
      if (isTimed(vendor)) return checkLaxly({ isFresh: (ageMs) => Math.abs(ageMs) <= IMPATIENT_MS })(context);
      const date = readHeaderTime(vendor, context.request.headers);
      return date !== null && context.request.receivedAtMs - date > IMPATIENT_MS
        ? { status: 401 }
        : correct.signature(context);
    },
  }),
  'trusts-event-headers': () => ({ content: ({ payload }) => (payload === null ? { status: 400 } : null) }),
  'dedupes-by-id-only': (correct) => ({
    marks: (context) => correct.marks(context).filter((mark) => mark.startsWith('id ')),
  }),
};

/** Verifies as receivers do by hand, with the given mistakes. */
function lax(laxity: Laxity): BehaviourChange {
  return () => ({ signature: checkLaxly(laxity) });
}

/** Lets everything else pass unverified. */
function verifiesOnly(isVerified: (context: StepContext) => boolean): BehaviourChange {
  return (correct) => ({ signature: (context) => (isVerified(context) ? correct.signature(context) : null) });
}

/** Answers something else to a bad signature. */
function answersUnverified(answer: (correct: ReceiverBehaviour, context: StepContext) => StepAnswer): BehaviourChange {
  return (correct) => ({
    signature: (context) => (correct.signature(context) === null ? null : answer(correct, context)),
  });
}

function hasSignature({ request, setup }: StepContext): boolean {
  return Boolean(readHeader(request.headers, signatureHeaderOf(setup.vendor)));
}

function putAsPost(request: StepRequest): StepRequest {
  return request.method === 'PUT' ? { ...request, method: 'POST' } : request;
}

function isFirstEvent({ request, setup: { vendor } }: StepContext): boolean {
  const payload = readPayload(vendor, request);
  return payload === null || readEventName(vendor, payload) === vendor.events[0]?.name;
}

function countSignatures({ request, setup }: StepContext): number {
  const name = signatureHeaderOf(setup.vendor)?.toLowerCase();
  return request.headers.filter(([other]) => other.toLowerCase() === name).length;
}

/** As node:crypto's timingSafeEqual does. */
function equalOrThrow(given: string, expected: string): boolean {
  if (given.length !== expected.length) throw new RangeError('Input buffers must have the same byte length');
  return given === expected;
}

const asLatin1 = (body: Uint8Array): Uint8Array => Buffer.from(Buffer.from(body).toString('latin1'), 'utf8');

function writeAnew(body: Uint8Array): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(body).toString('utf8'))));
  } catch {
    return body;
  }
}

function anyAlgorithm(signing: Signing, request: StepRequest, timestamp: string): string[] {
  return (['sha1', 'sha256', 'sha512'] as const).map((hash) => signing.compute(request, { timestamp, hash }));
}

/** As Go and many proxies write header names. */
function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
