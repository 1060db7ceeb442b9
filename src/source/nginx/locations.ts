import { handlerOf, type Location, levelOf, own, type NginxLevel } from './levels.ts';
import { matchRegex, type RequestState } from './request-state.ts';

export interface FoundLocation {
  location: Location | null;
  /** `/hook` for `location /hook/ { proxy_pass … }`: nginx answers 301 at once. */
  redirectsToSlash: boolean;
}

/** Whether the expression of a location is found in the path; it may keep what the groups took. */
export type TryRegex = (location: Location, path: string) => boolean;

interface Search extends FoundLocation {
  /** OK and DONE of ngx_http_core_find_location: nothing further is looked at. */
  isFinal: boolean;
}

/**
 * The location of a path: the exact one, else the first expression that matches unless the longest prefix says `^~`,
 * else that prefix; at every level of nesting.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_core_module.c#L1445
 */
export function findLocation(locations: readonly Location[], path: string, tryRegex: TryRegex): FoundLocation {
  return search(locations, path, tryRegex, null);
}

function search(locations: readonly Location[], path: string, tryRegex: TryRegex, around: Location | null): Search {
  let found = findStatic(locations, path, around);
  const prefix = found.isFinal || found.location === around ? null : found.location;
  if (prefix !== null) found = search(prefix.nested, path, tryRegex, prefix);
  if (found.isFinal || prefix?.beforeRegex === true) return found;
  for (const location of locations) {
    if (location.match === 'regex' && tryRegex(location, path))
      return {
        location: search(location.nested, path, tryRegex, location).location,
        redirectsToSlash: false,
        isFinal: true,
      };
  }
  return found;
}

/** The first location of a name stands: nginx refuses a second one. */
function findStatic(locations: readonly Location[], path: string, around: Location | null): Search {
  const exact = locations.find(({ match, name }) => match === 'exact' && name === path);
  if (exact !== undefined) return { location: exact, redirectsToSlash: false, isFinal: true };
  const prefixes = locations.filter(({ match, name }) => match === 'prefix' && path.startsWith(name));
  const longest = prefixes.reduce<Location | null>(
    (best, one) => (best === null || one.name.length > best.name.length ? one : best),
    null,
  );
  if (longest?.name !== path) {
    // A redirect to the slash wins over expressions, too: the search through the prefixes ends there.
    const slashed = locations.filter(
      (one) => (one.match === 'prefix' || one.match === 'exact') && one.name === `${path}/`,
    );
    const location = slashed.find(({ match }) => match === 'exact') ?? slashed[0];
    if (location !== undefined && slashed.some((one) => handlerOf(one)?.addsSlash === true))
      return { location, redirectsToSlash: true, isFinal: true };
  }
  return { location: longest ?? around, redirectsToSlash: false, isFinal: false };
}

/** The location of a path in the server that the request came to. */
export function locationOf(state: RequestState, path: string): FoundLocation {
  return findLocation(state.server.locations, path, (location, text) => {
    const { place, name, ignoreCase } = location;
    return place !== null && matchRegex(state, name, ignoreCase, text, place);
  });
}

/**
 * Takes over the settings of a level. Where its `limit_except` does not name the method, those within it hold: they
 * know nothing of the `return` and `rewrite` around them.
 */
export function enterLevel(state: RequestState, level: NginxLevel): void {
  const [limit] = own(level, 'limit_except');
  const isLimited = limit !== undefined && !limit.args.some((method) => isMethod(method, state.method));
  state.level = isLimited ? levelOf('limit_except', limit, level) : level;
  state.visited.push(state.level);
  const outer = handlerOf(level);
  const handler = isLimited ? (handlerOf(state.level) ?? (outer?.staysInLimitExcept === true ? outer : null)) : outer;
  // Within `if` the handler of the location goes on.
  if (handler !== null) state.handler = handler;
}

const isMethod = (written: string, method: string): boolean => written.toUpperCase() === method;
