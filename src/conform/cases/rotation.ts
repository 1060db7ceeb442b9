import { isInHeaders, separatorOf, type SeveralSignatures, type Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { rotation } from '../../vendors/decisive-facts.ts';
import { signatureOf } from '../../vendors/facts.ts';
import { signEach, withSignature, type SecretChoice } from '../change-request.ts';
import type { CaseTemplate, EventFactory, Expectation, SignedEvent, WireRequest } from '../conformance-case.ts';
import { verifyFix } from './refuse-signature.ts';

const LOOK_AT_ALL = (vendor: Vendor): string => {
  const several = signatureOf(vendor)?.several;
  const all =
    several !== undefined && isInHeaders(several)
      ? 'read all of these headers'
      : 'split the header into its signatures';
  return `${all}, and accept the request if one with a known scheme matches`;
};

/** While a secret is being replaced the vendor signs with both. */
export const ROTATION_CASES: readonly CaseTemplate[] = [
  {
    id: 'several-signatures',
    title: 'several signatures, as during a secret rotation, are accepted if one of them matches',
    sender: 'vendor',
    restsOn: [rotation],
    appliesTo: 'rotation',
    change: (factory) => [
      ofSecrets(factory, ['another', 'right'], 'accepted', 'another secret first'),
      ofSecrets(factory, ['right', 'another'], 'accepted', 'another secret last'),
      ofSecrets(factory, ['right', 'right'], 'accepted', 'the right one twice'),
    ],
    mistake: 'only the first or the last signature is checked, or the header is treated as a single one',
    fix: LOOK_AT_ALL,
  },
  {
    id: 'unknown-scheme-first',
    title: 'a signature of an unknown scheme before the correct one does no harm',
    sender: 'vendor',
    restsOn: [rotation],
    appliesTo: ['rotation', 'named-scheme'],
    change: (factory) => [
      schemed(factory, 'accepted', ({ text, value }, spec, several) => {
        const unknown = otherScheme(
          spec,
          pieceOf(spec, several).replace('{v}', () => value),
        );
        const separator = separatorOf(several);
        return spec.format.startsWith(pieceOf(spec, several))
          ? `${unknown}${separator}${text}`
          : text.replace(separator, () => `${separator}${unknown}${separator}`);
      }),
    ],
    mistake: 'the first signature must have the known scheme',
    fix: LOOK_AT_ALL,
  },
];

/** Signatures of which none counts. */
export const SCHEME_CASES: readonly CaseTemplate[] = [
  {
    id: 'several-wrong-signatures',
    title: 'several signatures, none of which matches, are refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: 'rotation',
    change: (factory) => [ofSecrets(factory, ['another', 'another'], 'refused')],
    mistake: 'nothing is verified if the header has more than one signature',
    fix: verifyFix,
  },
  {
    id: 'unknown-scheme',
    title: 'a forged signature of an unknown scheme is refused',
    sender: 'anyone',
    restsOn: [],
    appliesTo: ['rotation', 'named-scheme'],
    change: (factory) => [
      schemed(factory, 'refused', ({ textWith }, spec) =>
        otherScheme(spec, textWith(factory.sign(factory.event(), { secret: 'another' })?.value ?? '')),
      ),
    ],
    mistake: 'unknown schemes are skipped, so nothing is left that must match',
    fix: 'refuse a request without a signature of a known scheme',
  },
  {
    id: 'scheme-downgrade',
    title: 'the correct signature under the name of another scheme is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: ['rotation', 'named-scheme'],
    change: (factory) => [schemed(factory, 'refused', ({ text }, spec) => otherScheme(spec, text))],
    mistake: 'the name of the scheme is ignored: whoever chooses it can choose a weaker one',
    fix: 'accept only the schemes that you know by name',
  },
];

/** One signature for each secret, in one text. */
function ofSecrets(
  factory: EventFactory,
  secrets: readonly SecretChoice[],
  expect: Expectation,
  label?: string,
): WireRequest {
  const event = factory.event();
  const signed = signEach(factory, event, secrets);
  const text = signed[0]?.textWith(signed.map((one) => one?.value ?? '')) ?? null;
  return { ...withSignature(factory, signed[0]?.bare ?? event, text, expect), label };
}

/** With a text that is made of the right one. */
function schemed(
  factory: EventFactory,
  expect: Expectation,
  change: (signed: SignedEvent, spec: Signature, several: SeveralSignatures) => string,
): WireRequest {
  const event = factory.event();
  const [signed, spec] = [factory.sign(event), signatureOf(factory.vendor)];
  const text = signed !== null && spec?.several !== undefined ? change(signed, spec, spec.several) : null;
  return withSignature(factory, signed?.bare ?? event, text, expect);
}

/** The piece of the format that is repeated. */
function pieceOf({ format }: Signature, several: SeveralSignatures): string {
  return several.repeat !== 'part'
    ? format
    : (format.split(separatorOf(several)).find((piece) => piece.includes('{v}')) ?? format);
}

/** The text with the name of no scheme in the place of the vendor's. */
function otherScheme({ format }: Signature, text: string): string {
  const [, word = '', sign = ''] = /([A-Za-z0-9]+)([=,:])\{v\}/.exec(format) ?? [];
  return text.replace(`${word}${sign}`, () => `${word === 'v0' ? 'v9' : 'v0'}${sign}`);
}
