import type { Signature } from '../../model/signature.ts';
import type { LearnedSignature } from './choose-signature.ts';
import { fitsSubject, type LearnSubject } from './learn-subject.ts';

/** Captures that one scheme fits. */
export interface Party {
  signature: Signature;
  /** By their index, in ascending order. */
  members: readonly number[];
}

/**
 * Where nothing fits all captures: who belongs together, the most first. One that belongs to none so far is searched
 * alone.
 */
export function listParties(
  order: readonly number[],
  subjects: readonly LearnSubject[],
  secret: string,
  search: (index: number) => LearnedSignature | null,
): Party[] {
  const parties: Party[] = [];
  for (const index of order) {
    if (parties.some(({ members }) => members.includes(index))) continue;
    const found = search(index);
    if (found !== null) parties.push(widestOf(found, secret, subjects));
  }
  return parties.toSorted((one, other) => other.members.length - one.members.length);
}

/** Of all that fits one capture, what fits the most of the others. */
function widestOf(
  { signature, alternatives, further }: LearnedSignature,
  secret: string,
  subjects: readonly LearnSubject[],
): Party {
  const parties = [signature, ...alternatives, ...further].map((spec): Party => {
    const members = subjects.flatMap((subject, index) => (fitsSubject(spec, secret, subject) ? [index] : []));
    return { signature: spec, members };
  });
  return parties.reduce((best, one) => (one.members.length > best.members.length ? one : best));
}
