import type { Hash, PublicKeyAlgorithm, Signature } from '../../model/signature.ts';
import { fitsSignature } from '../scheme/compute.ts';
import { withAddedQuery } from './added-query.ts';
import { listAtoms } from './atoms.ts';
import { listCarriers, type Carrier } from './carriers.ts';
import { chooseSignature, type LearnedSignature } from './choose-signature.ts';
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
import { withNumberedHeaders } from './numbered-headers.ts';
import { listJwts } from './jwts.ts';
import { listParties, type Party } from './parties.ts';
import { HASH_OF_LENGTH, hmacProbe, plainProbe, verifyProbe, type Probe, type SoughtValue } from './probes.ts';
import { listSlots, type SignatureSlot } from './slots.ts';
import { listSpecs } from './specs.ts';
import { listTokens } from './tokens.ts';

/** Everything that was looked at, for those who found nothing. */
export interface LearnTrace {
  subject: LearnSubject;
  carriers: readonly Carrier[];
  slots: readonly SignatureSlot[];
  publicKey: PublicKeyCandidate | null;
}

export interface LearnOutcome {
  /** Null: nothing fits all of the captures. */
  found: LearnedSignature | null;
  /** Where nothing fits all: the captures of one scheme each, the most first. */
  parties: readonly Party[];
  tried: number;
  /** Of the capture that was searched. */
  trace: LearnTrace;
}

/** In nanoseconds of a usual machine, so that the search ends in some three seconds there. */
const WHOLE_BUDGET = 2_200_000_000;
const FIELDS_BUDGET = 500_000_000;
/** Of several captures together: to see which of them is worth the whole search. */
const LOOK_BUDGET = 60_000_000;
/** Of all captures but that one together, where they are not like it. */
const OTHERS_BUDGET = 400_000_000;
const MAX_SEARCHED = 6;

/**
 * Finds how the requests are signed with this secret, or for this public key. One is searched, and what is found must
 * fit all of them. Where nothing does, the others are searched alone.
 */
export function learnSignature(subjects: readonly LearnSubject[], secret: string): LearnOutcome {
  const order = [...subjects.keys()]
    .toSorted((one, other) => bodyLength(subjects, one) - bodyLength(subjects, other))
    .slice(0, MAX_SEARCHED);
  const search = (index: number, budget: number): SearchedOne =>
    searchOne(subjects[index] as LearnSubject, secret, budget);
  const chosen = chooseSubject(order, search);
  const searched = search(chosen, WHOLE_BUDGET);
  const everywhere = searched.fitting.map((some) =>
    some.filter((spec) => subjects.every((one) => fitsSubject(spec, secret, one))),
  );
  const outcome = { found: chooseSignature(everywhere), parties: [], tried: searched.tried, trace: searched.trace };
  const others = order.filter((index) => index !== chosen);
  if (outcome.found !== null || others.length === 0) return outcome;
  let { tried } = searched;
  const parties = listParties([chosen, ...others], subjects, secret, (index) => {
    if (index === chosen) return chooseSignature(searched.fitting);
    const alone = search(index, OTHERS_BUDGET / others.length);
    tried += alone.tried;
    return chooseSignature(alone.fitting);
  });
  return { ...outcome, parties, tried };
}

const bodyLength = (subjects: readonly LearnSubject[], index: number): number => subjects[index]?.body.length ?? 0;

/** One that a short look finds something in, else the first: it may be the one that is not like the others. */
function chooseSubject(order: readonly number[], search: (index: number, budget: number) => SearchedOne): number {
  const [first = 0] = order;
  if (order.length === 1) return first;
  return (
    order.find((index) => search(index, LOOK_BUDGET / order.length).fitting.some(({ length }) => length > 0)) ?? first
  );
}

interface SearchedOne {
  /** What fits this one, by what was found. */
  fitting: readonly (readonly Signature[])[];
  tried: number;
  trace: LearnTrace;
}

function searchOne(subject: LearnSubject, secret: string, budget: number): SearchedOne {
  const carriers = listCarriers(subject);
  const publicKey = readPublicKey(secret);
  const slots = slotsOf(carriers, publicKey);
  const trace = { subject, carriers, slots, publicKey };
  const tokens = [
    ...(publicKey?.isSure ? [] : listTokens(carriers, secret)),
    ...listJwts(carriers, subject, secret, publicKey),
  ];
  const left = tokens.length > 0 ? Math.min(budget, FIELDS_BUDGET) : budget;
  const { hits, tried } = searchHits(secret, trace, { left, tried: 0 }, tokens.length > 0);
  const specs = [...hits.map((hit) => listSpecs(hit, subject, publicKey)), tokens];
  const fitting = specs.map((some) =>
    some
      .flatMap((spec) => withNumberedHeaders(withAddedQuery(spec, subject), subject))
      .filter((spec) => fitsSubject(spec, secret, subject)),
  );
  return { fitting, tried: tried + tokens.length, trace };
}

/** A body may hold thousands of texts that look like a signature: what comes behind so many is none. */
const MAX_BODY_SLOTS = 1000;

function slotsOf(carriers: readonly Carrier[], publicKey: PublicKeyCandidate | null): SignatureSlot[] {
  const slots: SignatureSlot[] = [];
  let ofBody = 0;
  for (const carrier of carriers) {
    const isOfBody = 'json' in carrier.at || 'form' in carrier.at;
    if (isOfBody && ofBody > MAX_BODY_SLOTS) continue;
    const some = listSlots(carrier, (bytes) => isWanted(bytes, publicKey));
    if (isOfBody) ofBody += some.length;
    slots.push(...some);
  }
  return slots;
}

const isWanted = (bytes: number, publicKey: PublicKeyCandidate | null): boolean =>
  (publicKey !== null && isPublicLength(publicKey, bytes)) || (!publicKey?.isSure && bytes in HASH_OF_LENGTH);

function searchHits(
  secret: string,
  { subject, slots, publicKey }: LearnTrace,
  budget: SearchBudget,
  isShort: boolean,
): { hits: Hit[]; tried: number } {
  const probes = listProbes(targetsOf(slots), secret, publicKey);
  const keys = publicKey?.isSure ? [] : listKeys(secret).map(({ bytes }) => bytes);
  const atoms = listAtoms(subject, slots, keys.slice(0, 1));
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
