import { firstHalf, flipBit, respace } from './change-body.ts';
import {
  DIGEST,
  goodRequest,
  setHeader,
  signedRequest,
  withBody,
  withChangedSignature,
  withSignature,
} from './change-request.ts';
import type { CaseTemplate, Expectation, GoodEvent, Kit, SigningChoice, WireRequest } from './conformance-case.ts';
import { claiming, INSIDE_CLAIMS, RFC_7239 } from './spoofing-cases.ts';
import {
  dateHeaderOf,
  eventHeaderOf,
  idHeaderOf,
  isSigned,
  proseFields,
  signaturePart,
  signsBodyAlone,
  toleranceMs,
} from '../vendors/facts.ts';
import { ofSigned, ofTimed } from './vendor-facts.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const VERIFY = 'verify the HMAC of the raw body before anything else, and answer 401 when it does not fit';
const ONE_ONLY = 'refuse a request with more than one signature: which one counts is ambiguous';

/** A case of which every request must be refused, made by one change to a good one. */
const forging = (
  id: string,
  title: string,
  change: (kit: Kit) => WireRequest[],
  mistake: string,
  fix: string,
  more: Partial<CaseTemplate> = {},
): CaseTemplate => ({ id, title, severity: 'must', applies: ofSigned, change, mistake, fix, ...more });

const signing = (
  id: string,
  title: string,
  choice: SigningChoice,
  mistake: string,
  fix: string,
  more: Partial<CaseTemplate> = {},
): CaseTemplate => forging(id, title, (kit) => [goodRequest(kit, {}, choice, 'refused')], mistake, fix, more);

