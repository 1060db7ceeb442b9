import { makeLimitedScript } from '../model/limited-script.ts';
import type { Route, Routing } from '../model/route.ts';
import { readPattern } from './read-routes.ts';
import type { MailAddress, ReadPattern } from './route-pattern.ts';

/** A route and whether it gets the mail of one recipient. */
export interface JudgedRoute {
  route: Route;
  /** Null: a regex took too long. */
  matches: boolean | null;
  /** In plain words: what decided. */
  why: string;
}

/** Judges every route of a checked file: all that match and are active get the message. */
export function matchRoutes(
  routes: readonly Route[],
  address: MailAddress,
  test: TestRegex,
  routing: Routing,
): JudgedRoute[] {
  return routes.map((route) => {
    if (!route.isActive) return { route, matches: false, why: 'it is not active' };
    const pattern = readPattern(route, routing);
    if (typeof pattern === 'string') throw new TypeError(`a route that was not checked: ${pattern}`);
    return { route, ...judge(pattern, address, test) };
  });
}

function judge(pattern: ReadPattern, { local, domain }: MailAddress, test: TestRegex): Omit<JudgedRoute, 'route'> {
  if (pattern.kind === 'regex') return judgeRegex(pattern, `${local}@${domain}`, test);
  if (pattern.kind === 'glob') return judgeGlob(pattern, { local, domain });
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
    why: isTagged ? 'the user with a tag' : local === pattern.user ? 'the user without a tag' : 'another user',
  };
}

function judgeGlob(
  { pieces, domain: wanted }: { pieces: readonly string[]; domain: string | null },
  { local, domain }: MailAddress,
): Omit<JudgedRoute, 'route'> {
  if (wanted !== null && wanted !== domain) return { matches: false, why: 'another domain' };
  const matches = fitsGlob(pieces, local);
  if (!matches) return { matches, why: 'another address of the domain' };
  const why =
    pieces.length === 1 ? 'this address' : pieces.join('') === '' ? 'every address of the domain' : 'it matches';
  return { matches, why: wanted === null ? `${why}, if the route is one of ${domain}` : why };
}

/** In time that grows with the text alone, which a regex for many `*` would not. */
function fitsGlob([first = '', ...rest]: readonly string[], text: string): boolean {
  const last = rest.pop();
  if (last === undefined) return text === first;
  const end = text.length - last.length;
  let from = first.length;
  if (from > end || !text.startsWith(first) || !text.endsWith(last)) return false;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return true;
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
      why: 'the regex takes too long: nested repetitions like (a+)+ backtrack without limit',
    };
  return { matches: found, why: found ? 'the regex matches' : 'the regex does not match' };
}

/** CPU time for all expressions of one run together, in ms. */
const ALL_CPU_MS = 2000;

/** Returns whether the expression is found in the text; null when that took too long. */
export type TestRegex = (source: string, flags: string, text: string) => boolean | null;

/**
 * Tests untrusted expressions. JavaScript's engine backtracks, so `(a+)+$` can take longer than the universe is old:
 * each test has a limit, and all together `allCpuMs`.
 */
export function makeRegexTester(allCpuMs = ALL_CPU_MS): TestRegex {
  const script = makeLimitedScript('new RegExp(source, flags).test(text)', allCpuMs);
  return (source, flags, text) => (script({ source, flags, text }) as boolean | undefined) ?? null;
}
