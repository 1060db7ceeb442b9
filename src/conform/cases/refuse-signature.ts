import type { Vendor } from '../../model/vendor.ts';
import { addsToQuery, hashOf, isJwt, isStaticSecret, signsBody } from '../../vendors/signing-facts.ts';
import { fieldsOf, proseFields, type FoundField } from '../../vendors/facts.ts';
import { changeJson, changeLetter } from '../change-body.ts';
import {
  changeDigit,
  goodRequest,
  respace,
  withChangedSignature,
  withChangedValue,
  withSignature,
} from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { claiming, INSIDE_CLAIMS, RFC_7239 } from './refuse-caller.ts';

/** How a receiver of this vendor knows that a request is genuine. */
export function wayToVerify(vendor: Vendor): string {
  if (addsToQuery(vendor))
    return 'verify the signature of the called URL, and check what is added to it against the raw body,';
  if (isStaticSecret(vendor)) return 'compare the whole secret in constant time';
  if (isJwt(vendor)) return 'verify the JWT with the documented algorithm and key, then each of its claims';
  if (hashOf(vendor) === null) return 'verify the signature with the public key';
  return signsBody(vendor) ? 'verify the HMAC of the raw body' : 'compute the signature over what the vendor signs';
}

/** What a receiver of this vendor should do first. */
export const verifyFix = (vendor: Vendor): string =>
  `${wayToVerify(vendor)} before anything else, and answer 401 when it ` +
  (isStaticSecret(vendor) ? 'differs' : 'does not match');

/** One text where something is computed, another where a fixed secret is sent. */
const forProof =
  (computed: string, fixed: string) =>
  (vendor: Vendor): string =>
    isStaticSecret(vendor) ? fixed : computed;

/** A signature that does not fit the body, or fits only in part. */
export const SIGNATURE_CASES: readonly CaseTemplate[] = [
  {
    id: 'no-signature',
    title: forProof(
      'a request without a signature is refused, for any event',
      'a request without the secret is refused, for any event',
    ),
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) =>
      ofEachEvent(factory, (event) => withSignature(factory, factory.event({ event }), null, 'refused')),
    mistake: 'nothing is verified, or only requests with a signature, or only some events',
    fix: verifyFix,
  },
  {
    id: 'empty-signature',
    title: forProof('an empty signature is refused', 'an empty secret is refused'),
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) => withChangedSignature(factory, () => ''),
    mistake: 'an empty header counts as missing, and a missing one as allowed',
    fix: verifyFix,
  },
  {
    id: 'wrong-secret',
    title: forProof(
      'a signature made with another secret is refused, for any event',
      'another secret is refused, for any event',
    ),
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) =>
      ofEachEvent(factory, (event) => goodRequest(factory, { event }, { secret: 'another' }, 'refused')),
    mistake:
      'only some events are verified, only the presence of a signature is checked, or a bad one is logged and ' +
      'the event processed anyway',
    fix: verifyFix,
  },
  {
    id: 'body-changed',
    title: 'a body with one bit changed is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['signed-content', 'has-body'],
    change: (factory) => swapBody(factory, changedLetter(factory.vendor)),
    mistake: 'the signature is not compared with the body',
    fix: verifyFix,
  },
  {
    id: 'signature-changed',
    title: forProof(
      'a signature with its first, a middle or its last digit changed is refused',
      'the secret with its first, a middle or its last character changed is refused',
    ),
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) =>
      (['first', 'middle', 'last'] as const).flatMap((place) =>
        withChangedValue(factory, (value) => changeDigit(value, place)),
      ),
    mistake: forProof('only part of the digest is compared', 'only part of the secret is compared'),
    fix: forProof('compare the whole digest in constant time', 'compare the whole secret in constant time'),
  },
  {
    id: 'signature-truncated',
    title: forProof(
      'a signature truncated at the end, at the front or to one digit is refused',
      'the secret truncated at the end, at the front or to one character is refused',
    ),
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) =>
      ([[0, -8], [8], [0, 1], [-1]] as const).flatMap((part) =>
        withChangedValue(factory, (value) => value.slice(...part)),
      ),
    mistake: 'only as many characters are compared as were sent, or comparing different lengths throws',
    fix: forProof(
      'compare lengths first, then the whole digest in constant time',
      'compare lengths first, then the whole secret in constant time',
    ),
  },
  {
    id: 'upper-case-hex',
    title: 'a digest in upper-case hex is answered without a server error',
    sender: 'anyone',
    restsOn: [],
    // The digest is right: both answers are safe.
    isAdvice: true,
    appliesTo: 'hex-digest',
    change: (factory) => withChangedValue(factory, (value) => value.toUpperCase(), 'either'),
    mistake: 'unusual signatures throw',
    fix: 'answer 401, or accept it: the digest is the same, so both are safe',
  },
  {
    id: 'other-body',
    title: "another event's valid signature is refused",
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed-event',
    change: otherEvent,
    emptyBecause: 'the events have the same signature: what is signed, such as the id, is fixed in the sample',
    mistake: 'the signature is not compared with the body',
    fix: verifyFix,
  },
  {
    id: 'body-respaced',
    title: 'the same JSON with different white space is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['signed-body', 'json-text'],
    change: (factory) => swapBody(factory, changeJson(factory.vendor, respace)),
    mistake: 'the HMAC is computed over re-serialised JSON, so what was not signed passes',
    fix: 'keep the raw body and verify those bytes',
  },
];