/** What does not come from the vendor must be refused: the signature. */
export const SIGNATURE_CASES: readonly CaseTemplate[] = [
  forging(
    'no-signature',
    'a request without signature is refused, whatever its event',
    (kit) => ofEachEvent(kit, (event) => withSignature(kit, kit.event({ event }), null, 'refused')),
    'nothing is verified, or only where there is a signature, or only some events',
    VERIFY,
  ),
  forging(
    'empty-signature',
    'an empty signature is refused',
    (kit) => withChangedSignature(kit, () => ''),
    'an empty header counts as none, and none as allowed',
    VERIFY,
  ),
  forging(
    'wrong-secret',
    'a signature made with another secret is refused, whatever the event',
    (kit) => ofEachEvent(kit, (event) => goodRequest(kit, { event }, { secret: 'another' }, 'refused')),
    'only some events are verified, only the presence of a signature is looked at, or a bad one is logged and the event processed all the same',
    VERIFY,
  ),
  forging(
    'body-changed',
    'a body with one bit changed is refused',
    changedBody,
    'the signature is not compared with the body',
    VERIFY,
  ),
  forging(
    'signature-changed',
    'a signature with its first, a middle or its last digit changed is refused',
    (kit) => [0, 31, -1].flatMap((at) => withChangedSignature(kit, (text) => changeDigit(text, at))),
    'only a part of the digest is compared',
    'compare the whole digest in constant time',
  ),
  forging(
    'signature-truncated',
    'a signature cut at its end, at its front or down to one digit is refused',
    (kit) =>
      ([[0, -8], [8], [0, 1], [-1]] as const).flatMap((part) =>
        withChangedSignature(kit, (text) => text.replace(DIGEST, (hex) => hex.slice(...part))),
      ),
    'only as many characters are compared as were sent, or a comparison of different lengths throws',
    'compare lengths first, then the whole digest in constant time',
  ),
  forging(
    'upper-case-hex',
    'a digest in upper-case hex is answered without a server error',
    (kit) => withChangedSignature(kit, (text) => text.replace(DIGEST, (hex) => hex.toUpperCase()), 'either'),
    'odd signatures throw',
    'answer 401, or accept it: the digest is the same, so both are safe',
    { severity: 'should' },
  ),
  forging(
    'other-body',
    "another event's valid signature is refused",
    (kit) => [withSignature(kit, kit.event(), kit.sign(kit.event().body), 'refused')],
    'the signature is not compared with the body',
    VERIFY,
  ),
  forging(
    'body-respaced',
    'the same JSON with other white space is refused',
    (kit) => swapBody(kit, respace),
    'the HMAC is computed over JSON written anew, so what was not signed passes',
    'keep the raw body and verify those bytes',
  ),
  forging(
    'stale',
    'a signature older than the tolerance is refused',
    (kit) => [goodRequest(kit, {}, { agoMs: toleranceMs(kit.vendor) + MINUTE_MS }, 'refused')],
    'the time of the signature is not looked at',
    'refuse a signature whose time is further off than the tolerance',
    { applies: ofTimed },
  ),
  forging(
    'future',
    'a signature from the future is refused',
    (kit) => [goodRequest(kit, {}, { agoMs: -toleranceMs(kit.vendor) - MINUTE_MS }, 'refused')],
    'only old times are refused',
    'compare the absolute difference: Math.abs(now - t)',
    { applies: ofTimed },
  ),
  forging(
    'time-unit',
    'a time in the other unit (seconds, milliseconds) is refused',
    (kit) => [
      goodRequest(kit, {}, { unit: kit.vendor.signature.value?.timestampUnit === 's' ? 'ms' : 's' }, 'refused'),
    ],
    'the unit is guessed from the size of the number, or the window has one side only',
    "read the time in the vendor's unit",
    { applies: ofTimed, severity: 'should' },
  ),
  forging(
    'two-headers-good-first',
    'two signature headers, the good one first, are refused',
    (kit) => twoHeaders(kit, 'good first'),
    'the first of several headers counts',
    ONE_ONLY,
    { severity: 'should' },
  ),
  forging(
    'two-headers-bad-first',
    'two signature headers, the bad one first, are refused',
    (kit) => twoHeaders(kit, 'bad first'),
    'the last of several headers counts, or any',
    ONE_ONLY,
    { severity: 'should' },
  ),
  forging(
    'two-headers-both-bad',
    'two signature headers, both bad, are refused',
    (kit) => [withSignatures(kit, kit.event(), ['another', 'another'])],
    'verification is skipped, or fails open, where the header is no single text',
    `${VERIFY}; ${ONE_ONLY}`,
  ),
  forging(
    'two-digests',
    'two digests in one signature header are refused',
    twoDigests,
    'any one of several digests may fit',
    ONE_ONLY,
    { severity: 'should', applies: ({ vendor }) => signaturePart(vendor, '{v}') !== null },
  ),
  forging(
    'two-times',
    'two times in one signature header, one of a captured signature and one of now, are refused',
    twoTimes,
    'one of the times is held against the window, and the other one is signed: a captured request can be sent for ever',
    'refuse a header with more than one time, or take the same one for both',
    { applies: ({ vendor }) => signaturePart(vendor, '{t}') !== null },
  ),
  forging(
    'base64-digest',
    'the right digest in base64 is refused',
    (kit) =>
      withChangedSignature(kit, (text) => text.replace(DIGEST, (hex) => Buffer.from(hex, 'hex').toString('base64'))),
    'several encodings of the digest are accepted',
    'accept the one encoding that is documented',
    { severity: 'should' },
  ),
  signing(
    'secret-base64-decoded',
    'a signature made with the secret base64-decoded is refused',
    { secret: 'base64-decoded' },
    'the secret is decoded before it is the key',
    'use the whole secret as text',
  ),
  signing(
    'secret-without-prefix',
    'a signature made with the secret without its prefix is refused',
    { secret: 'without-prefix' },
    'the prefix is cut off the secret',
    'use the whole secret, its prefix included',
    { applies: ({ hasSecretPrefix }) => hasSecretPrefix },
  ),
  signing(
    'algorithm-sha1',
    'a signature made with SHA-1 is refused',
    { algorithm: 'sha1' },
    'the sender chooses the algorithm, by a name or by the length of the digest',
    'compute SHA-256 and nothing else',
  ),
  signing(
    'algorithm-sha512',
    'a signature made with SHA-512 is refused',
    { algorithm: 'sha512' },
    'the sender chooses the algorithm, by a name or by the length of the digest',
    'compute SHA-256 and nothing else',
  ),
  forging(
    'replay',
    'a captured request, sent again a day later, is refused',
    captured,
    'the time of the signature is not looked at',
    'refuse a signature whose time is further off than the tolerance',
    { applies: ofTimed },
  ),
  forging(
    'replay-refreshed',
    'a captured request a month old, under a new id and date, is refused',
    refreshed,
    'the id and date in the headers are trusted, which are not signed',
    'judge the age by the date in the signed body',
    { applies: ({ vendor }) => signsBodyAlone(vendor), severity: 'should' },
  ),
  forging(
    'replay-new-id',
    'a captured request under a new id has no second effect',
    newId,
    'a repeated event is known by its id alone, which is not signed',
    'keep the signatures of processed requests too, and process each once',
    { applies: ({ vendor }) => signsBodyAlone(vendor) && idHeaderOf(vendor) !== null, severity: 'should' },
  ),
  forging(
    'event-header-swapped',
    'a header that names another event than the signed body is refused',
    swappedEvent,
    'the header is trusted, which is not signed',
    'take the event from the signed body, and refuse a request whose header differs',
    { applies: ({ vendor }) => isSigned(vendor) && eventHeaderOf(vendor) !== null, severity: 'should' },
  ),
  forging(
    'forged-chunked',
    'a forged event in chunks, without Content-Length, is refused',
    (kit) =>
      forgeries(kit).map((request) => ({
        ...request,
        headers: [...request.headers, ['Transfer-Encoding', 'chunked']],
      })),
    'a body without Content-Length counts as empty, or as not yet there, and is not verified',
    VERIFY,
  ),
  forging(
    'forged-put',
    'a forged event by PUT is refused',
    (kit) => forgeries(kit).map((request) => ({ ...request, method: 'PUT' })),
    'verification hangs on the method, and the route takes others, too',
    `${VERIFY}; take POST alone`,
  ),
  forging(
    'forged-from-inside',
    'a forged event that claims to come from the receiver itself is refused',
    (kit) => INSIDE_CLAIMS.flatMap((claim) => forgeries(kit).map((request) => claiming(request, claim))),
    'who says in X-Forwarded-For or its kind that he calls from inside is not verified',
    'verify every request, wherever it comes from: anybody can write these headers',
    { reference: RFC_7239 },
  ),
];

