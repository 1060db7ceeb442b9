import { addressOf, readAddress, type Address, type Network } from '../address.ts';
import { doorsFor, NO_CLAIM, routeOf } from '../rules/calls.ts';
import { makeOnce } from '../rules/once.ts';
import type { Door, ProxyInFront } from '../rules/server-rules.ts';
import { readProxies } from './addresses.ts';
import { realIpHeader } from './access.ts';
import { isLocal, type NginxConfig, type Socket } from './config.ts';
import { effective } from './levels.ts';
import type { RequestState } from './request.ts';
import { simulate } from './simulate.ts';

/** Whether another caller is asked depends on what the last one was compared with: so many are asked at most. */
const MAX_CALLERS = 400;
const ANYBODY = ['203.0.113.66', '2001:db8::66'].flatMap((text) => readAddress(text) ?? []);

export interface RuleTarget {
  path: string;
  host: string | null;
  port: number | null;
  /** The proxy that all calls come through. */
  behind?: ProxyInFront | null;
}

export interface Traced {
  networks: readonly Network[];
  /** Those of them that no rule names: expressions over addresses as text come to them. */
  written: readonly Network[];
  headers: readonly string[];
}

const traceOnce = makeOnce<NginxConfig, Traced>();
const findOnce = makeOnce<NginxConfig, Door[]>();

/**
 * Every network that decides on this path, and every header that is looked at: found by asking as their members, once.
 */
export const traceRules = (config: NginxConfig, target: RuleTarget): Traced =>
  traceOnce(config, [target.path, target.host, target.port, target.behind?.text, target.behind?.tellsIn], () =>
    trace(config, target),
  );

function trace(config: NginxConfig, { path, host, port, behind = null }: RuleTarget): Traced {
  const networks = new Map<string, Network>();
  const written = new Map<string, Network>();
  const lists = new Set<readonly Network[]>();
  const headers = new Set<string>();
  const doors = findDoors(config, { path, host, port });
  const waiting: Address[] = [...ANYBODY];
  const asked = new Set<string>();
  const visit = (state: RequestState): void => {
    for (const name of state.readHeaders) headers.add(name);
    for (const network of [...state.written].flatMap((list) => (lists.has(list) ? [] : list)))
      written.set(network.text, network);
    for (const network of [...state.networks].flatMap((list) => (lists.has(list) ? [] : list))) {
      if (networks.has(network.text)) continue;
      networks.set(network.text, network);
      const { family, first, last } = network;
      waiting.push(first, last, addressOf(family, (first.value + last.value) / 2n));
    }
    for (const list of state.networks) lists.add(list);
  };
  for (let address = waiting.shift(); address !== undefined && asked.size < MAX_CALLERS; address = waiting.shift()) {
    if (asked.has(address.text)) continue;
    asked.add(address.text);
    const open = doorsFor(doors, address, behind);
    for (const door of open.length === 0 ? [null] : open) {
      const route = routeOf({ address, door, claim: NO_CLAIM }, behind);
      for (const { state } of simulate(config, { path, host, port, ...route }).all) if (state !== null) visit(state);
    }
  }
  return { networks: [...networks.values()], written: [...written.values()], headers: [...headers] };
}

/** How a caller came through one socket. */
interface Passage {
  socket: Socket;
  states: readonly RequestState[];
}

/**
 * The sockets of the port. Where some serve the host by its name, another one counts when its default server hands the
 * path to the same application.
 */
export const findDoors = (config: NginxConfig, { path, host, port }: RuleTarget): Door[] =>
  findOnce(config, [path, host, port], () => listDoors(config, { path, host, port }));

const [SOMEBODY] = ANYBODY as [Address];

/** Leads somebody through a socket; without one, through the likeliest. */
function passThrough(config: NginxConfig, { path, host, port }: RuleTarget, socket?: Socket): RequestState[] {
  const request = { path, host, port, peer: SOMEBODY, headers: [] };
  const begun =
    socket === undefined
      ? request
      : { ...request, door: socket.socket, ...(socket.isProxied ? { proxied: SOMEBODY } : {}) };
  return simulate(config, begun).all.flatMap(({ state }) => state ?? []);
}

const isByName = ({ states }: Passage): boolean => states.some((state) => state.isByName);

function listDoors(config: NginxConfig, target: RuleTarget): Door[] {
  const [likely] = passThrough(config, target);
  const likeliest = likely === undefined ? target.port : likely.socket.port;
  const all = config.sockets
    .filter((socket) => socket.port === likeliest)
    .map((socket): Passage => ({ socket, states: passThrough(config, target, socket) }));
  const named = all.filter(isByName);
  const handlers = new Set(named.flatMap(handlersOf));
  return all
    .filter((one) => named.length === 0 || isByName(one) || handlersOf(one).some((handler) => handlers.has(handler)))
    .map((one) => doorOf(one, named.length === 0 || isByName(one)));
}

const handlersOf = ({ states }: Passage): string[] => states.flatMap(({ handler }) => handler?.place.text ?? []);

function doorOf({ socket, states }: Passage, isForVendor: boolean): Door {
  const { socket: name, place, family, isDual, isProxied } = socket;
  const level = states
    .flatMap((state) => [state.server, ...state.visited])
    .find((one) => realIpHeader(one) === 'proxy_protocol');
  return {
    name,
    place: place ?? socket.defaultServer.place,
    families: family === 'unix' ? [4, 6] : isDual ? [4, 6] : [family],
    isLocal: isLocal(socket),
    isByName: isForVendor,
    proxyProtocol: isProxied
      ? { trusted: level === undefined ? [] : readProxies(effective(level, 'set_real_ip_from')) }
      : null,
  };
}
