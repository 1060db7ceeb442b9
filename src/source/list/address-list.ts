import { type Network, BITS, type Address, type Family, byAddress, isWithin, networkAround } from '../address.ts';
import { makeFindByAddress, maskedOf } from '../find-by-address.ts';
import type { ProgramReading } from './read-as.ts';

/** One address or network of a list, and where it stands. */
export interface ListEntry {
  network: Network;
  /** As it was written: `192.0.2.5/255.255.255.0`. */
  text: string;
  /** How it was written. */
  form: 'address' | 'prefix' | 'netmask';
  /** Bits are set beyond the prefix (`192.0.2.5/24`): the network is the one around the address. */
  hasHostBits: boolean;
  /** Null: it comes from no file. */
  file: string | null;
  /** From 1. */
  line: number | null;
  /** What follows `#` on its line. */
  comment: string | null;
}

/** Something in a list that is no address or network, or that programs read differently. */
export interface ListProblem {
  file: string | null;
  line: number | null;
  /** The piece in question, shortened where it is long. */
  text: string;
  /** In plain words, with what to write instead where that is known. */
  reason: string;
  /** What each program would make of it; empty where the piece is no address in any form. */
  readings: readonly ProgramReading[];
  /** The form that reads this line as an entry: the line belongs to the configuration of a server. */
  form?: string;
}

/** A line that is a comment and nothing else. */
export interface ListRemark {
  line: number;
  text: string;
}

/** A list with a problem must not be used: what was not understood could be the address in question. */
export interface AddressList {
  entries: ListEntry[];
  problems: ListProblem[];
  remarks: ListRemark[];
}

/**
 * Makes a function that finds the entry that holds an address: the one with the longest prefix, of duplicates the first
 * of the list; null when none does. An answer takes as long as there are different prefix lengths, however long the
 * list is.
 */
export function makeMatcher(entries: readonly ListEntry[]): (address: Address) => ListEntry | null {
  const find = makeFindByAddress(entries, ({ network }) => [maskedOf(network)]);
  return (address) => {
    for (const entry of find(address)) return entry;
    return null;
  };
}

/**
 * The fewest networks that hold the same addresses, in the order of the addresses. What lies within another network is
 * left out; two halves of one network are joined, and their comments with them.
 */
export function collapseList(entries: readonly ListEntry[]): ListEntry[] {
  const kept: ListEntry[] = [];
  for (const entry of entries.toSorted((one, other) => byAddress(one.network, other.network))) {
    const last = kept.at(-1);
    if (last !== undefined && isWithin(entry.network, last.network)) continue;
    kept.push(entry);
    joinHalves(kept);
  }
  return kept;
}

function joinHalves(kept: ListEntry[]): void {
  for (;;) {
    const [left, right] = kept.slice(-2);
    if (left === undefined || right === undefined || !areHalves(left.network, right.network)) return;
    const network = networkAround(left.network.first, left.network.prefixLength - 1);
    const comments = [
      ...new Set([left.comment, right.comment].filter((comment) => comment !== null && comment !== '')),
    ];
    kept.splice(-2, 2, {
      ...left,
      network,
      text: network.text,
      form: 'prefix',
      hasHostBits: false,
      comment: comments.length === 0 ? null : comments.join(', '),
    });
  }
}

function areHalves(left: Network, right: Network): boolean {
  const { family, prefixLength, first } = left;
  if (family !== right.family || prefixLength !== right.prefixLength || prefixLength === 0) return false;
  const size = 1n << BigInt(BITS[family] - prefixLength);
  return right.first.value === first.value + size && first.value % (size * 2n) === 0n;
}

/** That a list holds every address of one family. */
export interface Universal {
  family: Family;
  /** The entry that holds them all; null when several together do, such as two halves. */
  entry: ListEntry | null;
}

/** Finds the families of which a list holds every address. */
export function findUniversal(entries: readonly ListEntry[]): Universal[] {
  return collapseList(entries)
    .filter(({ network }) => network.prefixLength === 0)
    .map(({ network: { family } }) => ({
      family,
      entry: entries.find(({ network }) => network.prefixLength === 0 && network.family === family) ?? null,
    }));
}

/** An entry that adds no address, and the one that already holds all of its own. */
export interface Overlap {
  entry: ListEntry;
  by: ListEntry;
  /** Both are the same network. */
  isDuplicate: boolean;
}

/** In the order of the list. Two networks nest or are apart; of duplicates the first of the list stands. */
export function findOverlaps(entries: readonly ListEntry[]): Overlap[] {
  const order = new Map(entries.map((entry, index) => [entry, index]));
  const place = (entry: ListEntry): number => order.get(entry) ?? 0;
  // Sorting keeps the order of duplicates.
  const sorted = entries.toSorted((one, other) => byAddress(one.network, other.network));
  const around: ListEntry[] = [];
  const overlaps: Overlap[] = [];
  for (const entry of sorted) {
    while (around.length > 0 && !isWithin(entry.network, (around.at(-1) as ListEntry).network)) around.pop();
    const by = around.at(-1);
    const isDuplicate = by?.network.text === entry.network.text;
    if (by !== undefined) overlaps.push({ entry, by, isDuplicate });
    if (!isDuplicate) around.push(entry);
  }
  return overlaps.toSorted((one, other) => place(one.entry) - place(other.entry));
}
