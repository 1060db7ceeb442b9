import { addressOf } from '../address.ts';
import type { Decision, Trap } from '../rules/server-rules.ts';
import { restricts } from './access.ts';
import { fromBytes } from './lex.ts';
import type { Location } from './levels.ts';
import { findLocation } from './routing.ts';
import { isLocal, type NginxServer, type Socket } from './config.ts';
import { findHops } from './hop.ts';
import { simulate } from './simulate.ts';
import { type UnauthorisedCaller, type TrapView, trap } from './traps.ts';
import type { RequestState } from './request.ts';
import { compareUpstreams, pathsInto, upstreamPathOf, type Likeness, type UpstreamPath } from './upstream-path.ts';

/** Finds traps on the route to the list: it is never asked, or there is a route around it. */
export function findRouteTraps(view: TrapView): Trap[] {
  const states = guardedStates(view);
  const guarded = guardedBy(withHops(view, states));
  return [
    ...view.unauthorised.flatMap((caller) => [
      ...findBypass(caller),
      ...findErrorPage(caller),
      ...findExpression(view, caller),
    ]),
    ...findOtherServers(view, guarded),
    ...findVariants(view, states, guarded),
  ];
}

function findBypass({ decision, states }: UnauthorisedCaller): Trap[] {
  const bypass = states.find((state) => state.bypass !== null)?.bypass;
  return decision.outcome !== 'admitted' || bypass === undefined || bypass === null
    ? []
    : [
        trap(
          'return-bypasses-rules',
          bypass,
          `"${bypass.text}" answers every caller: allow and deny are never checked`,
        ),
      ];
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
          `an unauthorised caller is refused by "${state.refusal.because}", but the error page turns that into ` +
            `${madeOf(decision)}`,
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

/** Of the networks that the list may admit: the vendor's come first. */
const MAX_ASKED = 200;
/** Each is found among all of them: a server by its name, a location by its path. */
const MAX_SERVERS = 2000;
const MAX_PATHS = 2000;

/**
 * How callers whom the list admits reach an application while others do not; empty where the path is not guarded.
 */
function guardedStates({ unauthorised, config, target, claimed }: TrapView): RequestState[] {
  if (unauthorised.length === 0 || unauthorised.some(({ decision }) => decision.outcome !== 'refused')) return [];
  const all = claimed
    .slice(0, MAX_ASKED)
    .flatMap(({ first }) => simulate(config, { ...target, peer: first, headers: [] }).all);
  return all.flatMap(({ state, ending }) =>
    ending.outcome === 'admitted' && state !== null && state.handler !== null ? state : [],
  );
}

const THIS_MACHINE = addressOf(4, 0x7f_00_00_01n);

/** Another server of this configuration may stand between: what is behind that is guarded as well. */
function withHops({ config }: TrapView, states: readonly RequestState[]): RequestState[] {
  const all = new Map(states.map((state) => [keyOf(state), state]));
  // It grows while it is walked.
  for (const state of all.values()) {
    const path = upstreamPathOf(state)?.path;
    if (path === undefined || all.size > MAX_ASKED) continue;
    for (const { port } of findHops(config, state.handler?.target ?? ''))
      for (const behind of simulate(config, {
        path: fromBytes(path),
        host: null,
        port,
        peer: THIS_MACHINE,
        headers: [],
      }).all)
        if (behind.state !== null && behind.state.handler !== null && !all.has(keyOf(behind.state)))
          all.set(keyOf(behind.state), behind.state);
  }
  return [...all.values()];
}

const keyOf = ({ handler, path }: RequestState): string =>
  `${handler?.place.file}:${handler?.place.line} ${handler?.place.text} ${path}`;

/** What the list guards. */
interface Guarded {
  /** The lines that hand requests to applications: the same text is the same application. */
  handlers: ReadonlySet<string>;
  /** Where requests arrive behind them, for another line may lead there, too. */
  upstreams: readonly UpstreamPath[];
}

const guardedBy = (states: readonly RequestState[]): Guarded => {
  const upstreams = states.flatMap((state) => upstreamPathOf(state) ?? []);
  return {
    handlers: new Set(states.flatMap(({ handler }) => handler?.place.text ?? [])),
    upstreams: [...new Map(upstreams.map((one) => [JSON.stringify(one), one])).values()],
  };
};

/** Null: what it leads to is not guarded. By the same line it may be another path of the application. */
function leadsInto(state: RequestState, { handlers, upstreams }: Guarded): Likeness | null {
  const reached = upstreamPathOf(state);
  const found = new Set(reached === null ? [] : upstreams.map((one) => compareUpstreams(one, reached)));
  if (found.has('same')) return 'same';
  return found.has('alike') || (state.handler !== null && handlers.has(state.handler.place.text)) ? 'alike' : null;
}

/** Those that strangers come to: on sockets of this machine alone only where there are no others. */
function serversOf({ config: { sockets } }: TrapView): { socket: Socket; server: NginxServer }[] {
  const open = sockets.every(isLocal) ? sockets : sockets.filter((socket) => !isLocal(socket));
  return open.flatMap((socket) => socket.servers.map((server) => ({ socket, server }))).slice(0, MAX_SERVERS);
}

function findOtherServers(view: TrapView, guarded: Guarded): Trap[] {
  if (guarded.handlers.size === 0) return [];
  return serversOf(view).flatMap(({ socket, server }) =>
    findOpenRoute(view, guarded, { path: view.target.path, port: socket.port, host: hostOf(socket, server) }).map(
      ({ place, handler }) =>
        trap(
          'other-server-open',
          place,
          `${nameOf(server)} on ${socket.socket} lets unauthorised callers post to ${view.target.path}, and ` +
            `"${handler}" is the same application`,
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

interface OpenRoute {
  place: Trap['place'];
  handler: string;
  likeness: Likeness;
}

function findOpenRoute(
  { config, unauthorised }: TrapView,
  guarded: Guarded,
  target: { path: string; port: number | null; host: string | null },
): OpenRoute[] {
  for (const { address } of unauthorised) {
    const { all } = simulate(config, { ...target, peer: address, headers: [] });
    const [state] = all.flatMap(({ state: one }) => one ?? []);
    const place = state?.visited[0]?.place ?? state?.server.place;
    if (state === undefined || state.handler === null || place === null || place === undefined) continue;
    const likeness = leadsInto(state, guarded);
    if (likeness !== null && all.every(({ ending }) => ending.outcome === 'admitted'))
      return [{ place, handler: state.handler.place.text, likeness }];
  }
  return [];
}

interface OpenVariant extends OpenRoute {
  variant: string;
}

const lineOf = ({ place }: OpenVariant): string => `${place.file}:${place.line}`;

function findVariants(view: TrapView, states: readonly RequestState[], guarded: Guarded): Trap[] {
  const { path } = view.target;
  const spellings = spellingsOf(path, states);
  const find = (variant: string, into: Guarded): OpenVariant[] =>
    variant === path || variant === ''
      ? []
      : findOpenRoute(view, into, { ...view.target, path: variant }).map((route) => ({ variant, ...route }));
  // Another path of the same line is another path of the application, unless it arrives where the guarded one does.
  const byUpstream = { ...guarded, handlers: new Set<string>() };
  const own = states[0]?.server;
  const open = [
    ...[...spellings].flatMap((variant) => find(variant, guarded)),
    ...elsewhereOf(own?.locations ?? [], guarded).flatMap((variant) =>
      spellings.has(variant) ? [] : find(variant, byUpstream),
    ),
    ...findInOthers(view, own, byUpstream),
  ];
  const lines = new Set(open.map(lineOf));
  return [...lines].flatMap((line) => {
    const alike = open.filter((one) => lineOf(one) === line);
    const said = alike.map(({ variant }) => variant).join(', ');
    const isSame = alike.some(({ likeness }) => likeness === 'same');
    return alike
      .slice(0, 1)
      .map(({ place, handler }) =>
        trap(
          'path-variant-open',
          place,
          `unauthorised callers who post to ${said} reach "${handler}"${isSame ? ', at the same path' : ''}, ` +
            `bypassing the list of ${path}`,
          isSame ? 'fail' : 'warn',
        ),
      );
  });
}

/** The paths of other servers that lead to where the guarded one leads, beside the path itself. */
function findInOthers(view: TrapView, own: NginxServer | undefined, byUpstream: Guarded): OpenVariant[] {
  return serversOf(view)
    .filter(({ server }) => server !== own)
    .flatMap(({ socket, server }) =>
      elsewhereOf(server.locations, byUpstream).map((path) => ({ path, socket, server })),
    )
    .filter(({ path }) => path !== view.target.path)
    .slice(0, MAX_PATHS)
    .flatMap(({ path, socket, server }) =>
      findOpenRoute(view, byUpstream, { path, port: socket.port, host: hostOf(socket, server) }).map((route) => ({
        variant: `${path} of ${nameOf(server)} on ${socket.socket}`,
        ...route,
      })),
    );
}

const spellingsOf = (path: string, states: readonly RequestState[]): Set<string> =>
  new Set(
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

/** Paths of other locations that may lead to where the guarded one leads. */
function elsewhereOf(locations: readonly Location[], { upstreams }: Guarded): string[] {
  const paths = upstreams.flatMap((one) => pathsInto(locations, one).map(fromBytes));
  return [...new Set(paths)].slice(0, MAX_PATHS);
}

/**
 * Where nginx itself sends the path to, asked for at once. A front controller finds its route in what stands behind the
 * script: /index.php/hook.
 */
function innerPath({ path: inner, request, handler }: RequestState, path: string): string[] {
  if (inner === request.path || inner === path) return [];
  return [handler?.place.text.startsWith('proxy_pass') === true ? fromBytes(inner) : `${fromBytes(inner)}${path}`];
}
