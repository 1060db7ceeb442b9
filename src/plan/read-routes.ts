import type { JsonValue } from '../model/json.ts';
import type { Route, RouteAction, Routing } from '../model/route.ts';
import { parseAddress, parsePattern } from './route-pattern.ts';

/** One thing that is wrong in a routes file, and where. */
export interface RouteProblem {
  path: readonly (string | number)[];
  message: string;
  unknown?: { given: string; among: readonly string[] };
}

const KEYS = ['match', 'action', 'destination'];
const MAX_ROUTES = 1000;

/** Everything wrong in a parsed routes file; empty when `readRoutes` may have it. */
export function findRouteProblems(value: JsonValue, routing: Routing): RouteProblem[] {
  if (!Array.isArray(value))
    return [{ path: [], message: 'expected a list of routes: [{ "match": …, "action": …, "destination": … }]' }];
  if (value.length > MAX_ROUTES)
    return [{ path: [], message: `expected at most ${MAX_ROUTES} routes, found ${value.length}` }];
  return value.flatMap((route, index) => findProblemsOfOne(route, index, routing));
}

/** The routes of a file without problems, the default action filled in. */
export function readRoutes(value: JsonValue, routing: Routing): Route[] {
  return (value as unknown as Partial<Route>[]).map(
    ({ match = '', action = routing.defaultAction, destination = null }) => ({
      match,
      action,
      destination: actionOf(action, routing)?.destination === null ? null : destination,
    }),
  );
}

function actionOf(name: string, { actions }: Routing): RouteAction | undefined {
  return actions.find((action) => action.name === name);
}

function findProblemsOfOne(route: JsonValue, index: number, routing: Routing): RouteProblem[] {
  if (typeof route !== 'object' || route === null || Array.isArray(route))
    return [{ path: [index], message: 'expected an object with match, action and destination' }];
  const unknown = Object.keys(route).filter((key) => !KEYS.includes(key));
  return [
    ...unknown.map((key) => unknownName([index, key], 'key', key, KEYS)),
    ...findMatchProblems(route['match'], [index, 'match']),
    ...findActionProblems(route, index, routing),
  ];
}

function findMatchProblems(match: JsonValue | undefined, path: RouteProblem['path']): RouteProblem[] {
  if (typeof match !== 'string')
    return [
      {
        path: match === undefined ? path.slice(0, 1) : path,
        message:
          match === undefined ? '"match" is missing: which recipients?' : 'expected a text such as "*@example.org"',
      },
    ];
  const pattern = parsePattern(match);
  return typeof pattern === 'string' ? [{ path, message: pattern }] : [];
}

function findActionProblems(route: Record<string, JsonValue>, index: number, routing: Routing): RouteProblem[] {
  const { action = routing.defaultAction, destination } = route;
  const names = routing.actions.map(({ name }) => name);
  if (typeof action !== 'string') return [{ path: [index, 'action'], message: `expected one of ${names.join(', ')}` }];
  const known = actionOf(action, routing);
  if (known === undefined) return [unknownName([index, 'action'], 'action', action, names)];
  const path = [index, 'destination'];
  if (known.destination === null)
    return destination === undefined || destination === null ? [] : [{ path, message: `${action} has no destination` }];
  const wanted = known.destination === 'url' ? 'an http:// or https:// URL' : 'a mail address';
  if (destination === undefined)
    return [{ path: [index], message: `"destination" is missing: ${action} needs ${wanted}` }];
  const isRight =
    typeof destination === 'string' &&
    (known.destination === 'url' ? isWebUrl(destination) : parseAddress(destination) !== null);
  // A URL may hold a password, so it is not repeated.
  return isRight ? [] : [{ path, message: `expected ${wanted}` }];
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function unknownName(path: RouteProblem['path'], what: string, given: string, among: readonly string[]): RouteProblem {
  return {
    path,
    message: `unknown ${what} ${JSON.stringify(given.slice(0, 80))}, expected one of ${among.join(', ')}`,
    unknown: { given: given.slice(0, 80), among },
  };
}
