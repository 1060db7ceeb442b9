import type { Vendor } from '../../model/vendor.ts';
import type { Bug } from '../bugs.ts';
import { readHeader, readObject } from '../../vendors/event-key.ts';
import { readHeaderTime } from '../../vendors/event-time.ts';
import { isSigned, isTimed, repeatsOf, signsBodyAlone } from '../../vendors/facts.ts';
import { checkLaxly, type Laxity } from '../lax-signature.ts';
import type { Context, Signing, StepRequest } from '../reference-receiver.ts';
import { claimedAddress, rarelyClaimedAddress } from './form.ts';
import { eventNameOf, hasEventName } from './payload.ts';

const hasPrefix = ({ signature }: Vendor): boolean => signature.value?.secretPrefix !== undefined;
const hasParts = ({ signature }: Vendor): boolean => signature.value?.format.includes('{t}') ?? false;
/** A header that says what the signed body says, too. */
const repeatsBody = (vendor: Vendor): boolean => isSigned(vendor) && repeatsOf(vendor).length > 0;

const lax = (name: string, mistake: string, laxity: Laxity, applies: Bug['applies'] = isSigned): Bug => ({
  name,
  mistake,
  applies,
  change: () => ({ signature: checkLaxly(laxity) }),
});

/** A bug that lets some requests pass unverified. */
const skipping = (name: string, mistake: string, isSkipped: (request: StepRequest) => boolean): Bug => ({
  name,
  mistake,
  applies: isSigned,
  change: (good) => ({ signature: (context) => (isSkipped(context.request) ? null : good.signature(context)) }),
});

const IMPATIENT_MS = 30_000;

