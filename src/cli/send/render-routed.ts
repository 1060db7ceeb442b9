import { displayUrl } from '../../model/http-url.ts';
import { showDestination, type RoutedMail } from '../../flows/send/route-mail.ts';
import { painter } from '../terminal/color.ts';
import { plainLine } from '../terminal/text.ts';
import { renderTable } from '../terminal/table.ts';

/** What becomes of one recipient's mail, as a person reads it: the sum, then every route. */
export function renderRouted({ to, routes, catchAll, isTaken }: RoutedMail): string {
  const { bold, green, red, dim, yellow } = painter(process.stdout);
  const matching = routes.filter(({ matches }) => matches === true);
  const sum =
    catchAll !== null
      ? `no route matches: the catch-all webhook ${displayUrl(catchAll)} gets it`
      : isTaken
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
    `${bold(plainLine(to))}  ${(isTaken ? green : red)(plainLine(sum))}`,
    ...table,
    dim('  the message is stored in any case'),
  ].join('\n');
}
