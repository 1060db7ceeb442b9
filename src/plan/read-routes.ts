import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { FindNearMiss } from '../model/wording.ts';
import type { Route, RouteAction, Routing } from '../model/route.ts';
import type { SecretSource } from '../model/webhook.ts';
import { parseAddress, parseGlob, parsePattern, type ReadPattern } from './route-pattern.ts';

/** One thing that is wrong in a routes file, and where. */
export interface RouteProblem {
  path: readonly (string | number)[];
  message: string;
  unknown?: { given: string; among: readonly string[] };
}

/** How exports and people spell what decides: the first is ours, the others stand in what MailKite answers. */
const SPELLINGS = {
  match: ['match', 'match_pattern', 'matchPattern'],
  action: ['action'],
  destination: ['destination'],
  active: ['active'],
  domain: ['domain'],
  secret: ['secret', 'signing_secret', 'signingSecret', 'webhook_secret', 'webhookSecret'],
} as const;

type Part = keyof typeof SPELLINGS;

/** The parts that decide something here: the domain of an address stands in its pattern. */
function partsOf({ grammar }: Routing): Part[] {
  return (Object.keys(SPELLINGS) as Part[]).filter((part) => part !== 'domain' || grammar === 'glob');
}

const keysOf = (routing: Routing): string[] => partsOf(routing).flatMap((part) => SPELLINGS[part]);

const MAX_ROUTES = 1000;

/** Everything wrong in a parsed routes file; empty when `readRoutes` may have it. */
export function findRouteProblems(value: JsonValue, routing: Routing, findNearMiss: FindNearMiss): RouteProblem[] {
  const { routes, path } = listOf(value);
  if (!Array.isArray(routes))
    return [{ path, message: 'expected a list of routes: [{ "match": …, "action": …, "destination": … }]' }];
  if (routes.length > MAX_ROUTES)
    return [{ path, message: `expected at most ${MAX_ROUTES} routes, found ${routes.length}` }];
  return routes.flatMap((route, index) => findProblemsOfOne(route, [...path, index], routing, findNearMiss));
}

/** The list itself, or what a server answers: `{ "routes": […], … }`. */
function listOf(value: JsonValue): { routes: JsonValue; path: RouteProblem['path'] } {
  return isObject(value) && Object.hasOwn(value, 'routes')
    ? { routes: value['routes'] ?? null, path: ['routes'] }
    : { routes: value, path: [] };
}

/** The routes of a file without problems, the default action filled in. */
export function readRoutes(value: JsonValue, routing: Routing): Route[] {
  return (listOf(value).routes as JsonObject[]).map((route) => {
    const action = (partOf(route, 'action')?.value ?? routing.defaultAction) as string;
    const secret = partOf(route, 'secret')?.value as SecretSource | null | undefined;
    return {
      match: partOf(route, 'match')?.value as string,
      action,
      destination:
        actionOf(action, routing)?.destination === null ? null : ((route['destination'] as string | undefined) ?? null),
      isActive: route['active'] !== false && route['active'] !== 0,
      domain: routing.grammar === 'glob' ? ((route['domain'] as string | null | undefined) ?? null) : null,
      ...(secret === undefined || secret === null ? {} : { secret }),
    };
  });
}

/** The keys of a file without problems that decide nothing: an export tells more of a route than where mail goes. */
export function listIgnoredKeys(value: JsonValue, routing: Routing): string[] {
  const { routes, path } = listOf(value);
  const around = path.length === 0 ? [] : Object.keys(value as JsonObject).filter((key) => key !== path[0]);
  const within = (routes as JsonObject[]).flatMap((route) => Object.keys(route));
  const known = keysOf(routing);
  return [...new Set([...around, ...within.filter((key) => !known.includes(key))])];
}

/** The value of a part under whichever of its names, and that name; undefined where it is not there. */
function partOf(route: JsonObject, part: Part): { key: string; value: JsonValue } | undefined {
  const key = SPELLINGS[part].find((one) => route[one] !== undefined && route[one] !== null);
  return key === undefined ? undefined : { key, value: route[key] as JsonValue };
}

function actionOf(name: string, { actions }: Routing): RouteAction | undefined {
  return actions.find((action) => action.name === name);
}

function findProblemsOfOne(
  route: JsonValue,
  path: RouteProblem['path'],
  routing: Routing,
  findNearMiss: FindNearMiss,
): RouteProblem[] {
  if (!isObject(route)) return [{ path, message: 'expected an object with match, action and destination' }];
  return [
    ...findMisspeltKeys(route, path, keysOf(routing), findNearMiss),
    ...partsOf(routing).flatMap((part) => findDoubleParts(route, part, path)),
    ...findMatchProblems(route, path, routing),
    ...findActionProblems(route, path, routing),
    ...findOtherProblems(route, path, routing),
  ];
}

