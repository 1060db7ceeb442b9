import { proseFields } from '../../vendors/facts.ts';
import {
  changeDigit,
  flipBit,
  goodRequest,
  respace,
  withChangedSignature,
  withChangedValue,
  withSignature,
} from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { claiming, INSIDE_CLAIMS, RFC_7239 } from './refuse-caller.ts';

export const VERIFY = 'verify the HMAC of the raw body before anything else, and answer 401 when it does not fit';

/** A signature that does not fit the body, or fits only in part. */
export const SIGNATURE_CASES: readonly CaseTemplate[] = [
  {
    id: 'no-signature',
    title: 'a request without signature is refused, whatever its event',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      ofEachEvent(factory, (event) => withSignature(factory, factory.event({ event }), null, 'refused')),
    mistake: 'nothing is verified, or only where there is a signature, or only some events',
    fix: VERIFY,
  },
  {
    id: 'empty-signature',
    title: 'an empty signature is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => withChangedSignature(factory, () => ''),
    mistake: 'an empty header counts as none, and none as allowed',
    fix: VERIFY,
  },
  {
    id: 'wrong-secret',
    title: 'a signature made with another secret is refused, whatever the event',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      ofEachEvent(factory, (event) => goodRequest(factory, { event }, { secret: 'another' }, 'refused')),
    mistake:
      'only some events are verified, only the presence of a signature is looked at, ' +
      'or a bad one is logged and the event processed all the same',
    fix: VERIFY,
  },
  {
    id: 'body-changed',
    title: 'a body with one bit changed is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: changedBody,
    mistake: 'the signature is not compared with the body',
    fix: VERIFY,
  },
  {
    id: 'signature-changed',
    title: 'a signature with its first, a middle or its last digit changed is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      (['first', 'middle', 'last'] as const).flatMap((place) =>
        withChangedValue(factory, (value) => changeDigit(value, place)),
      ),
    mistake: 'only a part of the digest is compared',
    fix: 'compare the whole digest in constant time',
  },
  {
    id: 'signature-truncated',
    title: 'a signature cut at its end, at its front or down to one digit is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      ([[0, -8], [8], [0, 1], [-1]] as const).flatMap((part) =>
        withChangedValue(factory, (value) => value.slice(...part)),
      ),
    mistake: 'only as many characters are compared as were sent, or a comparison of different lengths throws',
    fix: 'compare lengths first, then the whole digest in constant time',
  },
  {
    id: 'upper-case-hex',
    title: 'a digest in upper-case hex is answered without a server error',
    sender: 'anyone',
    restsOn: [],
    // The digest is right: both answers are safe.
    isAdvice: true,
    appliesTo: 'signed',
    change: (factory) => withChangedValue(factory, (value) => value.toUpperCase(), 'either'),
    mistake: 'odd signatures throw',
    fix: 'answer 401, or accept it: the digest is the same, so both are safe',
  },
  {
    id: 'other-body',
    title: "another event's valid signature is refused",
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => [
      withSignature(factory, factory.event(), factory.sign(factory.event())?.text ?? null, 'refused'),
    ],
    mistake: 'the signature is not compared with the body',
    fix: VERIFY,
  },
  {
    id: 'body-respaced',
    title: 'the same JSON with other white space is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => swapBody(factory, respace),
    mistake: 'the HMAC is computed over JSON written anew, so what was not signed passes',
    fix: 'keep the raw body and verify those bytes',
  },
];

const CHOSEN_ALGORITHM = 'the sender chooses the algorithm, by a name or by the length of the digest';

/** A signature that fits the body, but is made or written in another way than the vendor's. */
export const ALGORITHM_CASES: readonly CaseTemplate[] = [
  {
    id: 'base64-digest',
    title: 'the right digest in base64 is refused',
    sender: 'secret-holder',
    restsOn: [],
    // Another encoding of a digest that fits proves the secret all the same.
    isAdvice: true,
    appliesTo: 'signed',
    change: (factory) => withChangedValue(factory, (value) => Buffer.from(value, 'hex').toString('base64')),
    mistake: 'several encodings of the digest are accepted',
    fix: 'accept the one encoding that is documented',
  },
  {
    id: 'secret-base64-decoded',
    title: 'a signature made with the secret base64-decoded is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => [goodRequest(factory, {}, { secret: 'base64-decoded' }, 'refused')],
    mistake: 'the secret is decoded before it is the key',
    fix: 'use the whole secret as text',
  },
  {
    id: 'secret-without-prefix',
    title: 'a signature made with the secret without its prefix is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'signed',
    needs: ['hasSecretPrefix'],
    change: (factory) => [goodRequest(factory, {}, { secret: 'without-prefix' }, 'refused')],
    mistake: 'the prefix is cut off the secret',
    fix: 'use the whole secret, its prefix included',
  },
  {
    id: 'algorithm-sha1',
    title: 'a signature made with SHA-1 is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => [goodRequest(factory, {}, { hash: 'sha1' }, 'refused')],
    mistake: CHOSEN_ALGORITHM,
    fix: 'compute SHA-256 and nothing else',
  },
  {
    id: 'algorithm-sha512',
    title: 'a signature made with SHA-512 is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => [goodRequest(factory, {}, { hash: 'sha512' }, 'refused')],
    mistake: CHOSEN_ALGORITHM,
    fix: 'compute SHA-256 and nothing else',
  },
];

/** Forged requests that travel in a way that some receivers do not verify. */
export const BYPASS_CASES: readonly CaseTemplate[] = [
  {
    id: 'forged-chunked',
    title: 'a forged event in chunks, without Content-Length, is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      forgeries(factory).map((request) => ({
        ...request,
        headers: [...request.headers, ['Transfer-Encoding', 'chunked']],
      })),
    mistake: 'a body without Content-Length counts as empty, or as not yet there, and is not verified',
    fix: VERIFY,
  },
  {
    id: 'forged-put',
    title: 'a forged event by PUT is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) => forgeries(factory).map((request) => ({ ...request, method: 'PUT' })),
    mistake: 'verification hangs on the method, and the route takes others, too',
    fix: `${VERIFY}; take POST alone`,
  },
  {
    id: 'forged-from-inside',
    title: 'a forged event that claims to come from the receiver itself is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signed',
    change: (factory) =>
      INSIDE_CLAIMS.flatMap((claim) => forgeries(factory).map((request) => claiming(request, claim))),
    mistake: 'who says in X-Forwarded-For or its kind that he calls from inside is not verified',
    fix: 'verify every request, wherever it comes from: anybody can write these headers',
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

function changedBody(factory: EventFactory): WireRequest[] {
  const key = proseFields(factory.vendor)[0]?.split('.').at(-1) ?? '';
  return swapBody(factory, (body) => flipBit(body, key));
}

/** The body is changed after it was signed. */
function swapBody(factory: EventFactory, change: (body: Uint8Array) => Uint8Array): WireRequest[] {
  const event = factory.event();
  const signed = factory.sign(event);
  const { bare = event, text = null } = signed ?? {};
  return [withSignature(factory, { ...bare, body: change(bare.body) }, text, 'refused')];
}
