import { decodeEscapes, toggleSlash, withoutQuery } from '../../model/changed-url.ts';
import { titleCase } from '../../model/header.ts';
import { isHttpUrl, isLoopbackHost, queryOf } from '../../model/http-url.ts';
import { leaveClaimsOut, leavePartOut } from '../../model/signature.ts';
import { readEventName, readHeader, readObject, readScalar } from '../../vendors/event-key.ts';
import { readPayload } from '../../vendors/read-body.ts';
import { readHeaderTime } from '../../vendors/event-time.ts';
import { methodOf } from '../../vendors/body-facts.ts';
import { signatureOf } from '../../vendors/facts.ts';
import { ages } from '../../vendors/signing-facts.ts';
import type { SIGNATURE_MISTAKES } from '../../vendors/mistakes/signature.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import type {
  BehaviourChange,
  ReceiverBehaviour,
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
  'reserialised-body': lax({ seen: (request) => ({ ...request, body: writeAnew(request.body) }) }),
  'latin1-body': lax({ seen: (request) => ({ ...request, body: asLatin1(request.body) }) }),
  'base64-decoded-secret': lax({ mistakes: [{ key: 'base64-decoded' }] }),
  'prefix-cut-off': lax({ mistakes: [{ key: 'without-prefix' }] }),
  'undecoded-secret': lax({ mistakes: [{ key: 'as-text' }, { key: 'without-prefix' }] }),
  'any-algorithm': lax({ mistakes: [{ hash: 'sha1' }, { hash: 'sha512' }, {}] }),
  'base64-digest': lax({ mistakes: [{}, { encoding: 'hex' }, { encoding: 'base64' }] }),
  'prefix-comparison': lax({ isEqual: (given, expected) => given.length > 0 && expected.startsWith(given) }),
  'half-comparison': lax({
    isEqual: (given, expected) => firstHalf(given, expected) === firstHalf(expected, expected),
  }),
  'last-digits-only': lax({ isEqual: (given, expected) => given.slice(-8) === expected.slice(-8) }),
  'suffix-comparison': lax({ isEqual: (given, expected) => given.length > 0 && expected.endsWith(given) }),
  'ignores-letter-case': lax({ isEqual: (given, expected) => given.toLowerCase() === expected.toLowerCase() }),
  'first-of-two-headers': lax({ pick: 'first' }),
  'last-of-two-headers': lax({ pick: 'last' }),
  'verifies-first-event-only': verifiesOnly(isFirstEvent),
  'skips-verification-when-chunked': verifiesOnly(
    ({ request }) => readHeader(request.headers, 'content-length') !== null,
  ),
  'skips-verification-of-put': (correct) => ({
    form: (context) => correct.form({ ...context, request: takingPut(context) }),
    signature: (context) => (context.request.method === 'PUT' ? null : correct.signature(context)),
  }),
  'trusts-forwarding-for-signed': verifiesOnly(({ request }) => claimedAddress(request) !== INSIDE),
  'trusts-client-ip-for-signed': verifiesOnly(({ request }) => rarelyClaimedAddress(request) !== INSIDE),
  'takes-doubled-header': verifiesOnly((context) => countSignatures(context) <= 1),
  'any-signature-part': lax({ pickValue: 'any' }),
  'first-signature-only': lax({ pickValue: 'first' }),
  'last-signature-only': lax({ pickValue: 'last' }),
  'refuses-unknown-scheme': (correct) => ({
    signature: (context) => (hasUnknownScheme(context) ? { status: 401 } : correct.signature(context)),
  }),
  'passes-unknown-scheme': verifiesOnly((context) => !hasUnknownScheme(context) || readValues(context).length > 0),
  'any-scheme': lax({ ignoresScheme: true }),
  'secret-anywhere': (correct) => ({
    signature: (context) => (holdsSecret(context) ? null : correct.signature(context)),
  }),
  'drops-query': lax({ mistakes: [{ url: withoutQuery }] }),
  'query-of-another': lax({ mistakes: [{ ignoresAddedQuery: 'always' }] }),
  'added-query-optional': lax({ mistakes: [{ ignoresAddedQuery: 'missing' }] }),
  'part-optional': () => ({
    signature: (context) => {
      const parts = context.setup.vendor.signature.value?.message ?? [];
      const fewer = [
        ...parts.flatMap((_, index) => leavePartOut(parts, index)),
        ...leaveClaimsOut(parts).map(({ message }) => message),
      ];
      return checkLaxly({ mistakes: [{}, ...fewer.map((message) => ({ message }))] })(context);
    },
  }),
  'query-optional': lax({ mistakes: [{}, { url: withoutQuery }] }),
  'slash-optional': lax({ mistakes: [{}, { url: toggleSlash }] }),
  'lower-case-url': lax({ mistakes: [{}, { url: (url) => url.toLowerCase() }] }),
  'decoded-url': lax({ mistakes: [{}, { url: decodeEscapes }] }),
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
      if (ages(vendor))
        return checkLaxly({ isFresh: (ageMs, toleranceMs) => Math.abs(ageMs) <= toleranceMs / 10 })(context);
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
  'trusts-any-key-url': (correct) => ({
    signature: (context) => {
      const refused = correct.signature(context);
      if (refused === null) return null;
      const { request, setup } = context;
      const address = readScalar(readObject(request.body), signatureOf(setup.vendor)?.keyUrl?.json ?? '');
      if (request.fetchedKey === undefined && address !== null && isOnThisMachine(address))
        return { ...refused, fetchesKey: address };
      return isSignedBy(request.fetchedKey ?? null, context) ? null : refused;
    },
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
  return setup.signing?.read(request).some(({ text }) => text.trim() !== '') ?? true;
}

function takingPut({ request, setup }: StepContext): StepRequest {
  return request.method === 'PUT' ? { ...request, method: methodOf(setup.vendor) } : request;
}

function isFirstEvent({ request, setup: { vendor } }: StepContext): boolean {
  const payload = readPayload(vendor, request);
  return payload === null || readEventName(vendor, payload) === vendor.events[0]?.name;
}

const readValues = ({ request, setup }: StepContext, ignoresScheme = false): string[] =>
  setup.signing?.read(request, ignoresScheme).flatMap(({ values }) => values) ?? [];

const hasUnknownScheme = (context: StepContext): boolean =>
  readValues(context, true).length > readValues(context).length;

/** In any header, or in the query. */
function holdsSecret({ request, setup }: StepContext): boolean {
  const secret = setup.signing?.compute(request);
  return [...request.headers.map(([, value]) => value), ...queryOf(request.path).values()].some(
    (value) => value === secret,
  );
}

const countSignatures = ({ request, setup }: StepContext): number => setup.signing?.read(request).length ?? 0;

const firstHalf = (text: string, { length }: string): string => text.slice(0, length / 2);

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

/** A mistake that is made on purpose asks nobody else. */
const isOnThisMachine = (address: string): boolean => isHttpUrl(address) && isLoopbackHost(new URL(address).hostname);

function isSignedBy(publicKey: string | null, { request, setup: { signing } }: StepContext): boolean {
  if (publicKey === null || signing === null) return false;
  return signing
    .read(request)
    .some(({ values }) => values.some((value) => signing.fits(request, value, { publicKey })));
}
