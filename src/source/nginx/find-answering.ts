import { addressOf } from '../address/address.ts';
import type { Answering } from '../rules/server-rules.ts';
import type { Config } from './config.ts';
import { fromBytes } from './lex.ts';
import { simulate } from './simulate.ts';
import type { Server, Socket } from './servers.ts';

/** 203.0.113.66, an address of nobody (RFC 5737). */
const ANYBODY = addressOf(4, 0xcb_00_71_42n);

/** The server { } that answers a caller by IPv4; null: nothing listens, or nginx takes no such host. */
export function findAnswering(config: Config, host: string | null, port: number | null): Answering | null {
  const [first] = simulate(config, { path: '/', host, port, peer: ANYBODY, headers: [] }).all;
  if (first === undefined || first.walk === null) return null;
  const { socket, server, isByName } = first.walk;
  const others = socket.servers.filter((one) => one !== server);
  return {
    place: server.place,
    name: namesOf(server)[0] ?? null,
    isByName,
    isCatchAll: isCatchAll(server, socket),
    names: [server, ...others].flatMap(namesOf),
    servers: socket.servers.length,
  };
}

/** `_` is no name that anybody calls by: it stands for none. */
const namesOf = ({ names }: Server): string[] => names.filter((name) => name !== '' && name !== '_').map(fromBytes);

function isCatchAll(server: Server, socket: Socket): boolean {
  const isAlone = socket.servers.length === 1 && socket.isDefault;
  return isAlone || (namesOf(server).length === 0 && server.patterns.length === 0);
}
