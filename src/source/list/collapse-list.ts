import { BITS } from '../address/address.ts';
import { networkAround, type Network } from '../address/network.ts';
import type { ListEntry } from './list-entry.ts';
import { isWithin } from './special-networks.ts';

/** By address, IPv4 first; of those that begin at one address the widest first. */
export function byAddress(one: Network, other: Network): number {
  if (one.family !== other.family) return one.family - other.family;
  if (one.first.value !== other.first.value) return one.first.value < other.first.value ? -1 : 1;
  return one.prefixLength - other.prefixLength;
}

/**
 * The fewest networks that hold the same addresses, by address: what lies within another is left out, halves that make a
 * whole are joined, and their comments with them.
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
