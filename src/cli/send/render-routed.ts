import { displayUrl } from '../../model/http-url.ts';
import { showDestination, type RoutedMail } from '../../flows/send/route-mail.ts';
import type { Routing } from '../../model/route.ts';
import { painter } from '../terminal/color.ts';
import { plainLine } from '../terminal/text.ts';
import { renderTable } from '../terminal/table.ts';
import { screenOf } from '../terminal/stdio.ts';

/** What becomes of one recipient's mail, as a person reads it: the sum, then every route. */
export function renderRouted({ to, routes, catchAll, isAccepted }: RoutedMail, routing: Routing): string {
  const { bold, green, red, dim, yellow } = painter(screenOf(1));
  const matching = routes.filter(({ matches }) => matches === true);
  const counted = `${matching.length} of ${routes.length} routes ${matching.length === 1 ? 'matches' : 'match'}`;
  const routedTo = matching.length > 0 ? counted : 'no route matches';
  const sum =
    catchAll !== null
      ? `${routedTo}${routing.domainWebhook === 'always' ? ", and the domain's webhook" : ': the catch-all webhook'} ` +
        `${displayUrl(catchAll)} gets it`
      : isAccepted
        ? counted
        : 'no route matches, and there is no catch-all: no webhook gets it';
  const rows = routes.map(({ route, matches, why }, index) => [
    matches === null ? '?' : matches ? '✓' : '·',
    String(index + 1),
    route.domain === null || route.match.includes('@') ? route.match : `${route.match}@${route.domain}`,
    route.action,
    showDestination(route, routing) ?? '',
    why,
  ]);
  const table =
    routes.length === 0
      ? []
      : [
          renderTable(['', '#', 'match', 'action', 'destination', 'why'], rows, (cell, column) =>
            column !== 0 ? cell : cell === '✓' ? green(cell) : cell === '?' ? yellow(cell) : dim(cell),
          ),
        ];
  return [
    `${bold(plainLine(to))}  ${(isAccepted ? green : red)(plainLine(sum))}`,
    ...table,
    dim('  the message is stored in any case'),
  ].join('\n');
}

/** One recipient's mail as `route --json` prints it. */
export function routedDocument(
  { to, routes, catchAll, isAccepted }: RoutedMail,
  routing: Routing,
): Record<string, unknown> {
  return {
    to,
    accepted: isAccepted,
    stored: true,
    catchAll: catchAll === null ? null : displayUrl(catchAll),
    routes: routes.map(({ route: one, matches, why }, index) => ({
      index,
      match: one.match,
      domain: one.domain ?? undefined,
      action: one.action,
      destination: showDestination(one, routing),
      active: one.isActive,
      hasOwnSecret: one.secret !== undefined,
      matches,
      why,
    })),
  };
}
