import { BITS, type Address, type Family } from '../address/address.ts';
import type { ListEntry } from './list-entry.ts';

/** Of one prefix length: the first entry for each network, by the bits in front. */
interface Level {
  hostBits: bigint;
  entries: Map<bigint, ListEntry>;
}

/**
 * Answers which entry holds an address: of several the one with the longest prefix, of twins the first of the list; null
 * when none does. An answer takes as long as there are different prefix lengths, however long the list is.
 */
export function makeMatcher(entries: readonly ListEntry[]): (address: Address) => ListEntry | null {
  const levels: Record<Family, Level[]> = { 4: levelsOf(entries, 4), 6: levelsOf(entries, 6) };
  return ({ family, value }) => {
    for (const { hostBits, entries: byBits } of levels[family]) {
      const entry = byBits.get(value >> hostBits);
      if (entry !== undefined) return entry;
    }
    return null;
  };
}

function levelsOf(entries: readonly ListEntry[], family: Family): Level[] {
  const byLength = new Map<number, Level>();
  for (const entry of entries) {
    const { prefixLength, first } = entry.network;
    if (entry.network.family !== family) continue;
    const level = byLength.get(prefixLength) ?? {
      hostBits: BigInt(BITS[family] - prefixLength),
      entries: new Map<bigint, ListEntry>(),
    };
    byLength.set(prefixLength, level);
    const bits = first.value >> level.hostBits;
    if (!level.entries.has(bits)) level.entries.set(bits, entry);
  }
  return [...byLength].toSorted(([one], [other]) => other - one).map(([, level]) => level);
}
