import { readCheckedJson } from '../../config/read-checked-json.ts';
import { displayUrl, parseHttpUrl } from '../../model/http-url.ts';
import { AppError } from '../../model/error.ts';
import type { FindNearMiss } from '../../model/wording.ts';
import type { Route, Routing } from '../../model/route.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Config } from '../../model/webhook.ts';
import { parseAddress } from '../../plan/route-pattern.ts';
import { matchRoutes, type JudgedRoute, makeRegexTester } from '../../plan/match-route.ts';
import { findRouteProblems, listIgnoredKeys, readRoutes } from '../../plan/read-routes.ts';
import { findEvent } from '../../vendors/find-event.ts';
import { adHocTarget, configuredTarget, type TargetedEvent } from '../session/choose-targets.ts';

/** What becomes of the mail of one recipient. */
export interface RoutedMail {
  to: string;
  routes: readonly JudgedRoute[];
  /** The domain's own webhook, when there is one and it gets the mail: of what no route matched, or of everything. */
  catchAll: string | null;
  /** A route matched, or the domain's webhook gets it. */
  isAccepted: boolean;
}

const HINT =
  'a list of { "match": "*@example.org", "action": "webhook", "destination": "https://…" }; ' +
  'webhook help routing explains the patterns';

/** The routes of a file, and its keys that decide nothing. */
export interface ReadRoutes {
  routes: Route[];
  ignoredKeys: string[];
}

/** Reads a file of routes. Throws AppError `input` with line, column, path inside and what was expected. */
export function parseRoutes(bytes: Uint8Array, file: string, routing: Routing, findNearMiss: FindNearMiss): ReadRoutes {
  const text = new TextDecoder('utf-8').decode(bytes);
  const json = { file, text, kind: 'input', hints: { syntax: HINT, content: HINT } } as const;
  const value = readCheckedJson(json, (read) => findRouteProblems(read, routing, findNearMiss));
  return { routes: readRoutes(value, routing), ignoredKeys: listIgnoredKeys(value, routing) };
}

/** Routes the mail of each recipient as the vendor does. Throws AppError `usage` for what is no address. */
export function routeMail(
  routes: readonly Route[],
  recipients: readonly string[],
  catchAll: string | null,
  routing: Routing,
): RoutedMail[] {
  if (catchAll !== null) parseHttpUrl(catchAll);
  const test = makeRegexTester();
  return recipients.map((to) => {
    const address = parseAddress(to);
    if (address === null)
      throw new AppError('usage', `${JSON.stringify(to.slice(0, 200))} is not an email address`, {
        hint: "give only the recipient's address: --to support@example.org",
      });
    const judged = matchRoutes(routes, address, test, routing);
    const isMatched = judged.some(({ matches }) => matches === true);
    const isCaught = catchAll !== null && (routing.domainWebhook === 'always' || !isMatched);
    return { to, routes: judged, catchAll: isCaught ? catchAll : null, isAccepted: isMatched || isCaught };
  });
}

/** One delivery that routing asks for. */
export interface RoutedOrder {
  recipient: string;
  target: TargetedEvent;
}

/**
 * Every webhook that gets the message, once for each route that names it: a configured one of that URL, or the URL
 * alone. Its secret is the route's, where that has one.
 * @param vendor whose routes they are
 */
export function listRoutedOrders(
  routed: readonly RoutedMail[],
  config: Config,
  routing: Routing,
  vendor: Vendor,
): RoutedOrder[] {
  const destinationsOf = ({ routes, catchAll }: RoutedMail): Pick<Route, 'destination' | 'secret'>[] => {
    const named = routes.filter(({ matches, route }) => matches === true && isWebhook(route, routing));
    return [...named.map(({ route }) => route), ...(catchAll === null ? [] : [{ destination: catchAll }])];
  };
  return routed.flatMap((mail) =>
    destinationsOf(mail).map((one) => ({
      recipient: mail.to,
      target: chooseRoutedTarget(one, config, routing, vendor),
    })),
  );
}

function isWebhook({ action }: Pick<Route, 'action'>, { actions }: Routing): boolean {
  return actions.some(({ name, destination }) => name === action && destination === 'url');
}

function chooseRoutedTarget(
  { destination, secret }: Pick<Route, 'destination' | 'secret'>,
  { webhooks }: Config,
  routing: Routing,
  vendor: Vendor,
): TargetedEvent {
  const url = parseHttpUrl(destination ?? '');
  const event = findEvent(vendor, routing.event);
  const configured = webhooks.find(
    (one) => one.vendor === vendor.id && one.events.includes(event.name) && new URL(one.url).href === url.href,
  );
  const target = configured === undefined ? adHocTarget(vendor, url, {}) : configuredTarget(configured, vendor, {});
  return { ...target, event, ...(secret === undefined ? {} : { secret }) };
}

/** A destination as it may be shown: a URL loses its password. */
export function showDestination({ action, destination }: Route, routing: Routing): string | null {
  return destination !== null && isWebhook({ action }, routing) ? displayUrl(destination) : destination;
}
