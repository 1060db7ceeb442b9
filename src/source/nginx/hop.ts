import type { NginxConfig, NginxServer, Socket } from './config.ts';
import { own } from './levels.ts';
import { fromBytes } from './lex.ts';
import type { NginxDirective } from './parse.ts';
import { SCOPE } from './scope.ts';

/** Another server of the same configuration that a handler hands the request to. */
export interface Hop {
  server: NginxServer;
  port: number | null;
  /** It has rules of its own, which see this machine as the caller. */
  restricts: boolean;
}

const URL = /^(https?):\/\/(?:(unix:[^:]*)|(\[[^\]]*\]|[^/:]*)(?::(\d+))?)(?:[/:]|$)/i;
const LOCAL = /^(?:127\.[\d.]+|localhost|\[::1\]|0\.0\.0\.0)$/;

/** Where the target of a `proxy_pass` leads to; nowhere that is known with a variable in it. */
export function findAddresses(config: NginxConfig, target: string): string[] {
  const found = URL.exec(target);
  if (found === null || target.includes('$')) return [];
  const [, scheme = '', unix, host = '', port] = found;
  const upstream = own(config.http, 'upstream').find(({ args }) => args[0] === host);
  return upstream === undefined
    ? [unix ?? `${host}:${port ?? (scheme.toLowerCase() === 'https' ? 443 : 80)}`]
    : (upstream.block ?? [])
        .filter(({ name }) => name === 'server')
        .map(({ args: [text = ''] }) => (/^unix:|:\d+$/.test(text) ? text : `${text}:80`));
}

/** The same machine has one name. */
export const nameOnce = (address: string): string => {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address.toLowerCase()) ?? [];
  return LOCAL.test(host) ? `localhost:${port}` : host === '' ? address : `${host}:${port}`;
};

/** The servers of this configuration that the target of a `proxy_pass` leads to. */
export function findHops(config: NginxConfig, target: string): Hop[] {
  const addresses = findAddresses(config, target);
  const sockets = config.sockets.filter((socket) => addresses.some((address) => isSocket(socket, address)));
  return sockets.map(({ defaultServer, servers, port }) => ({
    server: defaultServer,
    port,
    restricts: servers.some(({ directives }) => mayRefuse(directives)),
  }));
}

function isSocket({ socket, port, family, isAnyAddress }: Socket, address: string): boolean {
  if (family === 'unix') return socket === address;
  const [, host = '', number] = /^(.*):(\d+)$/.exec(address) ?? [];
  return port === Number(number) && (socket === address.toLowerCase() || (isAnyAddress && LOCAL.test(host)));
}

const REFUSING: ReadonlySet<string> = new Set([
  'allow',
  'deny',
  'auth_basic',
  'auth_request',
  'return',
  'if',
  'internal',
  'limit_except',
  'error_page',
  ...Object.keys(SCOPE.guards),
  ...Object.keys(SCOPE.programs),
]);

const mayRefuse = (directives: readonly NginxDirective[]): boolean =>
  directives.some(({ name, block }) => REFUSING.has(name) || mayRefuse(block ?? []));

/** Names a server as its author does. */
export const sayServer = ({ place, names: [name = ''] }: NginxServer): string =>
  place === null ? fromBytes(name) : `${place.file}:${place.line}`;
