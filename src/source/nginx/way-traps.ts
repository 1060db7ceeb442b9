import type { Trap } from '../rules/server-rules.ts';
import { restricts } from './access.ts';
import { findLocation } from './locations.ts';
import type { Location } from './levels.ts';
import type { Server, Socket } from './servers.ts';
import { simulate } from './simulate.ts';
import type { Stranger, TrapView } from './trap-view.ts';
import { trap } from './traps.ts';

/** Traps in the way to the list: it is not asked, or there is a way around it. */
export function findWayTraps(view: TrapView): Trap[] {
  return [...view.strangers.flatMap((stranger) => [...findBypass(stranger), ...findErrorPage(stranger), ...findExpression(view, stranger)]), ...findOtherServers(view), ...findVariants(view)];
}

function findBypass({ decision, walks }: Stranger): Trap[] {
  const bypass = walks.find((walk) => walk.bypass !== null)?.bypass;
  return decision.outcome !== 'admitted' || bypass === undefined || bypass === null ? [] : [trap('return-bypasses-rules', bypass, `"${bypass.text}" answers everybody: allow and deny are never asked`)];
}

function findErrorPage({ decision, walks }: Stranger): Trap[] {
  const walk = walks.find((one) => one.refusal !== null && one.errorPage !== null);
  return decision.outcome !== 'admitted' || walk?.errorPage === undefined || walk.errorPage === null || walk.refusal === null ? [] : [trap('error-page-admits', walk.errorPage, `a stranger is refused by "${walk.refusal.because}", and the error page makes ${decision.status === null || decision.status >= 300 ? 'a call of the application' : decision.status} of it`)];
}

/** The prefix that the path has is guarded, and an expression that is not was asked first. */
function findExpression({ target }: TrapView, { decision, walks }: Stranger): Trap[] {
  const [walk] = walks;
  const taken = walk?.visited.find((level): level is Location => level.kind === 'location');
  if (walk === undefined || decision.outcome !== 'admitted' || taken?.match !== 'regex' || taken.place === null) return [];
  const { location } = findLocation(walk.server.locations, target.path, () => false);
  return location === null || location.place === null || !restricts(location) || restricts(taken) ? [] : [trap('expression-takes-path', taken.place, `"${taken.place.text}" takes ${target.path} from "${location.place.text}" in line ${location.place.line}, whose list is not asked`)];
}

const MAX_ASKED = 200;

/** Where a guarded path leads: the line that hands it to an application. */
function guardedHandlers({ strangers, config, target, networks }: TrapView): Set<string> {
  if (strangers.length === 0 || strangers.some(({ decision }) => decision.outcome !== 'refused')) return new Set();
  const admitted = networks.slice(0, MAX_ASKED).flatMap(({ first }) => simulate(config, { ...target, peer: first, headers: [] }).all);
  return new Set(admitted.filter(({ ending }) => ending.outcome === 'admitted').flatMap(({ walk }) => walk?.handler?.place.text ?? []));
}

function findOtherServers(view: TrapView): Trap[] {
  const handlers = guardedHandlers(view);
  if (handlers.size === 0) return [];
  return view.config.sockets.flatMap((socket) => socket.servers.flatMap((server) => findOpenWay(view, handlers, { path: view.target.path, port: socket.port, host: hostOf(socket, server) })
    .map(({ place, handler }) => trap('other-server-open', place, `${server.names[0] === undefined || server.names[0] === '' ? 'the server here' : server.names[0]} on ${socket.socket} lets strangers post to ${view.target.path}, and "${handler}" is the same application`))));
}

/** A name that leads to the server; null: the default one of its socket. */
function hostOf(socket: Socket, server: Server): string | null {
  const name = server.names.find((one) => one !== '' && one !== '_');
  return socket.defaultServer === server || name === undefined ? null : name.replace(/^\*?\./, 'any.').replace(/\.\*$/, '.any');
}

function findOpenWay({ config, strangers }: TrapView, handlers: ReadonlySet<string>, target: { path: string; port: number | null; host: string | null }): { place: Trap['place']; handler: string }[] {
  for (const { address } of strangers) {
    const { all } = simulate(config, { ...target, peer: address, headers: [] });
    const [walk] = all.flatMap(({ walk: one }) => one ?? []);
    const place = walk?.visited[0]?.place ?? walk?.server.place;
    if (all.every(({ ending }) => ending.outcome === 'admitted') && walk?.handler !== null && walk !== undefined && place !== null && place !== undefined && handlers.has(walk.handler.place.text)) return [{ place, handler: walk.handler.place.text }];
  }
  return [];
}

function findVariants(view: TrapView): Trap[] {
  const handlers = guardedHandlers(view);
  const { path } = view.target;
  if (handlers.size === 0 || path === '/') return [];
  const variants = new Set([`${path}/`, path.replace(/\/$/, ''), `/${path}`, path.toUpperCase(), path.toLowerCase(), `${path};x`]);
  variants.delete(path);
  const open = [...variants].flatMap((variant) => findOpenWay(view, handlers, { ...view.target, path: variant }).map((way) => ({ variant, ...way })));
  const [first] = open;
  return first === undefined ? [] : [trap('path-variant-open', first.place, `strangers who post to ${open.map(({ variant }) => variant).join(', ')} get to "${first.handler}", past the list of ${path}`)];
}
