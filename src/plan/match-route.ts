import type { Route } from '../model/route.ts';
import type { Address } from './address.ts';
import type { TestRegex } from './regex-tester.ts';
import { parsePattern, type RoutePattern } from './route-pattern.ts';

/** A route and whether it gets the mail of one recipient. */
export interface JudgedRoute {
  route: Route;
  /** Null: a regex that took too long to tell. */
  matches: boolean | null;
  /** In plain words: what decided. */
  why: string;
}

/** Judges every route of a checked file: all that match get the message. */
export function matchRoutes(routes: readonly Route[], address: Address, test: TestRegex): JudgedRoute[] {
  return routes.map((route) => {
    const pattern = parsePattern(route.match);
    if (typeof pattern === 'string') throw new TypeError(`a route that was not checked: ${pattern}`);
    return { route, ...judge(pattern, address, test) };
  });
}

function judge(pattern: RoutePattern, { local, domain }: Address, test: TestRegex): Omit<JudgedRoute, 'route'> {
  if (pattern.kind === 'regex') return judgeRegex(pattern, `${local}@${domain}`, test);
  const wanted = pattern.kind === 'exact' ? pattern.address.domain : pattern.domain;
  if (wanted !== domain) return { matches: false, why: 'another domain' };
  if (pattern.kind === 'domain') return { matches: true, why: 'every address of the domain' };
  if (pattern.kind === 'exact')
    return pattern.address.local === local
      ? { matches: true, why: 'this address' }
      : { matches: false, why: 'another address of the domain' };
  const isTagged = local.startsWith(`${pattern.user}+`);
  return {
    matches: isTagged,
    why: isTagged ? 'the user with a tag' : local === pattern.user ? 'the user, but without a tag' : 'another user',
  };
}

function judgeRegex(
  { source, flags }: { source: string; flags: string },
  text: string,
  test: TestRegex,
): Omit<JudgedRoute, 'route'> {
  const found = test(source, flags, text);
  if (found === null)
    return {
      matches: null,
      why: 'the regex takes too long to tell: nested repetitions like (a+)+ try every way there is',
    };
  return { matches: found, why: found ? 'the regex is found' : 'the regex is not found' };
}
