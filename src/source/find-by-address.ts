import { type Address, BITS, type Family, type Network } from './address.ts';

/** All addresses that equal `value` in the bits of `mask`, which Apache allows to lie anywhere. */
export interface Masked {
  family: Family;
  value: bigint;
  mask: bigint;
}

export function maskedOf({ family, first, prefixLength }: Network): Masked {
  const hostBits = BigInt(BITS[family] - prefixLength);
  return { family, value: first.value, mask: ((1n << BigInt(BITS[family])) - 1n) ^ ((1n << hostBits) - 1n) };
}

/** Everything of one mask, by the bits that it leaves. */
interface MaskTable<Item> {
  mask: bigint;
  items: Map<bigint, Item[]>;
}

/**
 * Makes a function that finds the items that hold an address: the longest prefix first, of equal ones in their order.
 * An answer takes as long as there are different masks, however many items there are: lists are long, and asked often.
 * @param partsOf the addresses that an item holds
 */
export function makeFindByAddress<Item>(
  items: readonly Item[],
  partsOf: (item: Item) => readonly Masked[],
): (address: Address) => Generator<Item> {
  const tables: Record<Family, Map<bigint, MaskTable<Item>>> = { 4: new Map(), 6: new Map() };
  for (const item of items) {
    for (const { family, value, mask } of partsOf(item)) {
      const table = tables[family].get(mask) ?? { mask, items: new Map<bigint, Item[]>() };
      tables[family].set(mask, table);
      const before = table.items.get(value);
      if (before === undefined) table.items.set(value, [item]);
      else before.push(item);
    }
  }
  const sorted = { 4: longestFirst(tables[4]), 6: longestFirst(tables[6]) };
  return function* find({ family, value }) {
    for (const { mask, items: byValue } of sorted[family]) {
      const found = byValue.get(value & mask);
      if (found !== undefined) yield* found;
    }
  };
}

const longestFirst = <Item>(tables: ReadonlyMap<bigint, MaskTable<Item>>): MaskTable<Item>[] =>
  [...tables.values()].toSorted((one, other) => (one.mask > other.mask ? -1 : 1));

/**
 * Makes a function that picks, in their order, the items that may hold for an address: those that hold it, and those of
 * which that is not known beforehand.
 * @param partsOf null: not known
 */
export function makeFindCandidates<Item>(
  items: readonly Item[],
  partsOf: (item: Item) => readonly Masked[] | null,
): (address: Address) => readonly Item[] {
  const told = items.map((item, index) => ({ item, index, parts: partsOf(item) }));
  const always = told.filter(({ parts }) => parts === null);
  if (always.length === told.length) return () => items;
  const find = makeFindByAddress(told, ({ parts }) => parts ?? []);
  return (address) =>
    [...new Set([...always, ...find(address)])]
      .toSorted((one, other) => one.index - other.index)
      .map(({ item }) => item);
}

/** The same of networks alone. */
export const makeFindNetworks = (networks: readonly Network[]): ((address: Address) => Generator<Network>) =>
  makeFindByAddress(networks, (network) => [maskedOf(network)]);

/** Whether there is any. */
export function hasAny(found: Generator<unknown>): boolean {
  return found.next().done !== true;
}
