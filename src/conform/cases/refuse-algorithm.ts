import type { Vendor } from '../../model/vendor.ts';
import { hashName } from '../../vendors/signing-facts.ts';
import { requestOf } from '../change-request.ts';
import type { CaseTemplate, EventFactory, SigningChoice, WireRequest } from '../conformance-case.ts';

export const DECODE_SECRET = 'decode the secret as the vendor says, without its prefix, and use those bytes as the key';
const SAME_KEY = 'this secret gives the same key both ways, so the two signatures are the same';
/** It proves the secret all the same. */
const OTHER_ENCODING = {
  sender: 'secret-holder',
  restsOn: [],
  isAdvice: true,
  mistake: 'several encodings of the digest are accepted',
  fix: 'accept only the documented encoding',
} as const;
const OTHER_HASH = {
  sender: 'secret-holder',
  restsOn: [],
  mistake: 'the sender chooses the algorithm, by a name or by the length of the digest',
  fix: (vendor: Vendor): string => `compute ${hashName(vendor)} and nothing else`,
} as const;

/** A signature that fits the body, but is made or written in another way than the vendor's. */
export const ALGORITHM_CASES: readonly CaseTemplate[] = [
  {
    ...OTHER_ENCODING,
    id: 'base64-digest',
    title: 'the correct digest in base64 is refused',
    appliesTo: 'hex-digest',
    change: (factory) => mistakenly(factory, { encoding: 'base64' }),
  },
  {
    ...OTHER_ENCODING,
    id: 'hex-digest',
    title: 'the correct digest in hex is refused',
    appliesTo: 'base64-digest',
    change: (factory) => mistakenly(factory, { encoding: 'hex' }),
  },
  {
    id: 'secret-base64-decoded',
    title: 'a signature made with the secret base64-decoded is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'text-key',
    change: (factory) => mistakenly(factory, { secret: 'base64-decoded' }),
    emptyBecause: SAME_KEY,
    mistake: 'the secret is decoded before it is used as the key',
    fix: 'use the whole secret as text',
  },
  {
    id: 'secret-without-prefix',
    title: 'a signature made with the secret without its prefix is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'secret-prefix',
    needs: ['hasSecretPrefix'],
    change: (factory) => mistakenly(factory, { secret: 'without-prefix' }),
    emptyBecause: SAME_KEY,
    mistake: 'the prefix is removed from the secret',
    fix: 'use the whole secret, including its prefix',
  },
  {
    id: 'secret-as-text',
    title: 'a signature made with the undecoded secret is refused',
    sender: 'secret-holder',
    restsOn: [],
    appliesTo: 'decoded-key',
    change: (factory) => (['as-text', 'without-prefix'] as const).flatMap((secret) => mistakenly(factory, { secret })),
    emptyBecause: SAME_KEY,
    mistake: 'the secret is used as the key as shown, without decoding it first',
    fix: DECODE_SECRET,
  },
  {
    ...OTHER_HASH,
    id: 'algorithm-sha1',
    title: 'a signature made with SHA-1 is refused',
    appliesTo: ['digest', 'not-sha1'],
    change: (factory) => mistakenly(factory, { hash: 'sha1' }),
  },
  {
    ...OTHER_HASH,
    id: 'algorithm-sha512',
    title: 'a signature made with SHA-512 is refused',
    appliesTo: ['digest', 'not-sha512'],
    change: (factory) => mistakenly(factory, { hash: 'sha512' }),
  },
];

/** Signed by mistake in another way than the vendor's; nothing where that comes to the same. */
function mistakenly(factory: EventFactory, choice: SigningChoice): WireRequest[] {
  const event = factory.event();
  const wrong = factory.sign(event, choice);
  return wrong === null || wrong.isRight() ? [] : [requestOf(wrong.whole, 'refused')];
}
