import type { Address, Network } from '../address.ts';
import { makeFindCandidates, maskedOf } from '../find-by-address.ts';
import { type AddressInText, findAddress, networksOfExpression } from '../rules/compared-as-text.ts';
import { makeOnce } from '../rules/once.ts';
import type { NginxConfig } from './config.ts';
import type { NginxDirective } from './parse.ts';
import { addressesOf, type RequestState } from './request.ts';

/** An expression of a list, and the line that it stands in. */
export interface LinePattern {
  source: string;
  ignoreCase: boolean;
  line: NginxDirective;
}

/** Expressions, and for which addresses each is found. */
interface FollowedPatterns {
  networks: readonly Network[];
  candidates: (address: Address) => readonly LinePattern[];
}

const followOnce = makeOnce<readonly LinePattern[], FollowedPatterns>();

/** Trying each of them on every address would take minutes where a list is written as expressions. */
function follow(
  patterns: readonly LinePattern[],
  around: AddressInText,
  family: Address['family'],
  { compilePcre }: NginxConfig,
): FollowedPatterns {
  const networksOf = ({ source, ignoreCase }: LinePattern): readonly Network[] | null =>
    compilePcre(source, ignoreCase) === null ? null : networksOfExpression(source, ignoreCase, around, family);
  const followed = patterns.map((pattern) => ({ pattern, networks: networksOf(pattern) }));
  const find = makeFindCandidates(followed, ({ networks }) => networks?.map(maskedOf) ?? null);
  return {
    networks: followed.flatMap(({ networks }) => networks ?? []),
    candidates: (address) => find(address).map(({ pattern }) => pattern),
  };
}

/** Of many expressions those that may be found in a text. What they all come to is noted. */
export function candidatesIn(
  state: RequestState,
  patterns: readonly LinePattern[],
  text: string,
): readonly LinePattern[] {
  const found = addressesOf(state).flatMap((address) => {
    const around = findAddress(text, address);
    return around === null ? [] : [{ address, around }];
  });
  const [one] = found;
  if (one === undefined || found.length > 1) return patterns;
  const { address, around } = one;
  const list = followOnce(patterns, [around, address.family], () =>
    follow(patterns, around, address.family, state.config),
  );
  state.networks.add(list.networks);
  state.written.add(list.networks);
  return list.candidates(address);
}
