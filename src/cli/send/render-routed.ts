import { displayUrl } from '../../model/http-url.ts';
import { showDestination, type RoutedMail } from '../../flows/send/route-mail.ts';
import { ROUTING } from '../../vendors/routing.ts';
import { painter } from '../terminal/color.ts';
import { plainLine } from '../terminal/text.ts';
import { renderTable } from '../terminal/table.ts';

/** What becomes of one recipient's mail, as a person reads it: the sum, then every route. */
export function renderRouted({ to, routes, catchAll, isAccepted }: RoutedMail): string {
  const { bold, green, red, dim, yellow } = painter(process.stdout);
  const matching = routes.filter(({ matches }) => matches === true);
  const sum =
    catchAll !== null
      ? `no route matches: the catch-all webhook ${displayUrl(catchAll)} gets it`
      : isAccepted
        ? `${matching.length} of ${routes.length} routes ${matching.length === 1 ? 'matches' : 'match'}`
        : `no route matches, and there is no catch-all: nobody gets it`;
  const rows = routes.map(({ route, matches, why }, index) => [
    matches === null ? '?' : matches ? '✓' : '·',
    String(index + 1),
    route.match,
    route.action,
    showDestination(route) ?? '',
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
export function routedDocument({ to, routes, catchAll, isAccepted }: RoutedMail): Record<string, unknown> {
  return {
    to,
    accepted: isAccepted,
    stored: true,
    catchAll: catchAll === null ? null : displayUrl(catchAll),
    routes: routes.map(({ route: one, matches, why }, index) => ({
      index,
      match: one.match,
      action: one.action,
      destination: showDestination(one),
      matches,
      why,
    })),
  };
}

/** The rules of routing, for `--help`. */
export function routingNotes(): string {
  const { patterns, actions, notes, defaultAction } = ROUTING;
  const width = Math.max(...patterns.map(({ form }) => form.length));
  return [
    'What "match" may be:',
    ...patterns.map(({ form, matches, certainty }) => `  ${form.padEnd(width)}  ${matches} [${certainty}]`),
    `What "action" may be (default: ${defaultAction}):`,
    ...actions.map(({ name, destination, does }) => {
      const needs = destination === 'url' ? '; "destination" is a URL' : '; "destination" is an address';
      return `  ${name.padEnd(width)}  ${does}${destination === null ? '' : needs}`;
    }),
    'Rules:',
    ...notes.map(({ text, certainty }) => `  ${text} [${certainty}]`),
    '  a regex has half a second for an address, and all together 2 s: ' +
      'one that takes longer is told and counts as no match',
    '',
    'Exit code 0: for every recipient a route matched or the catch-all took it ' +
      '(and every delivery of --send was taken, and no regex took too long to tell).',
    'With --send --json the deliveries follow, one JSON object a line, as webhook send --json writes them.',
  ].join('\n');
}
