import type { Family } from '../address/address.ts';
import { findByHost, type Named } from './host-names.ts';
import { levelOf, locationsOf, own, type Level, type Location } from './levels.ts';
import type { Directive } from './parse.ts';

export interface Server extends Level {
  kind: 'server';
  listens: readonly Listen[];
  /** Exact and wildcard names, lower case. */
  names: readonly string[];
  /** Those that begin with `~`, without it. */
  patterns: readonly string[];
  locations: readonly Location[];
}

/** One place where a server can be reached. Servers that share it are told apart by their names. */
export interface Listen {
  /** Equal for equal sockets. */
  socket: string;
  family: Family | 'unix';
  port: number | null;
  isAnyAddress: boolean;
  /** Of an IPv6 socket that takes IPv4 callers, too. */
  isDual: boolean;
  isTls: boolean;
  isDefault: boolean;
}

const NO_LISTEN: Listen = {
  socket: '*:80',
  family: 4,
  port: 80,
  isAnyAddress: true,
  isDual: false,
  isTls: false,
  isDefault: false,
};

export function readServer(directive: Directive, http: Level): Server {
  const level = levelOf('server', directive, http);
  const names = own(level, 'server_name').flatMap(({ args }) => args);
  const listens = own(level, 'listen').flatMap(readListen);
  const server: Server = {
    ...level,
    kind: 'server',
    listens: listens.length === 0 ? [NO_LISTEN] : listens,
    names: names.length === 0 ? [''] : names.filter((name) => !name.startsWith('~')).map((name) => name.toLowerCase()),
    patterns: names.filter((name) => name.startsWith('~')).map((name) => name.slice(1)),
    locations: [],
  };
  server.locations = locationsOf(server);
  return server;
}

/** https://nginx.org/en/docs/http/ngx_http_core_module.html#listen; a range of ports is one socket each. */
function readListen({ args: [target = '', ...flags] }: Directive): Listen[] {
  const isTls = flags.includes('ssl') || flags.includes('quic');
  const isDefault = flags.includes('default_server') || flags.includes('default');
  if (target.startsWith('unix:'))
    return [{ socket: target, family: 'unix', port: null, isAnyAddress: false, isDual: false, isTls, isDefault }];
  const found = /^(?:(\[.*\]|[^:]*):)?(\d+)(?:-(\d+))?$/.exec(target) ?? ['', target, '80'];
  const [, host = '*', first = '80', last = first] = found;
  const family: Family = host.startsWith('[') ? 6 : 4;
  const isAnyAddress = ['*', '0.0.0.0', '[::]', '[::0]'].includes(host);
  const isDual = family === 6 && isAnyAddress && flags.includes('ipv6only=off');
  const ports = Array.from(
    { length: Math.min(Math.max(Number(last) - Number(first), 0), 1000) + 1 },
    (_, index) => Number(first) + index,
  );
  const kind = flags.includes('quic') ? 'quic ' : '';
  const address = isAnyAddress ? { 4: '*', 6: '[::]' }[family] : host.toLowerCase();
  return ports.map((port) => ({
    socket: `${kind}${address}:${port}`,
    family,
    port,
    isAnyAddress,
    isDual,
    isTls,
    isDefault,
  }));
}

/** The servers of one socket. */
export interface Socket extends Listen {
  servers: readonly Server[];
  defaultServer: Server;
}

export function socketsOf(servers: readonly Server[]): Socket[] {
  const together = new Map<string, { listen: Listen; server: Server }[]>();
  for (const server of servers) {
    for (const listen of server.listens)
      together
        .set(listen.socket, together.get(listen.socket) ?? [])
        .get(listen.socket)
        ?.push({ listen, server });
  }
  return [...together.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const has = (test: (listen: Listen) => boolean): boolean => all.some(({ listen }) => test(listen));
    return {
      ...first.listen,
      servers: all.map(({ server }) => server),
      defaultServer: (all.find(({ listen }) => listen.isDefault) ?? first).server,
      isDefault: has(({ isDefault }) => isDefault),
      isTls: has(({ isTls }) => isTls),
      isDual: has(({ isDual }) => isDual),
    };
  });
}

/** Whether an expression of `server_name` is found in the host. */
export type TryName = (pattern: string, host: string, server: Server) => boolean;

/** The server of that name on the socket; null: the default one answers. */
export function findServer(socket: Socket, host: string, tryName: TryName): Server | null {
  const names = socket.servers.flatMap((server) =>
    server.names.map((name): Named<Server> => ({ name, value: server })),
  );
  const byName = findByHost(names, host);
  if (byName !== undefined || host === '') return byName ?? null;
  return socket.servers.find((server) => server.patterns.some((pattern) => tryName(pattern, host, server))) ?? null;
}

/**
 * The socket that a caller of this family comes in on. A configuration alone does not tell which addresses a machine has:
 * of several, the one whose servers know the host by name, then TLS (a vendor posts to https), then any address.
 */
export function chooseSocket(
  sockets: readonly Socket[],
  family: Family,
  port: number | null,
  knowsHost: (socket: Socket) => boolean,
): Socket | null {
  const ofPort = sockets.filter((socket) => port === null || socket.port === port);
  const ofFamily = ofPort.filter((socket) => socket.family === family || (family === 4 && socket.isDual));
  const candidates = ofFamily.length > 0 ? ofFamily : ofPort;
  const rank = (socket: Socket): number =>
    (knowsHost(socket) ? 8 : 0) +
    (socket.isTls ? 4 : 0) +
    (socket.family === 'unix' ? 0 : 2) +
    (socket.isAnyAddress ? 1 : 0);
  return candidates.toSorted((one, other) => rank(other) - rank(one))[0] ?? null;
}
