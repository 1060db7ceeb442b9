import { headerAt, type Hash, type PublicKeyAlgorithm, type Signature } from '../../model/signature.ts';
import { fitsSignature } from '../scheme/compute.ts';
import { listAtoms } from './atoms.ts';
import { listCarriers, type Carrier } from './carriers.ts';
import { searchFields } from './field-messages.ts';
import {
  isPublicLength,
  listKeys,
  openRsaSignature,
  readPublicKey,
  type PublicKeyCandidate,
} from './key-candidates.ts';
import { fitsSubject, type LearnSubject } from './learn-subject.ts';
import { searchMessages, UNUSUAL, USUAL, type Hit, type SearchBudget } from './message-search.ts';
import { HASH_OF_LENGTH, hmacProbe, plainProbe, verifyProbe, type Probe, type SoughtValue } from './probes.ts';
import { listSlots, type SignatureSlot } from './slots.ts';
import { listSpecs } from './specs.ts';
import { listTokens } from './tokens.ts';

export interface LearnedSignature {
  signature: Signature;
  /** Of the same secret, in other places of the same request. */
  further: readonly Signature[];
  /** What else fits every capture: which it is, they cannot tell. */
  alternatives: readonly Signature[];
}

/** Everything that was looked at, for those who found nothing. */
export interface LearnTrace {
  carriers: readonly Carrier[];
  slots: readonly SignatureSlot[];
  publicKey: PublicKeyCandidate | null;
}

export interface LearnOutcome {
  /** Null: nothing fits all of the captures. */
  found: LearnedSignature | null;
  /** What fits the one that was searched, and not these others (by their index). */
  misfits: readonly number[];
  tried: number;
  trace: LearnTrace;
}

/** In nanoseconds of a usual machine, so that the search ends in some three seconds there. */
const WHOLE_BUDGET = 2_200_000_000;
const FIELDS_BUDGET = 500_000_000;

/**
 * Finds how the requests are signed with this secret, or for this public key. The one with the least body is searched,
 * and what is found must fit all of them.
 */
export function learnSignature(subjects: readonly LearnSubject[], secret: string): LearnOutcome {
  const subject = subjects.toSorted((one, other) => one.body.length - other.body.length)[0] as LearnSubject;
  const carriers = listCarriers(subject);
  const publicKey = readPublicKey(secret);
  const slots = carriers.flatMap((carrier) => listSlots(carrier, (bytes) => isWanted(bytes, publicKey)));
  const trace = { carriers, slots, publicKey };
  const tokens = publicKey?.isSure ? [] : listTokens(carriers, secret);
  const searched = searchHits(subject, secret, trace, tokens.length > 0);
  const specs = [...searched.hits.map((hit) => listSpecs(hit, subject, publicKey)), tokens];
  const here = specs.map((some) => some.filter((spec) => fitsSubject(spec, secret, subject)));
  const everywhere = here.map((some) => some.filter((spec) => subjects.every((one) => fitsSubject(spec, secret, one))));
  const found = choose(everywhere);
  return {
    found,
    misfits: found === null ? misfitsOf(here.flat(), secret, subjects) : [],
    tried: searched.tried + tokens.length,
    trace,
  };
}

const isWanted = (bytes: number, publicKey: PublicKeyCandidate | null): boolean =>
  (publicKey !== null && isPublicLength(publicKey, bytes)) || (!publicKey?.isSure && bytes in HASH_OF_LENGTH);

function searchHits(
  subject: LearnSubject,
  secret: string,
  { slots, publicKey }: LearnTrace,
  isShort: boolean,
): { hits: Hit[]; tried: number } {
  const probes = listProbes(targetsOf(slots), secret, publicKey);
  const keys = publicKey?.isSure ? [] : listKeys(secret).map(({ bytes }) => bytes);
  const atoms = listAtoms(subject, slots, keys.slice(0, 1));
  const budget: SearchBudget = { left: isShort ? FIELDS_BUDGET : WHOLE_BUDGET, tried: 0 };
  const hits: Hit[] = [];
  searchMessages(probes, atoms, USUAL, budget, hits);
  if (hits.length === 0 && !isShort) {
    const share = { left: Math.min(FIELDS_BUDGET, budget.left), tried: 0 };
    budget.left -= share.left;
    searchFields(subject, { probes, atoms, slots }, share, hits);
    budget.tried += share.tried;
    budget.left += Math.max(share.left, 0);
    if (hits.length === 0) searchMessages(probes, atoms, UNUSUAL, budget, hits);
  }
  return { hits, tried: budget.tried };
}

function targetsOf(slots: readonly SignatureSlot[]): SoughtValue[] {
  const targets = new Map<string, SoughtValue>();
  for (const slot of slots) {
    const key = slot.bytes.toString('latin1');
    const known = targets.get(key);
    if (known === undefined) targets.set(key, { bytes: slot.bytes, slots: [slot] });
    else known.slots.push(slot);
  }
  return [...targets.values()];
}

