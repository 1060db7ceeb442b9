import { BITS, networkAround, readAddress, type Address, type Network } from '../address.ts';
import { makeFindCandidates, type Masked, maskedOf } from '../find-by-address.ts';
import { makeOnce } from '../rules/once.ts';
import { findAddress, networksOfExpression } from '../rules/compared-as-text.ts';
import type { MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { findGroups } from './pattern.ts';
import type { RequestContext } from './request-context.ts';
import type { Subnet } from './subnet.ts';

/** Whether an address of the caller stands in a text. */
export const holdsCaller = (context: RequestContext, text: string): boolean =>
  addressesOf(context).some((address) => findAddress(text, address) !== null);

function addressesOf({ caller, peer, behindProxy }: RequestContext): readonly Address[] {
  return [caller, peer, ...(behindProxy === null ? [] : [behindProxy])];
}

/** Notes for which addresses an expression is found; false: that cannot be told. */
export function noteExpression(context: RequestContext, source: string, ignoreCase: boolean, text: string): boolean {
  return addressesOf(context).every((address) => {
    const around = findAddress(text, address);
    if (around === null) return true;
    const networks = networksOfExpression(source, ignoreCase, around, address.family);
    if (networks === null) return false;
    context.compared.networks.add(networks);
    context.compared.written.add(networks);
    return true;
  });
}

/** Notes which address equals a word. */
export function noteWord(context: RequestContext, text: string, word: string): void {
  for (const address of addressesOf(context)) {
    const around = findAddress(text, address);
    if (around === null || !word.startsWith(around.before) || !word.endsWith(around.after)) continue;
    const named = readAddress(word.slice(around.before.length, word.length - around.after.length));
    if (named !== null) context.compared.networks.add([networkAround(named, BITS[named.family])]);
  }
}

interface Expression {
  match: MatchText | null;
  source: string;
  ignoreCase: boolean;
}

/** As `findGroups`, of a text that the caller's address may stand in. */
export function findGroupsIn(
  context: RequestContext,
  { match, source, ignoreCase }: Expression,
  text: string,
  place: Place,
): readonly string[] | null {
  const isFollowed = noteExpression(context, source, ignoreCase, text);
  const groups = findGroups(isFollowed ? match : null, source, text, place, context.ask);
  if (groups !== null && groups.length > 1 && holdsCaller(context, text)) context.compared.parts.add(groups);
  return groups;
}

/** A pattern of `*`, `?` and `[a-z]` as an expression. */
export function expressionOfGlob(pattern: string): string {
  const pieces = [...pattern.matchAll(/\\[^]|\*|\?|\[[!^]?\]?[^\]]*\]|[^]/g)].map(([piece]) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.startsWith('[') && piece.length > 1) return piece.replace(/^\[!/, '[^');
    const character = piece.at(-1) as string;
    return /\w/.test(character) ? character : `\\${character}`;
  });
  return `^${pieces.join('')}$`;
}

/** What a line of a list does with the caller's address, and with nothing else. */
export type AddressComparison =
  | ({ kind: 'expression' } & Expression)
  | { kind: 'word'; word: string }
  | { kind: 'subnet'; subnet: Subnet };

interface FollowedItem<Item> {
  item: Item;
  parts: readonly Masked[] | null;
  /** What an expression comes to, and what a word names. */
  written: readonly Network[];
  named: readonly Network[];
}

/**
 * Makes a function that picks the items of a list that may hold for the caller, and notes the networks of all. Trying
 * each of thousands of lines on every address would take minutes.
 * @param comparisonOf null: the item looks at something else, so it may hold for everybody
 */
export function makeCandidatesFor<Item>(
  comparisonOf: (item: Item) => AddressComparison | null,
): (context: RequestContext, items: readonly Item[]) => readonly Item[] {
  const once = makeOnce<readonly Item[], FollowedList<Item>>();
  return (context, items) => {
    const { caller, compared } = context;
    const isAlone = addressesOf(context).every(
      (one) => one.text === caller.text || findAddress(caller.text, one) === null,
    );
    if (!isAlone) return items;
    const list = once(items, caller.family, () => followList(items, comparisonOf, caller.family));
    if (list.written.length > 0) compared.written.add(list.written);
    compared.networks.add(list.networks);
    return list.candidates(caller);
  };
}

interface FollowedList<Item> {
  networks: readonly Network[];
  written: readonly Network[];
  candidates: (caller: Address) => readonly Item[];
}

function followList<Item>(
  items: readonly Item[],
  comparisonOf: (item: Item) => AddressComparison | null,
  family: Address['family'],
): FollowedList<Item> {
  const followed = items.map((item) => followItem(item, comparisonOf(item), family));
  const written = followed.flatMap((one) => one.written);
  const find = makeFindCandidates(followed, ({ parts }) => parts);
  return {
    written,
    networks: [...written, ...followed.flatMap(({ named }) => named)],
    candidates: (caller) => find(caller).map(({ item }) => item),
  };
}

function followItem<Item>(
  item: Item,
  comparison: AddressComparison | null,
  family: Address['family'],
): FollowedItem<Item> {
  const unknown = { item, parts: null, written: [], named: [] };
  if (comparison === null) return unknown;
  if (comparison.kind === 'subnet') return { ...unknown, parts: [comparison.subnet] };
  if (comparison.kind === 'word') {
    const address = readAddress(comparison.word);
    const named = address === null ? [] : [networkAround(address, BITS[address.family])];
    // Another spelling of an address is another text.
    return { ...unknown, named, parts: address?.text === comparison.word ? named.map(maskedOf) : [] };
  }
  const { match, source, ignoreCase } = comparison;
  const written = match === null ? null : networksOfExpression(source, ignoreCase, { before: '', after: '' }, family);
  return written === null ? unknown : { ...unknown, written, parts: written.map(maskedOf) };
}
