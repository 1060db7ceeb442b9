import { displayUrl } from '../../model/http-url.ts';
import { showDestination, type RoutedMail } from '../../flows/send/route-mail.ts';
import type { Routing } from '../../model/route.ts';
import { ROUTINGS } from '../../vendors/routing.ts';
import { painter } from '../terminal/color.ts';
import { plainLine } from '../terminal/text.ts';
import { renderTable } from '../terminal/table.ts';

/** What becomes of one recipient's mail, as a person reads it: the sum, then every route. */
export function renderRouted({ to, routes, catchAll, isAccepted }: RoutedMail, routing: Routing): string {
  const { bold, green, red, dim, yellow } = painter(process.stdout);
  const matching = routes.filter(({ matches }) => matches === true);
  const counted = `${matching.length} of ${routes.length} routes ${matching.length === 1 ? 'matches' : 'match'}`;
  const routedTo = matching.length > 0 ? counted : 'no route matches';
  const sum =
    catchAll !== null
      ? `${routedTo}${routing.domainWebhook === 'always' ? ", and the domain's webhook" : ': the catch-all webhook'} ` +
        `${displayUrl(catchAll)} gets it`
      : isAccepted
        ? counted
        : `no route matches, and there is no catch-all: nobody gets it`;
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

/** The rules of routing, for `--help`. */
export function routingNotes(): string {
  return [
    ...ROUTINGS.flatMap((routing, index) => [
      `With --vendor ${routing.vendor}${index === 0 ? ' (the default)' : ''}:`,
      ...notesOf(routing).map((line) => `  ${line}`),
      '',
    ]),
    'The file is a list, or what the API answers: "match_pattern" is "match" too; keys that decide nothing are told.',
    '"secret" of a route is {"env": "NAME"}, {"file": "PATH"} or the text itself ("signing_secret", "webhook_secret");',
    "--secret-env and its kind give the account's, for the routes and webhooks that have none of their own.",
    'A regex has half a second for an address, and all together 2 s: ' +
      'one that takes longer is told and counts as no match.',
    '',
    'Exit code 0: for every recipient a route matched or the catch-all took it ' +
      '(and every delivery of --send was taken, and no regex took too long to tell).',
    'With --send --json the deliveries follow, one JSON object a line, as webhook send --json writes them.',
  ].join('\n');
}

function notesOf({ patterns, actions, notes, defaultAction }: Routing): string[] {
  const width = Math.max(...patterns.map(({ form }) => form.length));
  return [
    'What "match" may be:',
    ...patterns.map(({ form, matches, certainty }) => `  ${form.padEnd(width)}  ${matches} [${certainty}]`),
    `What "action" may be${defaultAction === null ? '' : ` (default: ${defaultAction})`}:`,
    ...actions.map(({ name, destination, does, certainty }) => {
      const needs = destination === 'url' ? '; "destination" is a URL' : '; "destination" is an address';
      return `  ${name.padEnd(width)}  ${does}${destination === null ? '' : needs} [${certainty}]`;
    }),
    'Rules:',
    ...notes.map(({ text, certainty }) => `  ${text} [${certainty}]`),
  ];
}