function listProbes(targets: readonly SoughtValue[], secret: string, publicKey: PublicKeyCandidate | null): Probe[] {
  const probes = publicKey === null ? [] : publicProbes(targets, secret, publicKey);
  if (publicKey?.isSure) return probes;
  for (const [length, hash] of Object.entries(HASH_OF_LENGTH)) {
    const own = targets.filter(({ bytes }) => bytes.length === Number(length));
    // What looks like a signature is not kept waiting by what does not.
    for (const some of [own.filter(isLikely), own.filter((target) => !isLikely(target))]) {
      if (some.length === 0) continue;
      probes.push(...listKeys(secret).map((key) => hmacProbe(hash, key, some)));
      probes.push(plainProbe(hash, some));
    }
  }
  return probes;
}

const isLikely = ({ slots }: SoughtValue): boolean => slots.some(({ rank }) => rank === 0);

function publicProbes(targets: readonly SoughtValue[], secret: string, publicKey: PublicKeyCandidate): Probe[] {
  const own = targets.filter(({ bytes }) => isPublicLength(publicKey, bytes.length));
  const opened = own.flatMap((target) => {
    const one = openRsaSignature(publicKey.key, target.bytes);
    return one === null ? [] : [{ target, ...one }];
  });
  const ofRsa = RSA_HASHES.flatMap(([hash, algorithm]) => {
    const some = opened.filter((one) => one.hash === hash);
    const digests = new Map(some.map(({ target, digest }) => [target.bytes, digest]));
    const digestOf = ({ bytes }: SoughtValue): Buffer => digests.get(bytes) ?? bytes;
    return some.length === 0
      ? []
      : [
          plainProbe(
            hash,
            some.map(({ target }) => target),
            { algorithm, digestOf },
          ),
        ];
  });
  const rest = own.filter((target) => !opened.some((one) => one.target === target)).slice(0, 4);
  const others = publicKey.algorithms.filter((algorithm) => !RSA_HASHES.some(([, name]) => name === algorithm));
  if (rest.length === 0) return ofRsa;
  return [...ofRsa, ...others.map((algorithm) => verifyProbe(algorithm, rest, verifier(algorithm, secret)))];
}

const RSA_HASHES: readonly (readonly [Hash, PublicKeyAlgorithm])[] = [
  ['sha1', 'rsa-sha1'],
  ['sha256', 'rsa-sha256'],
  ['sha512', 'rsa-sha512'],
];

function verifier(algorithm: PublicKeyAlgorithm, secret: string): (message: Uint8Array, value: Buffer) => boolean {
  const spec: Signature = { algorithm, message: ['body'], encoding: ['base64'], at: { header: 'x' }, format: '{v}' };
  return (body, value) =>
    fitsSignature(spec, secret, { method: '', url: null, headers: [], body }, undefined, value.toString('base64'));
}

/** The likeliest of what fits everywhere: first by its algorithm and place, then in the order of the readings. */
function choose(fitting: readonly (readonly Signature[])[]): LearnedSignature | null {
  const places = new Map<string, Signature[]>();
  const specs = fitting.flat();
  const isComputed = specs.some(({ algorithm }) => algorithm !== 'token');
  // Where something is computed with the secret, a body that holds it says nothing of signatures.
  for (const spec of specs.filter(
    ({ algorithm, at }) => !(isComputed && algorithm === 'token' && headerAt(at) === null),
  )) {
    const place = JSON.stringify(spec.at);
    places.set(place, [...(places.get(place) ?? []), spec]);
  }
  const [own, ...others] = [...places.values()].toSorted(([one], [other]) => strength(other) - strength(one));
  const [signature] = own ?? [];
  if (own === undefined || signature === undefined) return null;
  const alternatives = own.filter((spec) => meaningOf(spec) !== meaningOf(signature));
  const distinct = new Map(alternatives.map((spec) => [meaningOf(spec), spec]));
  return { signature, further: others.flatMap(([first]) => first ?? []), alternatives: [...distinct.values()] };
}

/** What two readings of one scheme share: how the rest of the text is laid out is no part of it. */
function meaningOf({ algorithm, message, key, encoding, timestamp }: Signature): string {
  // Which alphabet it is shows only in some of the values, and the usual one is then meant.
  const chain = encoding?.map((one) => (one === 'base64url' ? 'base64' : one));
  return JSON.stringify([algorithm, message, key, chain, message.includes('timestamp') ? timestamp : null]);
}

function strength(spec: Signature | undefined): number {
  if (spec === undefined) return -1;
  const { algorithm, at } = spec;
  const place = 'header' in at ? 0.5 : 0;
  if (algorithm === 'token') return place;
  return (/md5|sha1/.test(algorithm) ? 2 : 4) + place;
}

/** The captures that nothing of what fits the searched one fits. */
function misfitsOf(specs: readonly Signature[], secret: string, subjects: readonly LearnSubject[]): number[] {
  if (specs.length === 0) return [];
  return subjects.flatMap((subject, index) =>
    specs.some((spec) => fitsSubject(spec, secret, subject)) ? [] : [index],
  );
}
