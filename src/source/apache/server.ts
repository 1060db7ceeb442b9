import type { Ask } from '../rules/open-questions.ts';
import type { Place } from '../rules/server-rules.ts';
import type { DirConfig } from './dir-config.ts';
import type { Alias, ProxyPass, Redirect } from './mappings.ts';
import { type Pattern, matchGlob } from './pattern.ts';
import type { RemoteIp } from './remote-ip.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import type { EnvRule } from './set-env-if.ts';

/** The main server or one virtual host; a virtual host holds what it inherits, too. */
export interface ApacheServer {
  /** Of its <VirtualHost>; null: the main server. */
  place: Place | null;
  addresses: readonly ListenAddress[];
  /** ServerName, lower case, without a port. */
  name: string | null;
  aliases: readonly string[];
  isTls: boolean;
  /** Of every request, before any section. */
  config: DirConfig;
  directories: readonly DirectorySection[];
  locations: readonly PathSection[];
  proxies: readonly PathSection[];
  rewriteRules: readonly RewriteRule[];
  env: readonly EnvRule[];
  redirects: readonly Redirect[];
  aliasList: readonly Alias[];
  proxyPasses: readonly ProxyPass[];
  documentRoot: { path: string; place: Place } | null;
  accessFile: string;
  mergesSlashes: boolean;
  remoteIp: RemoteIp;
  /** Modules that may refuse who sends too much. */
  guards: readonly { place: Place; text: string }[];
  /** Of everything else: name and words, for traps. */
  settings: readonly { name: string; words: readonly string[]; place: Place }[];
}

export interface ListenAddress {
  /** `*` for any. */
  host: string;
  /** Null: any. */
  port: number | null;
}

export interface PathSection {
  pattern: Pattern;
  config: DirConfig;
  place: Place;
}

export interface DirectorySection extends PathSection {
  /** Segments of the path; 0 for `/`. Those of expressions come last. */
  depth: number;
}

/** All servers of a configuration, the virtual hosts in their order. */
export interface Servers {
  main: ApacheServer;
  hosts: readonly ApacheServer[];
}

export interface ChosenServer {
  server: ApacheServer;
  /** Null: the configuration names none. */
  port: number | null;
}

/**
 * The server that answers for a host on a port. Without a port it is the one on which the host is served by name, with
 * TLS before without; without a host it is the first of the port. A virtual host with an address goes before those with
 * `*`, so what comes in at which address is asked for when it makes a difference.
 */
export function chooseServer(
  { main, hosts }: Servers,
  host: string | null,
  port: number | null,
  ask: Ask,
): ChosenServer {
  const name = withoutPort(host);
  const at = port ?? choosePort(hosts, name);
  const candidates = hosts.flatMap((server) =>
    server.addresses.filter((address) => servesPort(address, at)).map((address) => ({ server, address: address.host })),
  );
  const addresses = [...new Set(candidates.map(({ address }) => address))];
  const chains = addresses.map((address) => {
    const chain = candidates.filter((one) => one.address === address).map(({ server }) => server);
    return { address, found: findHost(chain, name), isNamed: chain.some((server) => servesName(server, name)) };
  });
  const named = chains.filter(({ isNamed: yes }) => yes);
  const [first, ...others] = named.length > 0 ? named : chains;
  if (first === undefined) return { server: main, port: at };
  const different = others.find(
    ({ found, address }) =>
      found !== first.found &&
      !ask(found.place ?? NOWHERE, `whether the request arrives at an address other than ${address}`),
  );
  return { server: different?.found ?? first.found, port: at };
}

const NOWHERE = { file: '', line: 0, text: '' };

export const servesPort = ({ port }: ListenAddress, at: number | null): boolean =>
  at === null || port === null || port === at;

/** The port that serves the host by its name; else the first that has TLS, else the first. */
export function choosePort(hosts: readonly ApacheServer[], name: string | null): number | null {
  const named = hosts.filter((server) => servesName(server, name));
  const candidates = named.length > 0 ? named : hosts;
  const chosen =
    candidates.find(({ isTls, addresses }) => isTls || addresses.some(({ port }) => port === 443)) ?? candidates[0];
  return chosen?.addresses.find(({ port }) => port !== null)?.port ?? null;
}

/** The server of that name, else the first. */
export const findHost = (chain: readonly ApacheServer[], name: string | null): ApacheServer =>
  (chain.find((server) => servesName(server, name)) ?? chain[0]) as ApacheServer;

export function servesName(server: ApacheServer, name: string | null): boolean {
  if (name === null) return false;
  return server.name === name || server.aliases.some((alias) => matchGlob(alias, name, false));
}

/** `host:port` of a ServerName or a Host header, without scheme and port. */
export function withoutPort(text: string | null): string | null {
  if (text === null) return null;
  return text
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/:\d*$/, '')
    .replace(/\.$/, '');
}