/** The same: everything but the signature. */
export const FORM_CASES: readonly CaseTemplate[] = [
  {
    id: 'method-get',
    title: 'GET has no effect',
    severity: 'should',
    change: (kit) => [{ ...goodRequest(kit, {}, {}, 'no-effect'), method: 'GET' }],
    mistake: 'the route takes every method',
    fix: 'take POST alone; answer others 405',
  },
  {
    id: 'method-put',
    title: 'PUT is refused',
    severity: 'should',
    change: (kit) => [{ ...goodRequest(kit, {}, {}, 'refused'), method: 'PUT' }],
    mistake: 'the route takes every method',
    fix: 'take POST alone; answer others 405',
  },
  {
    id: 'content-type-text',
    title: 'a body that is called text/plain is refused',
    severity: 'should',
    change: (kit) => [contentType(kit, 'text/plain')],
    mistake: 'the content type is not looked at: where nothing is signed, any web page can send such a form',
    fix: 'answer 415 to what is not application/json',
  },
  {
    id: 'content-type-form',
    title: 'a body that is called a form is refused',
    severity: 'should',
    change: (kit) => [contentType(kit, 'application/x-www-form-urlencoded')],
    mistake: 'the content type is not looked at: where nothing is signed, any web page can send such a form',
    fix: 'answer 415 to what is not application/json',
  },
  {
    id: 'malformed-json',
    title: 'a body that is no JSON is answered 4xx',
    severity: 'must',
    change: (kit) => [withBody(kit, firstHalf, 'refused-4xx')],
    mistake: 'the parser throws and nobody catches: 500',
    fix: 'catch the error of the parser and answer 400',
  },
  {
    id: 'json-not-object',
    title: 'JSON that is no object is answered 4xx',
    severity: 'must',
    change: (kit) => ['null', '[]', '"text"'].map((text) => withBody(kit, () => Buffer.from(text), 'refused-4xx')),
    mistake: 'fields are read of what is no object: 500, or nothing is read and the answer is success',
    fix: 'check that the body is an object, and answer 400',
  },
  {
    id: 'empty-body',
    title: 'an empty body is answered 4xx',
    severity: 'must',
    change: (kit) => [withBody(kit, () => new Uint8Array(), 'refused-4xx')],
    mistake: 'the parser throws (500), or an empty body counts as an empty event',
    fix: 'answer 400 to an empty body',
  },
  {
    id: 'no-client-certificate',
    title: 'a request without client certificate is not let in',
    severity: 'must',
    applies: ({ isSecure, hasClientCertificate }) => isSecure && hasClientCertificate,
    change: (kit) => [goodRequest(kit), { ...goodRequest(kit, {}, {}, 'shut-out'), way: 'without-certificate' }],
    mistake: 'the certificate is asked for, but not insisted on',
    fix: 'enforce it (nginx: ssl_verify_client on); webhook verify-cert diagnoses the whole set-up',
  },
  {
    id: 'plain-http',
    title: 'the same path over plain http takes no events',
    severity: 'must',
    applies: ({ isSecure }) => isSecure,
    change: (kit) => [{ ...goodRequest(kit, {}, {}, 'shut-out'), way: 'plain-http' }],
    mistake: 'the plain port serves the same application',
    fix: 'let the plain port redirect (301) or answer 403: on it everything can be read and changed on the way',
  },
];

/** Where events have handlers of their own, one may verify and the next forget it. */
function ofEachEvent({ vendor }: Kit, make: (event: string) => WireRequest): WireRequest[] {
  return vendor.events.map(({ name }) => make(name));
}

