import type { Answering } from '../rules/server-rules.ts';
import { readHost } from './build-server.ts';
import { chooseServer, isNamed, servesPort, type Servers } from './choose-server.ts';
import type { Server } from './server.ts';

/** The virtual host that answers, or the main server. */
export function findAnswering(servers: Servers, host: string | null, port: number | null): Answering {
  const { server, port: at } = chooseServer(servers, host, port, () => true);
  const ofPort = servers.hosts.filter(({ addresses }) => addresses.some((address) => servesPort(address, at)));
  const others = ofPort.filter((one) => one !== server);
  return {
    place: server.place,
    name: server.name,
    isByName: isNamed(server, readHost(host)),
    // Apache's main server takes every name where no virtual host is.
    isCatchAll: namesOf(server).length === 0 || ofPort.length === 0,
    names: [server, ...others].flatMap(namesOf),
    servers: Math.max(ofPort.length, 1),
  };
}

const namesOf = ({ name, aliases }: Server): string[] => [...(name === null ? [] : [name]), ...aliases];
