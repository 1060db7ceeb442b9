import { AppError } from '../../model/error.ts';
import type { Family } from '../address.ts';
import { makePcre, type CompilePcre } from '../rules/pcre.ts';
import type { Doubt, Place } from '../rules/server-rules.ts';
import { checkAllowAndDeny, readGeo, type Geo } from './addresses.ts';
import { own, setting, type NginxLevel, levelOf, locationsOf, type Location } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { isMainOnly } from './commands.ts';

/** A configuration, read. */
export interface NginxConfig {
  http: NginxLevel;
  servers: readonly NginxServer[];
  sockets: readonly Socket[];
  maps: ReadonlyMap<string, NginxDirective>;
  geos: ReadonlyMap<string, Geo>;
  /** The names that `set` or a group of an expression may fill: empty until then. */
  settable: ReadonlySet<string>;
  compilePcre: CompilePcre;
  /** What a part of a configuration lacks; null: it is a whole one. */
  part: Doubt | null;
}

const MAX_LISTENS = 20_000;

const HTTP_ONLY = new Set([
  'server',
  'upstream',
  'map',
  'geo',
  'split_clients',
  'limit_req_zone',
  'limit_conn_zone',
  'proxy_cache_path',
  'log_format',
]);

export function readNginxConfig(directives: readonly NginxDirective[], file: string): NginxConfig {
  const { http, part } = findHttp(directives, file);
  checkAllowAndDeny(http.directives);
  let listens = 0;
  const servers = own(http, 'server').map((directive) => {
    const server = readServer(directive, http);
    listens += server.listens.length;
    if (listens > MAX_LISTENS)
      throw new AppError('input', `${file}: more than ${MAX_LISTENS} sockets`, {
        hint: 'check whether a server listens on a range of ports',
      });
    return server;
  });
  return {
    http,
    servers,
    sockets: socketsOf(servers),
    maps: new Map(
      own(http, 'map')
        .filter(({ args }) => args.length === 2)
        .map((directive) => [(directive.args[1] ?? '').slice(1), directive]),
    ),
    geos: new Map(own(http, 'geo').map((directive) => [(directive.args.at(-1) ?? '').slice(1), readGeo(directive)])),
    settable: new Set(findSettable(http.directives)),
    compilePcre: makePcre(),
    part,
  };
}

/**
 * The content of `http { }`. What people have at hand is often a file of sites-available/ that holds `server { }`
 * alone, or a snippet that belongs into one: either is read as if it stood there.
 */
function findHttp(directives: readonly NginxDirective[], file: string): { http: NginxLevel; part: Doubt | null } {
  const blocks = directives.filter(({ name }) => name === 'http');
  if (blocks.length > 0 || directives.some(isMainOnly))
    return { http: asHttp(blocks.flatMap(({ block }) => block ?? [])), part: null };
  const whole = { file, line: 1, text: directives[0]?.place.text ?? '' };
  if (directives.some(({ name }) => HTTP_ONLY.has(name))) {
    return {
      http: asHttp(directives),
      part: {
        place: whole,
        text: 'the file has no http { }: it is read as if it were the only file included there',
      },
    };
  }
  const server: NginxDirective = { name: 'server', args: [], block: directives, place: whole };
  return {
    http: asHttp([server]),
    part: {
      place: whole,
      text: 'the file has no server { }: it is read as if it were the only file included in one',
    },
  };
}

const asHttp = (directives: readonly NginxDirective[]): NginxLevel => ({
  kind: 'http',
  directives,
  parent: null,
  place: null,
});

function findSettable(directives: readonly NginxDirective[]): string[] {
  return directives.flatMap(({ name, args, block }) => [
    ...(name === 'set' ? [(args[0] ?? '').slice(1)] : []),
    ...[name, ...args].flatMap((word) => [...word.matchAll(/\(\?P?[<'](\w+)[>']/g)].map((found) => found[1] as string)),
    ...findSettable(block ?? []),
  ]);
}

export interface NginxServer extends NginxLevel {
  kind: 'server';
  listens: readonly Listen[];
  /** Exact and wildcard names, lower case. */
  names: readonly string[];
  /** Those that begin with `~`, without it. */
  patterns: readonly string[];
  locations: readonly Location[];
}

/** One place where a server can be reached. Servers that share it differ by their names. */
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
  /** Every connection begins with the PROXY protocol. */
  isProxied: boolean;
  /** Null: no line says so. */
  place: Place | null;
}

