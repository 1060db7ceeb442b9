import { readPeer, type Address, type Family } from '../address.ts';
import type { Door } from '../rules/server-rules.ts';
import type { RequestContext } from './request-context.ts';
import { findHost, servesName, servesPort, withoutPort, type ApacheServer, type Servers } from './server.ts';
import { hasCaller } from './subnet.ts';

/** Where connections come in: the addresses that `Listen` names, told apart by the virtual hosts with an address. */
interface SocketAt {
  /** `*` for every address that no virtual host names. */
  host: string;
  families: readonly Family[];
}

interface ListenLine {
  /** Null: every address. */
  host: string | null;
  families: readonly Family[];
}

const familyOf = (host: string): readonly Family[] =>
  host.startsWith('[') ? [6] : /^[\d.]+$/.test(host) ? [4] : [4, 6];

/** https://httpd.apache.org/docs/2.4/mod/mpm_common.html#listen; where no line says so, every address is taken. */
function listensOf({ main }: Servers, port: number | null): ListenLine[] {
  const listens = main.settings
    .filter(({ name }) => name === 'listen')
    .flatMap(({ words: [text = ''] }): ListenLine[] => {
      const [, host = '', number = ''] = /^(?:(\[[^\]]*\]|[^:]*):)?(\d{1,5})$/.exec(text) ?? [];
      if (port !== null && Number(number) !== port) return [];
      if (host === '' || host === '*') return [{ host: null, families: [4, 6] }];
      if (host === '0.0.0.0' || host === '[::]') return [{ host: null, families: familyOf(host) }];
      return [{ host: host.toLowerCase(), families: familyOf(host) }];
    });
  return listens.length === 0 ? [{ host: null, families: [4, 6] }] : listens;
}

function entrancesOf(servers: Servers, port: number | null): SocketAt[] {
  const listens = listensOf(servers, port);
  const named = [
    ...new Set(
      servers.hosts.flatMap(({ addresses }) =>
        addresses.filter((address) => address.host !== '*' && servesPort(address, port)).map(({ host }) => host),
      ),
    ),
  ];
  const reached = named.flatMap((host): SocketAt[] => {
    const families = familyOf(host).filter((family) =>
      listens.some((listen) => (listen.host === null ? listen.families.includes(family) : listen.host === host)),
    );
    return families.length === 0 ? [] : [{ host, families }];
  });
  const others = listens.filter(({ host }) => host === null || !named.includes(host));
  const families = ([4, 6] as const).filter((family) => others.some((one) => one.families.includes(family)));
  return families.length === 0 ? reached : [...reached, { host: '*', families }];
}

/** The servers that answer at an address, in their order; the main server where no virtual host does. */
export function serversAt({ main, hosts }: Servers, host: string, port: number | null): readonly ApacheServer[] {
  const at = (wanted: string): ApacheServer[] =>
    hosts.filter(({ addresses }) => addresses.some((one) => one.host === wanted && servesPort(one, port)));
  const found = [at(host), at('*')].find((chain) => chain.length > 0);
  return found ?? [main];
}

/** Whether connections begin with the PROXY protocol: one server of an address says so for all of them. */
export const takesProtocol = (servers: readonly ApacheServer[]): boolean =>
  servers.some(({ remoteIp }) => remoteIp.proxyProtocol !== null);

/** Whether a peer is left out by RemoteIPProxyProtocolExceptions: wherever the line stands, it is for every server. */
export function isExcepted({ main, hosts }: Servers, peer: Address, ask: RequestContext['ask']): boolean {
  return [main, ...hosts]
    .flatMap(({ remoteIp }) => remoteIp.exceptions)
    .some(({ subnet, text, place }) =>
      subnet === null ? ask(place, `whether ${text} is ${peer.text}`) : hasCaller(subnet, peer),
    );
}

const isLocal = (host: string): boolean =>
  /^(?:127\.|localhost$)/.test(host) || readPeer(host.slice(1, -1))?.text === '::1';

/**
 * The sockets of the port. Where some serve the host by its name, another one counts when the server that answers
 * there maps the path to the same place.
 */
export function findDoors(
  servers: Servers,
  { host, port }: { host: string | null; port: number | null },
  mapAt: (door: string) => string,
): Door[] {
  const name = withoutPort(host);
  const all = entrancesOf(servers, port).map((entrance) => {
    const chain = serversAt(servers, entrance.host, port);
    return { ...entrance, chain, isNamed: chain.some((server) => servesName(server, name)) };
  });
  const named = all.filter(({ isNamed }) => isNamed);
  // The main server answers where no virtual host does: it was meant for nobody.
  const hosts = all.filter(({ chain }) => chain[0] !== servers.main);
  const meant = [named, hosts, all].find((some) => some.length > 0) ?? [];
  const places = new Set(meant.map((one) => mapAt(one.host)));
  return all
    .filter((one) => meant.includes(one) || places.has(mapAt(one.host)))
    .map(({ host: at, families, chain, isNamed }) => ({
      name: at,
      place: findHost(chain, name).place,
      families,
      isLocal: isLocal(at),
      isByName: named.length === 0 || isNamed,
      proxyProtocol: takesProtocol(chain) ? { trusted: [] } : null,
    }));
}
