import { readCheckedJson } from '../../config/read-checked-json.ts';
import { displayUrl, parseHttpUrl } from '../../model/http-url.ts';
import { AppError } from '../../model/error.ts';
import type { Route } from '../../model/route.ts';
import type { Config } from '../../model/webhook.ts';
import { parseAddress } from '../../plan/route-pattern.ts';
import { matchRoutes, type JudgedRoute, makeRegexTester } from '../../plan/match-route.ts';
import { findRouteProblems, readRoutes } from '../../plan/read-routes.ts';
import { findEvent, findVendor } from '../../vendors/index.ts';
import { ROUTING } from '../../vendors/routing.ts';
import { adHocTarget, configuredTarget, type TargetedEvent } from '../session/choose-targets.ts';

/** What becomes of the mail of one recipient. */
export interface RoutedMail {
  to: string;
  routes: readonly JudgedRoute[];
  /** The catch-all webhook, when no route matched and there is one. */
  catchAll: string | null;
  /** A route matched, or the catch-all accepted it. */
  isAccepted: boolean;
}

const HINT =
  'a list of { "match": "*@example.org", "action": "webhook", "destination": "https://…" }; ' +
  'webhook route --help tells the patterns';

/** The routes of a file. Throws AppError `input` with line, column, path inside and what was expected. */
export function parseRoutes(bytes: Uint8Array, file: string): Route[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  const json = { file, text, kind: 'input', hints: { syntax: HINT, content: HINT } } as const;
  return readRoutes(
    readCheckedJson(json, (value) => findRouteProblems(value, ROUTING)),
    ROUTING,
  );
}

/** Routes the mail of each recipient as the vendor does. Throws AppError `usage` for what is no address. */
export function routeMail(
  routes: readonly Route[],
  recipients: readonly string[],
  catchAll: string | null,
): RoutedMail[] {
  if (catchAll !== null) parseHttpUrl(catchAll);
  const test = makeRegexTester();
  return recipients.map((to) => {
    const address = parseAddress(to);
    if (address === null)
      throw new AppError('usage', `${JSON.stringify(to.slice(0, 200))} is no mail address`, {
        hint: 'the bare address of the recipient: --to support@example.org',
      });
    const judged = matchRoutes(routes, address, test);
    const isMatched = judged.some(({ matches }) => matches === true);
    const isCaught = !isMatched && catchAll !== null;
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
 * alone.
 */
export function listRoutedOrders(routed: readonly RoutedMail[], config: Config): RoutedOrder[] {
  const urlsOf = ({ routes, catchAll }: RoutedMail): string[] => {
    const named = routes
      .filter(({ matches, route }) => matches === true && isWebhook(route))
      .flatMap(({ route }) => route.destination ?? []);
    return catchAll === null ? named : [...named, catchAll];
  };
  return routed.flatMap((mail) =>
    urlsOf(mail).map((url) => ({ recipient: mail.to, target: chooseRoutedTarget(url, config) })),
  );
}

function isWebhook({ action }: Route): boolean {
  return ROUTING.actions.some(({ name, destination }) => name === action && destination === 'url');
}

function chooseRoutedTarget(destination: string, { webhooks }: Config): TargetedEvent {
  const url = parseHttpUrl(destination);
  const vendor = findVendor(ROUTING.vendor);
  const event = findEvent(vendor, ROUTING.event);
  const configured = webhooks.find(
    (one) => one.vendor === vendor.id && one.events.includes(event.name) && new URL(one.url).href === url.href,
  );
  return { ...(configured === undefined ? adHocTarget(vendor, url, {}) : configuredTarget(configured, {})), event };
}

/** A destination as it may be shown: a URL loses its password. */
export function showDestination({ action, destination }: Route): string | null {
  return destination === null
    ? null
    : isWebhook({ match: '', action, destination })
      ? displayUrl(destination)
      : destination;
}