const NO_LISTEN: Listen = {
  socket: '*:80',
  family: 4,
  port: 80,
  isAnyAddress: true,
  isDual: false,
  isTls: false,
  isDefault: false,
  isProxied: false,
  place: null,
};

function readServer(directive: NginxDirective, http: NginxLevel): NginxServer {
  const level = levelOf('server', directive, http);
  const names = own(level, 'server_name').flatMap(({ args }) => args);
  const isSsl = setting(level, 'ssl') === 'on';
  const listens = own(level, 'listen')
    .flatMap(readListen)
    .map((listen) => (isSsl ? { ...listen, isTls: true } : listen));
  const server: NginxServer = {
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
function readListen({ args: [target = '', ...flags], place }: NginxDirective): Listen[] {
  const isTls = flags.includes('ssl') || flags.includes('quic');
  const isDefault = flags.includes('default_server') || flags.includes('default');
  const common = { isTls, isDefault, isProxied: flags.includes('proxy_protocol'), place };
  if (target.startsWith('unix:'))
    return [{ ...common, socket: target, family: 'unix', port: null, isAnyAddress: false, isDual: false }];
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
    ...common,
    socket: `${kind}${address}:${port}`,
    family,
    port,
    isAnyAddress,
    isDual,
  }));
}

/** The servers of one socket. */
export interface Socket extends Listen {
  servers: readonly NginxServer[];
  defaultServer: NginxServer;
}

/** Nobody comes to it from elsewhere. */
export const isLocal = ({ family, socket }: Listen): boolean =>
  family === 'unix' || /^(?:quic )?(?:127\.|localhost:|\[::1\])/.test(socket);

function socketsOf(servers: readonly NginxServer[]): Socket[] {
  const together = new Map<string, { listen: Listen; server: NginxServer }[]>();
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
      isProxied: has(({ isProxied }) => isProxied),
    };
  });
}

/** Whether an expression of `server_name` is found in the host. */
export type TryName = (pattern: string, host: string, server: NginxServer) => boolean;

/** The server of that name on the socket; null: the default one answers. */
export function findServer(socket: Socket, host: string, tryName: TryName): NginxServer | null {
  const names = socket.servers.flatMap((server) =>
    server.names.map((name): Named<NginxServer> => ({ name, value: server })),
  );
  const byName = findByHost(names, host);
  if (byName !== undefined || host === '') return byName ?? null;
  return socket.servers.find((server) => server.patterns.some((pattern) => tryName(pattern, host, server))) ?? null;
}

/**
 * The socket that a caller of this family comes in on. A configuration alone does not say which addresses a machine
 * has: of several, the one whose servers know the host by name, then TLS (a vendor posts to https), then any address.
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

/** Something that is chosen by the name of a host. */
export interface Named<Value> {
  /** Lower case; `*.example.com`, `.example.com`, `mail.example.*` are wildcards. */
  name: string;
  value: Value;
}

/**
 * The value of the name: exact, then the longest `*.example.com`, then the longest `mail.example.*`. The first of two
 * equal names counts. https://nginx.org/en/docs/http/server_names.html#wildcard_names
 */
export function findByHost<Value>(names: readonly Named<Value>[], host: string): Value | undefined {
  const exact = names.find(({ name }) => name === host || name === `.${host}`);
  if (exact !== undefined || host === '') return exact?.value;
  const heads = names.filter(
    ({ name }) =>
      (name.startsWith('*.') && host.endsWith(name.slice(1)) && host.length > name.length - 1) ||
      (name.startsWith('.') && host.endsWith(name)),
  );
  const tails = names.filter(
    ({ name }) => name.endsWith('.*') && host.startsWith(name.slice(0, -1)) && host.length > name.length - 1,
  );
  return (longest(heads) ?? longest(tails))?.value;
}

const suffixLength = ({ name }: Named<unknown>): number => name.replace(/^\*/, '').length;

const longest = <Value>(names: readonly Named<Value>[]): Named<Value> | undefined =>
  names.reduce<Named<Value> | undefined>(
    (best, one) => (best === undefined || suffixLength(one) > suffixLength(best) ? one : best),
    undefined,
  );

/** The Host header as nginx compares it: no port, no dot at its end, lower case. Null: nginx answers 400. */
export function readHostHeader(header: string): string | null {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000- \u007f/]|\.\./.test(header)) return null;
  const host = (/^\[[^\]]*\]/.exec(header)?.[0] ?? /^[^:]*/.exec(header)?.[0] ?? '').replace(/\.$/, '');
  return host === '' ? null : host.toLowerCase();
}