/** Without a signature, and with one of another secret. */
function forgeries(kit: Kit): WireRequest[] {
  return [withSignature(kit, kit.event(), null, 'refused'), goodRequest(kit, {}, { secret: 'another' }, 'refused')];
}

function changedBody(kit: Kit): WireRequest[] {
  const key = proseFields(kit.vendor)[0]?.split('.').at(-1) ?? '';
  return swapBody(kit, (body) => flipBit(body, key));
}

/** The body is changed after it was signed. */
function swapBody(kit: Kit, change: (body: Uint8Array) => Uint8Array): WireRequest[] {
  const event = kit.event();
  return [withSignature(kit, { ...event, body: change(event.body) }, kit.sign(event.body), 'refused')];
}

/** Another digit of the digest at this place; -1 is the last. */
function changeDigit(signature: string, at: number): string {
  return signature.replace(DIGEST, (hex) => {
    const digits = [...hex];
    return digits.with(at, digits.at(at) === '0' ? '1' : '0').join('');
  });
}

function twoHeaders(kit: Kit, order: 'good first' | 'bad first'): WireRequest[] {
  return [withSignatures(kit, kit.event(), order === 'good first' ? ['right', 'another'] : ['another', 'right'])];
}

/** One signature header for each secret. */
function withSignatures(kit: Kit, event: GoodEvent, secrets: readonly ('right' | 'another')[]): WireRequest {
  const name = kit.vendor.signature.value?.header ?? '';
  const signatures = secrets.map(
    (secret) => [name, kit.sign(event.body, secret === 'right' ? {} : { secret }) ?? ''] as const,
  );
  return { ...withSignature(kit, event, null, 'refused'), headers: [...event.headers, ...signatures] };
}

function twoDigests(kit: Kit): WireRequest[] {
  const at = signaturePart(kit.vendor, '{v}') ?? 0;
  return [at + 1, at].flatMap((place) =>
    withChangedSignature(kit, (text) => {
      const parts = text.split(',');
      return parts.toSpliced(place, 0, changeDigit(parts[at] ?? '', -1)).join(',');
    }),
  );
}

/** The signature is of an old time; the time of now stands before it, behind it, and at the end. */
function twoTimes(kit: Kit): WireRequest[] {
  const at = signaturePart(kit.vendor, '{t}') ?? 0;
  return ['before it', 'behind it', 'at the end'].map((place) => {
    const event = kit.event();
    const parts = kit.sign(event.body, { agoMs: toleranceMs(kit.vendor) + MINUTE_MS })?.split(',') ?? [];
    const now = kit.sign(event.body)?.split(',')[at] ?? '';
    const index = place === 'before it' ? at : place === 'behind it' ? at + 1 : parts.length;
    return {
      ...withSignature(kit, event, parts.toSpliced(index, 0, now).join(','), 'refused'),
      label: `the signed time is old, with the time of now ${place}`,
    };
  });
}

/** First it comes as the vendor sends it, then as it was captured a day ago. */
function captured(kit: Kit): WireRequest[] {
  const event = kit.event({ agoMs: DAY_MS });
  return [signedRequest(kit, event, 'accepted'), signedRequest(kit, event, 'refused', { agoMs: DAY_MS })];
}

function refreshed(kit: Kit): WireRequest[] {
  const old = kit.event({ agoMs: 30 * DAY_MS });
  const fresh = kit.event();
  const refresh = [idHeaderOf(kit.vendor), dateHeaderOf(kit.vendor)].filter((name) => name !== null);
  const headers = refresh.reduce(
    (all, name) => setHeader(all, name, fresh.headers.find(([other]) => other === name)?.[1] ?? ''),
    old.headers,
  );
  return [signedRequest(kit, { ...old, headers, key: fresh.key }, 'refused')];
}

function newId(kit: Kit): WireRequest[] {
  const event = kit.event();
  const id = kit.newId();
  return [
    signedRequest(kit, event, 'accepted'),
    signedRequest(
      kit,
      { ...event, headers: setHeader(event.headers, idHeaderOf(kit.vendor) ?? '', id), key: id },
      'no-effect',
    ),
  ];
}

function swappedEvent(kit: Kit): WireRequest[] {
  const header = eventHeaderOf(kit.vendor) ?? '';
  const event = kit.event();
  const other = kit.vendor.events.at(-1)?.name ?? '';
  const name = event.headers.some(([, value]) => value === other) ? `${other}_other` : other;
  return [signedRequest(kit, { ...event, headers: setHeader(event.headers, header, name) }, 'refused')];
}

function contentType(kit: Kit, type: string, expect: Expectation = 'refused'): WireRequest {
  const request = goodRequest(kit, {}, {}, expect);
  return { ...request, headers: setHeader(request.headers, 'Content-Type', type) };
}
