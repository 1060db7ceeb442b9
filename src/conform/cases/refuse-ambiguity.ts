import { signatureHeaderOf, signaturePart } from '../../vendors/facts.ts';
import {
  changeDigit,
  requestOf,
  signEach,
  withChangedSignature,
  withSignature,
  type SecretChoice,
} from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { verifyFix } from './refuse-signature.ts';

/** Out of any window. */
const DAY_MS = 86_400_000;
const ONE_ONLY = 'refuse a request with more than one signature: servers and libraries differ in which one counts';

/** Several signatures, digests or times, of which only one can count. */
export const AMBIGUITY_CASES: readonly CaseTemplate[] = [
  {
    id: 'two-headers-good-first',
    title: 'two signature headers, the good one first, are refused',
    sender: 'secret-holder',
    restsOn: [],
    // One of them fits: ambiguous, and no forgery.
    isAdvice: true,
    appliesTo: ['signature-header', 'one-signature'],
    change: (factory) => [withSignatures(factory, ['right', 'another'])],
    mistake: 'the first of several headers counts',
    fix: ONE_ONLY,
  },
  {
    id: 'two-headers-bad-first',
    title: 'two signature headers, the bad one first, are refused',
    sender: 'secret-holder',
    restsOn: [],
    // One of them fits: ambiguous, and no forgery.
    isAdvice: true,
    appliesTo: ['signature-header', 'one-signature'],
    change: (factory) => [withSignatures(factory, ['another', 'right'])],
    mistake: 'the last of several headers counts, or any of them',
    fix: ONE_ONLY,
  },
  {
    id: 'two-headers-both-bad',
    title: 'two signature headers, both bad, are refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signature-header',
    change: (factory) => [withSignatures(factory, ['another', 'another'])],
    mistake: 'verification is skipped, or fails open, if the header is not a single string',
    fix: (vendor) => `${verifyFix(vendor)}; ${ONE_ONLY}`,
  },
  {
    id: 'two-digests',
    title: 'two digests in one signature header are refused',
    sender: 'secret-holder',
    restsOn: [],
    // One of them fits: the vendor's own SDKs take it where it is the last (`countedPart`).
    isAdvice: true,
    appliesTo: ['signature-parts', 'one-signature'],
    change: twoDigests,
    mistake: 'the last of several digests counts, or any of them',
    fix: ONE_ONLY,
  },
  {
    id: 'two-times',
    title: 'two times in one signature header, one captured and one current, are refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'signature-parts',
    change: twoTimes,
    mistake:
      'one of the times is checked against the window, but the other one is signed: a captured request can be ' +
      'replayed forever',
    fix: 'refuse a header with more than one time, or use the same one for both',
  },
];

/** One signature header for each secret. */
function withSignatures(factory: EventFactory, secrets: readonly SecretChoice[]): WireRequest {
  const event = factory.event();
  const name = signatureHeaderOf(factory.vendor) ?? '';
  const signed = signEach(factory, event, secrets);
  const bare = signed[0]?.bare ?? event;
  return requestOf(
    { ...bare, headers: [...bare.headers, ...signed.map((one) => [name, one?.text ?? ''] as const)] },
    'refused',
  );
}

function twoDigests(factory: EventFactory): WireRequest[] {
  const at = signaturePart(factory.vendor, '{v}') ?? 0;
  return [at + 1, at].flatMap((place) =>
    withChangedSignature(factory, (text) => {
      const parts = text.split(',');
      return parts.toSpliced(place, 0, changeDigit(parts[at] ?? '', 'last')).join(',');
    }),
  );
}

/** The signature is of an old time; the time of now stands before it, behind it, and at the end. */
function twoTimes(factory: EventFactory): WireRequest[] {
  const at = signaturePart(factory.vendor, '{t}') ?? 0;
  return ['before it', 'after it', 'at the end'].map((place) => {
    const event = factory.event();
    const parts = factory.sign(event, { agoMs: DAY_MS })?.text.split(',') ?? [];
    const now = factory.sign(event)?.text.split(',')[at] ?? '';
    const index = place === 'before it' ? at : place === 'after it' ? at + 1 : parts.length;
    return {
      ...withSignature(factory, event, parts.toSpliced(index, 0, now).join(','), 'refused'),
      label: `the signed time is old, with the current time ${place}`,
    };
  });
}
