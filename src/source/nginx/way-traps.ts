import type { Trap } from '../rules/server-rules.ts';
import { restricts } from './access.ts';
import { fromBytes } from './lex.ts';
import type { Location } from './levels.ts';
import { findLocation } from './locations.ts';
import type { Server, Socket } from './servers.ts';
import { simulate } from './simulate.ts';
import type { Stranger, TrapView } from './trap-view.ts';
import { trap } from './traps.ts';
import type { Walk } from './walk.ts';

/** Traps in the way to the list: it is not asked, or there is a way around it. */
export function findWayTraps(view: TrapView): Trap[] {
  const walks = guardedWalks(view);
  return [
    ...view.strangers.flatMap((stranger) => [
      ...findBypass(stranger),
      ...findErrorPage(stranger),
      ...findExpression(view, stranger),
    ]),
    ...findOtherServers(view, handlersOf(walks)),
    ...findVariants(view, walks),
  ];
}

function findBypass({ decision, walks }: Stranger): Trap[] {
  const bypass = walks.find((walk) => walk.bypass !== null)?.bypass;
  return decision.outcome !== 'admitted' || bypass === undefined || bypass === null
    ? []
    : [trap('return-bypasses-rules', bypass, `"${bypass.text}" answers everybody: allow and deny are never asked`)];
}

function findErrorPage({ decision, walks }: Stranger): Trap[] {
  const walk = walks.find((one) => one.refusal !== null && one.errorPage !== null);
  return decision.outcome !== 'admitted' ||
    walk?.errorPage === undefined ||
    walk.errorPage === null ||
    walk.refusal === null
    ? []
    : [
        trap(
          'error-page-admits',
          walk.errorPage,
          `a stranger is refused by "${walk.refusal.because}", and the error page makes ${decision.status === null || decision.status >= 300 ? 'a call of the application' : decision.status} of it`,
        ),
      ];
}

/** The prefix that the path has is guarded, and an expression that is not was asked first. */
function findExpression({ target }: TrapView, { decision, walks }: Stranger): Trap[] {
  const [walk] = walks;
  const taken = walk?.visited.find((level): level is Location => level.kind === 'location');
  if (walk === undefined || decision.outcome !== 'admitted' || taken?.match !== 'regex' || taken.place === null)
    return [];
  const { location } = findLocation(walk.server.locations, target.path, () => false);
  return location === null || location.place === null || !restricts(location) || restricts(taken)
    ? []
    : [
        trap(
          'expression-takes-path',
          taken.place,
          `"${taken.place.text}" takes ${target.path} from "${location.place.text}" in line ${location.place.line}, whose list is not asked`,
        ),
      ];
}

const MAX_ASKED = 200;
/** Each is found by its name among all of them. */
const MAX_SERVERS = 2000;

/** How those whom the list admits get to an application, while strangers do not; none where the path is not guarded. */
function guardedWalks({ strangers, config, target, networks }: TrapView): Walk[] {
  if (strangers.length === 0 || strangers.some(({ decision }) => decision.outcome !== 'refused')) return [];
  const all = networks
    .slice(0, MAX_ASKED)
    .flatMap(({ first }) => simulate(config, { ...target, peer: first, headers: [] }).all);
  return all.flatMap(({ walk, ending }) =>
    ending.outcome === 'admitted' && walk !== null && walk.handler !== null ? walk : [],
  );
}

/** The lines that hand requests to applications: the same text is the same application. */
const handlersOf = (walks: readonly Walk[]): Set<string> =>
  new Set(walks.flatMap(({ handler }) => handler?.place.text ?? []));

function findOtherServers(view: TrapView, handlers: ReadonlySet<string>): Trap[] {
  if (handlers.size === 0) return [];
  return view.config.sockets
    .flatMap((socket) => socket.servers.map((server) => ({ socket, server })))
    .slice(0, MAX_SERVERS)
    .flatMap(({ socket, server }) =>
      findOpenWay(view, handlers, { path: view.target.path, port: socket.port, host: hostOf(socket, server) }).map(
        ({ place, handler }) =>
          trap(
            'other-server-open',
            place,
            `${server.names[0] === undefined || server.names[0] === '' ? 'the server here' : server.names[0]} on ${socket.socket} lets strangers post to ${view.target.path}, and "${handler}" is the same application`,
          ),
      ),
    );
}

/** A name that leads to the server; null: the default one of its socket. */
function hostOf(socket: Socket, server: Server): string | null {
  const name = server.names.find((one) => one !== '' && one !== '_');
  return socket.defaultServer === server || name === undefined
    ? null
    : name.replace(/^\*?\./, 'any.').replace(/\.\*$/, '.any');
}

function findOpenWay(
  { config, strangers }: TrapView,
  handlers: ReadonlySet<string>,
  target: { path: string; port: number | null; host: string | null },
): { place: Trap['place']; handler: string }[] {
  for (const { address } of strangers) {
    const { all } = simulate(config, { ...target, peer: address, headers: [] });
    const [walk] = all.flatMap(({ walk: one }) => one ?? []);
    const place = walk?.visited[0]?.place ?? walk?.server.place;
    if (
      all.every(({ ending }) => ending.outcome === 'admitted') &&
      walk?.handler !== null &&
      walk !== undefined &&
      place !== null &&
      place !== undefined &&
      handlers.has(walk.handler.place.text)
    )
      return [{ place, handler: walk.handler.place.text }];
  }
  return [];
}

function findVariants(view: TrapView, walks: readonly Walk[]): Trap[] {
  const { path } = view.target;
  const variants = new Set(
    path === '/'
      ? []
      : [
          `${path}/`,
          path.replace(/\/$/, ''),
          `/${path}`,
          path.toUpperCase(),
          path.toLowerCase(),
          `${path};x`,
          ...walks.flatMap((walk) => innerPath(walk, path)),
        ],
  );
  variants.delete(path);
  variants.delete('');
  const handlers = handlersOf(walks);
  const open = [...variants].flatMap((variant) =>
    findOpenWay(view, handlers, { ...view.target, path: variant }).map((way) => ({ variant, ...way })),
  );
  const [first] = open;
  return first === undefined
    ? []
    : [
        trap(
          'path-variant-open',
          first.place,
          `strangers who post to ${open.map(({ variant }) => variant).join(', ')} get to "${first.handler}", past the list of ${path}`,
        ),
      ];
}

/**
 * Where nginx itself sends the path to, asked for at once. A front controller finds its route in what stands behind the
 * script: /index.php/hook.
 */
function innerPath({ path: inner, request, handler }: Walk, path: string): string[] {
  if (inner === request.path || inner === path) return [];
  return [handler?.place.text.startsWith('proxy_pass') === true ? fromBytes(inner) : `${fromBytes(inner)}${path}`];
}
