import { type Address, addressOf, type Family, type Network } from '../address.ts';

/**
 * The addresses of `network` that matter: its ends, and both sides of each boundary that a rule draws within it. No
 * rule changes between two of them, so what holds for all of them holds for the network.
 */
export function makeSampleNetwork(named: readonly Network[]): (network: Network) => Address[] {
  const sides = { 4: sidesOf(named, 4), 6: sidesOf(named, 6) };
  return ({ family, first, last }) => {
    const all = sides[family];
    const inside = all.slice(firstFrom(all, first.value), firstFrom(all, last.value + 1n));
    return [...new Set([first.value, last.value, ...inside])].map((value) => addressOf(family, value));
  };
}

/** The addresses right before, at the beginning of, at the end of and right behind each network, in their order. */
const sidesOf = (named: readonly Network[], family: Family): bigint[] => {
  const ofFamily = named.filter((one) => one.family === family);
  const sides = ofFamily.flatMap(({ first, last }) => [first.value - 1n, first.value, last.value, last.value + 1n]);
  return [...new Set(sides)].toSorted((one, other) => (one < other ? -1 : 1));
};

/** Where the first one stands that is not before the value. */
function firstFrom(sides: readonly bigint[], value: bigint): number {
  let [low, high] = [0, sides.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sides[middle] as bigint) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