/** A key that is nearly one of ours would decide something; what is far from them all decides nothing. */
function findMisspeltKeys(
  route: JsonObject,
  path: RouteProblem['path'],
  known: readonly string[],
  findNearMiss: FindNearMiss,
): RouteProblem[] {
  return Object.keys(route).flatMap((key) => {
    const meant = known.includes(key) ? null : findNearMiss(key, known);
    return meant === null || isLonger(key, meant) ? [] : [unknownName([...path, key], 'key', key, [meant])];
  });
}

/** `actionId` and `activeAt` are keys of their own. */
function isLonger(key: string, meant: string): boolean {
  return key.length > meant.length + 1 && key.toLowerCase().startsWith(meant.toLowerCase());
}

function findDoubleParts(route: JsonObject, part: Part, path: RouteProblem['path']): RouteProblem[] {
  const given = SPELLINGS[part].filter((key) => route[key] !== undefined && route[key] !== null);
  const [first = part, second] = given;
  if (second === undefined || JSON.stringify(route[first]) === JSON.stringify(route[second])) return [];
  return [{ path: [...path, second], message: `contradicts "${first}"` }];
}

function findMatchProblems(route: JsonObject, path: RouteProblem['path'], routing: Routing): RouteProblem[] {
  const found = partOf(route, 'match');
  if (found === undefined) return [{ path, message: '"match" is missing: which recipients?' }];
  const { key, value } = found;
  if (typeof value !== 'string') return [{ path: [...path, key], message: 'expected a text such as "*@example.org"' }];
  const { domain = null } = route;
  const pattern = readPattern({ match: value, domain: typeof domain === 'string' ? domain : null }, routing);
  return typeof pattern === 'string' ? [{ path: [...path, key], message: pattern }] : [];
}

/** Reads what a route matches by. Returns a text instead of a pattern when something is wrong with it. */
export function readPattern(
  { match, domain }: Pick<Route, 'match' | 'domain'>,
  { grammar }: Routing,
): ReadPattern | string {
  return grammar === 'glob' ? parseGlob(match, domain) : parsePattern(match);
}

function findActionProblems(route: JsonObject, path: RouteProblem['path'], routing: Routing): RouteProblem[] {
  const { action = routing.defaultAction, destination = null } = route;
  const names = routing.actions.map(({ name }) => name);
  if (action === null && route['action'] === undefined)
    return [{ path, message: `"action" is missing: one of ${names.join(', ')}` }];
  if (typeof action !== 'string')
    return [{ path: [...path, 'action'], message: `expected one of ${names.join(', ')}` }];
  const known = actionOf(action, routing);
  if (known === undefined) return [unknownName([...path, 'action'], 'action', action, names)];
  const at = [...path, 'destination'];
  if (known.destination === null)
    return destination === null || known.ignoresDestination
      ? []
      : [{ path: at, message: `${action} has no destination` }];
  const wanted = known.destination === 'url' ? 'an http:// or https:// URL' : 'a mail address';
  if (destination === null)
    return [
      {
        path: route['destination'] === null ? at : path,
        message: `"destination" is missing: ${action} needs ${wanted}`,
      },
    ];
  const isRight =
    typeof destination === 'string' &&
    (known.destination === 'url' ? isWebUrl(destination) : parseAddress(destination) !== null);
  // A URL may hold a password, so it is not repeated.
  return isRight ? [] : [{ path: at, message: `expected ${wanted}` }];
}

function findOtherProblems(route: JsonObject, path: RouteProblem['path'], { grammar }: Routing): RouteProblem[] {
  const { active = true, domain = null } = route;
  const secret = partOf(route, 'secret');
  return [
    // A database keeps it as 1 or 0.
    ...(active === true || active === false || active === 1 || active === 0
      ? []
      : [{ path: [...path, 'active'], message: 'expected true or false' }]),
    ...(grammar === 'address' || domain === null || typeof domain === 'string'
      ? []
      : [{ path: [...path, 'domain'], message: 'expected the name of a domain' }]),
    ...(secret === undefined || isSecretSource(secret.value)
      ? []
      : [{ path: [...path, secret.key], message: 'expected {"env": "NAME"}, {"file": "PATH"} or the secret itself' }]),
  ];
}

function isSecretSource(value: JsonValue): boolean {
  if (typeof value === 'string') return value !== '';
  if (!isObject(value)) return false;
  const [[key, name] = ['', null], ...more] = Object.entries(value);
  return (key === 'env' || key === 'file') && typeof name === 'string' && name !== '' && more.length === 0;
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