/** Forged requests that travel in a way that some receivers do not verify. */
export const BYPASS_CASES: readonly CaseTemplate[] = [
  {
    id: 'forged-chunked',
    title: 'a chunked forged event without Content-Length is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['authenticated', 'has-body'],
    change: (factory) =>
      forgeries(factory).map((request) => ({
        ...request,
        headers: [...request.headers, ['Transfer-Encoding', 'chunked']],
      })),
    mistake: 'a body without Content-Length counts as empty or not yet received, and is not verified',
    fix: verifyFix,
  },
  {
    id: 'forged-put',
    title: 'a forged event sent with PUT is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['authenticated', 'not-by-put'],
    change: (factory) => forgeries(factory).map((request) => ({ ...request, method: 'PUT' })),
    mistake: 'verification depends on the method, and the route accepts others too',
    fix: (vendor) => `${verifyFix(vendor)}; accept only POST`,
  },
  {
    id: 'forged-from-inside',
    title: 'a forged event that claims to come from the receiver itself is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'authenticated',
    change: (factory) =>
      INSIDE_CLAIMS.flatMap((claim) => forgeries(factory).map((request) => claiming(request, claim))),
    mistake: 'a caller that claims to be internal in X-Forwarded-For or the like is not verified',
    fix: 'verify every request, wherever it comes from: anyone can send these headers',
    reference: RFC_7239,
  },
];

/** Where events have handlers of their own, one may verify and the next forget it. */
function ofEachEvent({ vendor }: EventFactory, make: (event: string) => WireRequest): WireRequest[] {
  return vendor.events.map(({ name }) => make(name));
}

/** Without a signature, and with one of another secret. */
function forgeries(factory: EventFactory): WireRequest[] {
  return [
    withSignature(factory, factory.event(), null, 'refused'),
    goodRequest(factory, {}, { secret: 'another' }, 'refused'),
  ];
}

/**
 * The last of the vendor's events, so that a body differs where there is more than one. Of one event whose samples are
 * all alike, one with another letter.
 */
function otherEvent(factory: EventFactory): WireRequest[] {
  const event = factory.event();
  const last = factory.event({ event: factory.vendor.events.at(-1)?.name });
  const [own, signed] = [factory.sign(event), factory.sign(last)];
  if (own === null || signed === null) return [];
  if (own.value !== signed.value) return [withSignature(factory, own.bare, signed.text, 'refused')];
  const other = factory.sign({ ...last, body: changedLetter(factory.vendor)(last.body) });
  return other === null || other.value === own.value ? [] : [withSignature(factory, own.bare, other.text, 'refused')];
}

const changedLetter = (vendor: Vendor): ReturnType<typeof changeLetter> =>
  changeLetter(vendor, textField(vendor)?.split('.').at(-1) ?? '');

/** The body is changed after it was signed. */
function swapBody(factory: EventFactory, change: (body: Uint8Array) => Uint8Array): WireRequest[] {
  const event = factory.event();
  const signed = factory.sign(event);
  const { bare = event, text = null } = signed ?? {};
  return [withSignature(factory, { ...bare, body: change(bare.body) }, text, 'refused')];
}

/** The first field that people write into, or else the first that holds any text. */
function textField(vendor: Vendor): string | null {
  const [event] = vendor.events;
  const isText = ({ path, field }: FoundField): boolean =>
    field.type === 'string' &&
    field.generated === undefined &&
    /[a-z]/i.test(String(field.example ?? '')) &&
    path !== event?.idField;
  return proseFields(vendor)[0] ?? fieldsOf(event).find(isText)?.path ?? null;
}
