import { serversAt } from './doors.ts';
import { servesPort, type ApacheServer, type Servers } from './server.ts';

/** Another server of the same configuration that a request is sent on to. */
export interface ApacheHop {
  /** The Host header that it gets. */
  host: string;
  port: number;
  path: string;
  /** Where its connection comes in, as virtual hosts name it. */
  door: string;
  server: ApacheServer;
}

const TARGET = /^(https?):\/\/(\[[^\]]*\]|[^/:]*)(?::(\d+))?(\/[^?#]*)?/i;
const LOCAL = /^(?:127\.[\d.]+|localhost|\[::1\])$/i;

/** Null: it leaves this server, or nobody can tell. */
export function findApacheHop(servers: Servers, target: string): ApacheHop | null {
  const [, scheme = '', name = '', number, path = '/'] = TARGET.exec(target) ?? [];
  if (scheme === '') return null;
  const host = name.toLowerCase();
  const port = Number(number ?? (scheme.toLowerCase() === 'https' ? 443 : 80));
  const doors = servers.hosts.flatMap(({ addresses }) => addresses.filter((one) => servesPort(one, port)));
  const door =
    doors.find((one) => one.host === host) ?? (LOCAL.test(host) ? doors.find((one) => one.host === '*') : undefined);
  if (door === undefined) return null;
  const [server] = serversAt(servers, door.host, port);
  return server === undefined ? null : { host: name, port, path, door: door.host, server };
}
