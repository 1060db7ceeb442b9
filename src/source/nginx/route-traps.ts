import type { Decision, Trap } from '../rules/server-rules.ts';
import { restricts } from './access.ts';
import { fromBytes } from './lex.ts';
import type { Location } from './levels.ts';
import { findLocation } from './routing.ts';
import type { NginxServer, Socket } from './config.ts';
import { simulate } from './simulate.ts';
import { type UnauthorisedCaller, type TrapView, trap } from './traps.ts';
import type { RequestState } from './request.ts';

/** Finds traps on the route to the list: it is never asked, or there is a route around it. */
export function findRouteTraps(view: TrapView): Trap[] {
  const states = guardedStates(view);
  return [
    ...view.unauthorised.flatMap((caller) => [
      ...findBypass(caller),
      ...findErrorPage(caller),
      ...findExpression(view, caller),
    ]),
    ...findOtherServers(view, handlersOf(states)),
    ...findVariants(view, states),
  ];
}

function findBypass({ decision, states }: UnauthorisedCaller): Trap[] {
  const bypass = states.find((state) => state.bypass !== null)?.bypass;
  return decision.outcome !== 'admitted' || bypass === undefined || bypass === null
    ? []
    : [trap('return-bypasses-rules', bypass, `"${bypass.text}" answers everybody: allow and deny are never asked`)];
}

function findErrorPage({ decision, states }: UnauthorisedCaller): Trap[] {
  const state = states.find((one) => one.refusal !== null && one.errorPage !== null);
  return decision.outcome !== 'admitted' ||
    state?.errorPage === undefined ||
    state.errorPage === null ||
    state.refusal === null
    ? []
    : [
        trap(
          'error-page-admits',
          state.errorPage,
          `a stranger is refused by "${state.refusal.because}", and the error page makes ` +
            `${madeOf(decision)} of it`,
        ),
      ];
}

const madeOf = ({ status }: Decision): string =>
  status === null || status >= 300 ? 'a call of the application' : String(status);

/** The prefix that the path has is guarded, and an expression that is not was asked first. */
function findExpression({ target }: TrapView, { decision, states }: UnauthorisedCaller): Trap[] {
  const [state] = states;
  const found = state?.visited.find((level): level is Location => level.kind === 'location');
  if (state === undefined || decision.outcome !== 'admitted' || found?.match !== 'regex' || found.place === null)
    return [];
  const { location } = findLocation(state.server.locations, target.path, () => false);
  return location === null || location.place === null || !restricts(location) || restricts(found)
    ? []
    : [
        trap(
          'expression-takes-path',
          found.place,
          `"${found.place.text}" takes ${target.path} from "${location.place.text}" in line ${location.place.line}, ` +
            'whose list is not asked',
        ),
      ];
}

const MAX_ASKED = 200;
/** Each is found by its name among all of them. */
const MAX_SERVERS = 2000;

/**
 * How callers whom the list admits reach an application while others do not; empty where the path is not guarded.
 */
function guardedStates({ unauthorised, config, target, networks }: TrapView): RequestState[] {
  if (unauthorised.length === 0 || unauthorised.some(({ decision }) => decision.outcome !== 'refused')) return [];
  const all = networks
    .slice(0, MAX_ASKED)
    .flatMap(({ first }) => simulate(config, { ...target, peer: first, headers: [] }).all);
  return all.flatMap(({ state, ending }) =>
    ending.outcome === 'admitted' && state !== null && state.handler !== null ? state : [],
  );
}

/** The lines that hand requests to applications: the same text is the same application. */
const handlersOf = (states: readonly RequestState[]): Set<string> =>
  new Set(states.flatMap(({ handler }) => handler?.place.text ?? []));

function findOtherServers(view: TrapView, handlers: ReadonlySet<string>): Trap[] {
  if (handlers.size === 0) return [];
  return view.config.sockets
    .flatMap((socket) => socket.servers.map((server) => ({ socket, server })))
    .slice(0, MAX_SERVERS)
    .flatMap(({ socket, server }) =>
      findOpenRoute(view, handlers, { path: view.target.path, port: socket.port, host: hostOf(socket, server) }).map(
        ({ place, handler }) =>
          trap(
            'other-server-open',
            place,
            `${nameOf(server)} on ${socket.socket} lets strangers post to ${view.target.path}, ` +
              `and "${handler}" is the same application`,
          ),
      ),
    );
}

const nameOf = ({ names: [name = ''] }: NginxServer): string => (name === '' ? 'the server here' : name);

/** A name that leads to the server; null: the default one of its socket. */
function hostOf(socket: Socket, server: NginxServer): string | null {
  const name = server.names.find((one) => one !== '' && one !== '_');
  return socket.defaultServer === server || name === undefined
    ? null
    : name.replace(/^\*?\./, 'any.').replace(/\.\*$/, '.any');
}

function findOpenRoute(
  { config, unauthorised }: TrapView,
  handlers: ReadonlySet<string>,
  target: { path: string; port: number | null; host: string | null },
): { place: Trap['place']; handler: string }[] {
  for (const { address } of unauthorised) {
    const { all } = simulate(config, { ...target, peer: address, headers: [] });
    const [state] = all.flatMap(({ state: one }) => one ?? []);
    const place = state?.visited[0]?.place ?? state?.server.place;
    if (
      all.every(({ ending }) => ending.outcome === 'admitted') &&
      state?.handler !== null &&
      state !== undefined &&
      place !== null &&
      place !== undefined &&
      handlers.has(state.handler.place.text)
    )
      return [{ place, handler: state.handler.place.text }];
  }
  return [];
}

function findVariants(view: TrapView, states: readonly RequestState[]): Trap[] {
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
          ...states.flatMap((state) => innerPath(state, path)),
        ],
  );
  variants.delete(path);
  variants.delete('');
  const handlers = handlersOf(states);
  const open = [...variants].flatMap((variant) =>
    findOpenRoute(view, handlers, { ...view.target, path: variant }).map((route) => ({ variant, ...route })),
  );
  const [first] = open;
  return first === undefined
    ? []
    : [
        trap(
          'path-variant-open',
          first.place,
          `strangers who post to ${open.map(({ variant }) => variant).join(', ')} get to "${first.handler}", ` +
            `past the list of ${path}`,
        ),
      ];
}

/**
 * Where nginx itself sends the path to, asked for at once. A front controller finds its route in what stands behind the
 * script: /index.php/hook.
 */
function innerPath({ path: inner, request, handler }: RequestState, path: string): string[] {
  if (inner === request.path || inner === path) return [];
  return [handler?.place.text.startsWith('proxy_pass') === true ? fromBytes(inner) : `${fromBytes(inner)}${path}`];
}
