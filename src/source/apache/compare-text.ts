import { BITS, networkAround, readAddress, type Address } from '../address.ts';
import { findAddress, networksOfExpression } from '../rules/compared-as-text.ts';
import type { MatchText } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { findGroups } from './pattern.ts';
import type { RequestContext } from './request-context.ts';

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
