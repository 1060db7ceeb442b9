import type { Ask } from '../rules/open-questions.ts';
import { matchGlob } from './glob.ts';
import { readHost } from './build-server.ts';
import type { ListenAddress, Server } from './server.ts';

/** All servers of a configuration, the virtual hosts in their order. */
export interface Servers {
  main: Server;
  hosts: readonly Server[];
}

export interface Chosen {
  server: Server;
  /** Null: the configuration names none. */
  port: number | null;
}

/**
 * The server that answers for a host on a port. Without a port it is the one on which the host is served by name, with
 * TLS before without; without a host it is the first of the port. A virtual host with an address goes before those with
 * `*`, so what comes in at which address is asked for when it makes a difference.
 */
export function chooseServer({ main, hosts }: Servers, host: string | null, port: number | null, ask: Ask): Chosen {
  const name = readHost(host);
  const at = port ?? choosePort(hosts, name);
  const candidates = hosts.flatMap((server) =>
    server.addresses.filter((address) => servesPort(address, at)).map((address) => ({ server, address: address.host })),
  );
  const addresses = [...new Set(candidates.map(({ address }) => address))];
  const chains = addresses.map((address) => {
    const chain = candidates.filter((one) => one.address === address).map(({ server }) => server);
    return { address, found: findByName(chain, name), isNamed: chain.some((server) => isNamed(server, name)) };
  });
  const named = chains.filter(({ isNamed: yes }) => yes);
  const [first, ...others] = named.length > 0 ? named : chains;
  if (first === undefined) return { server: main, port: at };
  const different = others.find(
    ({ found, address }) =>
      found !== first.found &&
      !ask(found.place ?? NOWHERE, `whether the request comes in at another address than ${address}`),
  );
  return { server: different?.found ?? first.found, port: at };
}

const NOWHERE = { file: '', line: 0, text: '' };

export const servesPort = ({ port }: ListenAddress, at: number | null): boolean =>
  at === null || port === null || port === at;

/** The port that serves the host by its name; else the first that has TLS, else the first. */
function choosePort(hosts: readonly Server[], name: string | null): number | null {
  const named = hosts.filter((server) => isNamed(server, name));
  const candidates = named.length > 0 ? named : hosts;
  const chosen =
    candidates.find(({ isTls, addresses }) => isTls || addresses.some(({ port }) => port === 443)) ?? candidates[0];
  return chosen?.addresses.find(({ port }) => port !== null)?.port ?? null;
}

const findByName = (chain: readonly Server[], name: string | null): Server =>
  (chain.find((server) => isNamed(server, name)) ?? chain[0]) as Server;

export function isNamed(server: Server, name: string | null): boolean {
  if (name === null) return false;
  return server.name === name || server.aliases.some((alias) => matchGlob(alias, name, false));
}