/** Mistakes in verifying. */
export const SIGNATURE_BUGS: readonly Bug[] = [
  {
    name: 'no-verification',
    mistake: 'not verifying the signature at all',
    applies: isSigned,
    change: () => ({ signature: () => null }),
  },
  {
    name: 'presence-only',
    mistake: 'looking only whether there is a signature, not whether it fits',
    applies: isSigned,
    change: () => ({
      signature: ({ request, setup }) =>
        readHeader(request.headers, setup.vendor.signature.value?.header ?? null) ? null : { status: 401 },
    }),
  },
  {
    name: 'skips-without-signature',
    mistake: 'verifying only when there is a signature: whoever sends none, or an empty one, passes',
    applies: isSigned,
    change: (good) => ({
      signature: (context) =>
        readHeader(context.request.headers, context.setup.vendor.signature.value?.header ?? null)
          ? good.signature(context)
          : null,
    }),
  },
  {
    name: 'processes-refused',
    mistake: 'answering 401 to a bad signature and processing the event all the same',
    applies: isSigned,
    change: () => ({ processesRefused: true }),
  },
  {
    name: 'answers-before-verifying',
    mistake: 'answering 200 before verifying',
    applies: isSigned,
    change: (good) => ({ signature: (context) => (good.signature(context) === null ? null : good.success(context)) }),
  },
  {
    name: 'server-error-on-bad-signature',
    mistake: 'answering 500 to a bad signature: the vendor takes that for an outage and retries',
    applies: isSigned,
    change: (good) => ({ signature: (context) => (good.signature(context) === null ? null : { status: 500 }) }),
  },
  {
    name: 'crashes-on-odd-length',
    mistake:
      'comparing in constant time without comparing lengths first, which throws: a short signature is answered 500',
    applies: isSigned,
    change: () => ({ signature: checkLaxly({ isEqual: equalOrThrow }) }),
  },
  lax('reserialised-body', 'computing the HMAC over the JSON written anew, not over the raw bytes', {
    expected: (signing, body, timestamp) => [signing.digest(writeAnew(body), { timestamp })],
  }),
  lax('latin1-body', 'reading the body as Latin-1 text before the HMAC: it fails with the first letter beyond ASCII', {
    expected: (signing, body, timestamp) => [
      signing.digest(Buffer.from(Buffer.from(body).toString('latin1'), 'utf8'), { timestamp }),
    ],
  }),
  lax('base64-decoded-secret', 'base64-decoding the secret', {
    expected: (signing, body, timestamp) => [signing.digest(body, { timestamp, key: 'base64-decoded' })],
  }),
  lax(
    'prefix-cut-off',
    'cutting the prefix off the secret: it belongs to the key',
    { expected: (signing, body, timestamp) => [signing.digest(body, { timestamp, key: 'without-prefix' })] },
    hasPrefix,
  ),
  lax('any-algorithm', 'letting the length of the digest choose the algorithm', { expected: anyAlgorithm }),
  lax('base64-digest', 'accepting the digest in other encodings, too', {
    given: (text) => (/^[0-9a-f]+$/.test(text) ? text : Buffer.from(text, 'base64').toString('hex')),
  }),
  lax('prefix-comparison', 'comparing only as many characters as were sent', {
    isEqual: (given, expected) => given.length > 0 && expected.startsWith(given),
  }),
  lax('half-comparison', 'comparing only the first half of the digest', {
    isEqual: (given, expected) => given.slice(0, 32) === expected.slice(0, 32),
  }),
  lax('last-digits-only', 'comparing only the last digits of the digest', {
    isEqual: (given, expected) => given.slice(-8) === expected.slice(-8),
  }),
  lax('suffix-comparison', 'looking only whether the digest ends as what was sent', {
    isEqual: (given, expected) => given.length > 0 && expected.endsWith(given),
  }),
  lax('first-of-two-headers', 'taking the first of two signature headers', { pick: 'first' }),
  lax('last-of-two-headers', 'taking the last of two signature headers', { pick: 'last' }),
  {
    name: 'verifies-first-event-only',
    mistake: 'verifying in the handler of one event, and not in those of the others',
    applies: (vendor) => isSigned(vendor) && vendor.events.length > 1 && hasEventName(vendor),
    change: (good) => ({ signature: (context) => (isFirstEvent(context) ? good.signature(context) : null) }),
  },
  skipping(
    'skips-verification-when-chunked',
    'not verifying a body that comes without Content-Length',
    ({ headers }) => readHeader(headers, 'content-length') === null,
  ),
  {
    name: 'skips-verification-of-put',
    mistake: 'verifying POST alone, and taking PUT, too',
    applies: isSigned,
    change: (good) => ({
      form: (context) =>
        good.form(
          context.request.method === 'PUT' ? { ...context, request: { ...context.request, method: 'POST' } } : context,
        ),
      signature: (context) => (context.request.method === 'PUT' ? null : good.signature(context)),
    }),
  },
  skipping(
    'trusts-forwarding-for-signed',
    'not verifying what says in X-Forwarded-For that it comes from inside',
    (request) => claimedAddress(request) === '127.0.0.1',
  ),
  skipping(
    'trusts-client-ip-for-signed',
    'not verifying what says in X-Client-IP, CF-Connecting-IP or their kind that it comes from inside',
    (request) => rarelyClaimedAddress(request) === '127.0.0.1',
  ),
  {
    name: 'takes-doubled-header',
    mistake: 'not verifying where the signature header stands twice, which makes a list of a text',
    applies: isSigned,
    change: (good) => ({ signature: (context) => (countSignatures(context) > 1 ? null : good.signature(context)) }),
  },
  lax(
    'any-signature-part',
    'accepting a header in which any one of several digests fits',
    { takesAnyPart: true },
    hasParts,
  ),
  lax(
    'judges-last-time',
    'signing with the first of two times in a header, and holding the last one against the window',
    { signedTime: 'first', judgedTime: 'last' },
    hasParts,
  ),
  lax(
    'judges-first-time',
    'signing with the last of two times in a header, and holding the first one against the window',
    { signedTime: 'last', judgedTime: 'first' },
    hasParts,
  ),
  lax('case-sensitive-header', 'expecting the signature header in one letter case', { spelling: titleCase }),
  lax('lower-case-header-only', 'expecting the signature header in lower case', {
    spelling: (name) => name.toLowerCase(),
  }),
  lax(
    'no-window',
    'not looking at the time of the signature: a captured request can be sent for ever',
    { isFresh: () => true },
    isTimed,
  ),
  lax(
    'one-sided-window',
    'refusing old times but none in the future',
    { isFresh: (ageMs, toleranceMs) => ageMs <= toleranceMs },
    isTimed,
  ),
  lax(
    'seconds-for-milliseconds',
    'reading the time as seconds',
    { readTime: (time) => time * 1000 },
    ({ signature }) => signature.value?.timestampUnit === 'ms',
  ),
  lax(
    'milliseconds-for-seconds',
    'reading the time as milliseconds',
    { readTime: (time) => time },
    ({ signature }) => signature.value?.timestampUnit === 's',
  ),
  lax(
    'guesses-time-unit',
    'guessing by its size whether the time is in seconds or milliseconds',
    { readTime: (time) => (time < 1e11 ? time * 1000 : time) },
    isTimed,
  ),
  {
    name: 'tight-window',
    mistake: 'setting a tight window, which refuses honest late requests',
    applies: isSigned,
    change: (good) => ({
      signature: (context) => {
        const { vendor } = context.setup;
        if (isTimed(vendor)) return checkLaxly({ isFresh: (ageMs) => Math.abs(ageMs) <= IMPATIENT_MS })(context);
        const date = readHeaderTime(vendor, context.request.headers);
        return date !== null && context.request.receivedAtMs - date > IMPATIENT_MS
          ? { status: 401 }
          : good.signature(context);
      },
    }),
  },
  {
    name: 'trusts-event-headers',
    mistake: 'trusting headers that are not signed instead of the signed body',
    applies: repeatsBody,
    change: () => ({ content: ({ payload }) => (payload === null ? { status: 400 } : null) }),
  },
  {
    name: 'dedupes-by-id-only',
    mistake:
      'knowing a repeated event by its id alone, which is not signed: a captured request counts again under a new id',
    applies: signsBodyAlone,
    change: (good) => ({ marks: (context) => good.marks(context).filter((mark) => mark.startsWith('id ')) }),
  },
];

function isFirstEvent({ request, setup: { vendor } }: Context): boolean {
  const payload = readObject(request.body);
  return payload === null || eventNameOf(vendor, payload) === vendor.events[0]?.name;
}

function countSignatures({ request, setup }: Context): number {
  const name = setup.vendor.signature.value?.header.toLowerCase();
  return request.headers.filter(([other]) => other.toLowerCase() === name).length;
}

/** As node:crypto's timingSafeEqual does. */
function equalOrThrow(given: string, expected: string): boolean {
  if (given.length !== expected.length) throw new RangeError('Input buffers must have the same byte length');
  return given === expected;
}

function writeAnew(body: Uint8Array): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(body).toString('utf8'))));
  } catch {
    return body;
  }
}

function anyAlgorithm(signing: Signing, body: Uint8Array, timestamp: string): string[] {
  return (['sha1', 'sha256', 'sha512'] as const).map((algorithm) => signing.digest(body, { timestamp, algorithm }));
}

/** As Go and many proxies write header names. */
export function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
