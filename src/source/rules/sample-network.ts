import { type Address, addressOf, type Family, type Network } from '../address.ts';

/** The most addresses that are tried of one network. */
const MAX_SAMPLES = 2000;
/**
 * The addresses of `network` that matter: its ends, and both sides of each boundary that a rule draws within it. No
 * rule changes between two of them, so what holds for all of them holds for the network.
 */
export function makeSampleNetwork(named: readonly Network[]): (network: Network) => Address[] {
  const sides = { 4: sidesOf(named, 4), 6: sidesOf(named, 6) };
  return ({ family, first, last }) => {
    const inside: Side[] = [];
    const all = sides[family];
    for (let at = firstFrom(all, first.value); at < all.length && (all[at] as Side).value <= last.value; at += 1)
      inside.push(all[at] as Side);
    const values = new Set([first.value, last.value]);
    let index = -1;
    for (const side of inside.toSorted((one, other) => one.order - other.order)) {
      if (values.size >= MAX_SAMPLES && side.index > index) break;
      index = side.index;
      values.add(side.value);
    }
    return [...values].map((value) => addressOf(family, value));
  };
}

/** An address right before, at the beginning of, at the end of or right behind a network. */
interface Side {
  value: bigint;
  /** That of the network. */
  index: number;
  /** Where it stands among all of them. */
  order: number;
}

/** In the order of the addresses. */
const sidesOf = (named: readonly Network[], family: Family): Side[] =>
  named
    .flatMap((one, index) =>
      one.family === family
        ? [one.first.value - 1n, one.first.value, one.last.value, one.last.value + 1n].map((value, side) => ({
            value,
            index,
            order: index * 4 + side,
          }))
        : [],
    )
    .toSorted((one, other) => (one.value < other.value ? -1 : one.value > other.value ? 1 : 0));

/** Where the first one stands that is not before the value. */
function firstFrom(sides: readonly Side[], value: bigint): number {
  let [low, high] = [0, sides.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sides[middle] as Side).value < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
