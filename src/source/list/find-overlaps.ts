import type { ListEntry } from './list-entry.ts';
import { byAddress } from './collapse-list.ts';
import { isWithin } from './special-networks.ts';

/** An entry that admits nobody new, and the one that admits them already. */
export interface Overlap {
  entry: ListEntry;
  by: ListEntry;
  /** It is the same network, not a part of it. */
  isTwin: boolean;
}

/** In the order of the list. Networks nest or are apart; of twins the first of the list stands. */
export function findOverlaps(entries: readonly ListEntry[]): Overlap[] {
  const order = new Map(entries.map((entry, index) => [entry, index]));
  const place = (entry: ListEntry): number => order.get(entry) ?? 0;
  // Sorting keeps the order of twins.
  const sorted = entries.toSorted((one, other) => byAddress(one.network, other.network));
  const open: ListEntry[] = [];
  const overlaps: Overlap[] = [];
  for (const entry of sorted) {
    while (open.length > 0 && !isWithin(entry.network, (open.at(-1) as ListEntry).network)) open.pop();
    const by = open.at(-1);
    const isTwin = by?.network.text === entry.network.text;
    if (by !== undefined) overlaps.push({ entry, by, isTwin });
    if (!isTwin) open.push(entry);
  }
  return overlaps.toSorted((one, other) => place(one.entry) - place(other.entry));
}
