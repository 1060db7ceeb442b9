import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { AppError } from '../model/error.ts';

/** curl's `--resolve`: connections to `host:port` go to these addresses, without asking DNS. */
export interface ResolveRule {
  /** Lower case, without brackets; `*` matches every host. */
  host: string;
  port: number;
  addresses: readonly string[];
}

/** curl's `--connect-to`: connections to `host:port` go to another host and port; null means any, or unchanged. */
export interface ConnectToRule {
  fromHost: string | null;
  fromPort: number | null;
  toHost: string | null;
  toPort: number | null;
}

export interface ConnectRule {
  host: string;
  port: number;
  /** The addresses to connect to; null asks DNS. */
  addresses: readonly string[] | null;
  /** The name is one of this machine's own, and no rule leads it elsewhere. */
  isLocalhost: boolean;
}

/** Reads `HOST:PORT:ADDRESS[,ADDRESS]…` (https://curl.se/docs/manpage.html#--resolve). Throws AppError `usage`. */
export function parseResolveRule(text: string): ResolveRule {
  const parts = /^\+?(\[[^\]]+\]|[^:[\]]+):(\d+):(.+)$/.exec(text.trim());
  const addresses = parts?.[3]?.split(',').map(withoutBrackets) ?? [];
  if (parts === null || !isPort(parts[2]) || addresses.length === 0) {
    throw wrongRule(
      '--resolve',
      text,
      'HOST:PORT:ADDRESS[,ADDRESS], for example --resolve hooks.example.com:443:127.0.0.1',
    );
  }
  const notAnAddress = addresses.find((address) => isIP(address) === 0);
  if (notAnAddress !== undefined) {
    throw wrongRule('--resolve', text, `an IP address instead of "${notAnAddress}"; use --connect-to for a host name`);
  }
  return { host: hostOf(parts[1] as string), port: Number(parts[2]), addresses };
}

/** Reads `HOST1:PORT1:HOST2:PORT2`, each part may be empty (https://curl.se/docs/manpage.html#--connect-to). */
export function parseConnectToRule(text: string): ConnectToRule {
  const parts = /^(\[[^\]]+\]|[^:[\]]*):(\d*):(\[[^\]]+\]|[^:[\]]*):(\d*)$/.exec(text.trim());
  if (parts === null || !isPortOrEmpty(parts[2]) || !isPortOrEmpty(parts[4])) {
    throw wrongRule(
      '--connect-to',
      text,
      'HOST1:PORT1:HOST2:PORT2, for example --connect-to hooks.example.com:443:localhost:8443',
    );
  }
  return {
    fromHost: hostOrNull(parts[1]),
    fromPort: portOrNull(parts[2]),
    toHost: hostOrNull(parts[3]),
    toPort: portOrNull(parts[4]),
  };
}

/** Where a connection for `host:port` really goes: `--connect-to` first, then `--resolve` for what came out. */
export function findRoute(
  host: string,
  port: number,
  rules: { resolve: readonly ResolveRule[]; connectTo: readonly ConnectToRule[] },
): ConnectRule {
  const named = hostOf(host);
  const moved = rules.connectTo.find((rule) => (rule.fromHost ?? named) === named && (rule.fromPort ?? port) === port);
  const toHost = moved?.toHost ?? named;
  const toPort = moved?.toPort ?? port;
  const pinned = rules.resolve.find((rule) => (rule.host === '*' || rule.host === toHost) && rule.port === toPort);
  return {
    host: toHost,
    port: toPort,
    addresses: pinned?.addresses ?? (toHost.endsWith('.localhost') ? LOOPBACK : null),
    isLocalhost: pinned === undefined && (toHost === 'localhost' || toHost.endsWith('.localhost')),
  };
}

/** Names below `localhost` are this machine (RFC 6761 §6.3); not every system's resolver knows that, curl does. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

function wrongRule(flag: string, text: string, expected: string): AppError {
  return new AppError('usage', `${flag} "${text}" cannot be read`, { hint: `expected ${expected}` });
}

const withoutBrackets = (host: string): string => host.trim().replace(/^\[(.*)\]$/, '$1');
const hostOrNull = (text = ''): string | null => (text === '' ? null : hostOf(text));

/** A host as a URL has it: in lower case, ASCII (`bücher.example` is `xn--bcher-kva.example`), without a last dot. */
function hostOf(text: string): string {
  const host = withoutBrackets(text).toLowerCase();
  if (host === '*' || isIP(host) !== 0) return host;
  return (domainToASCII(host) || host).replace(/\.$/, '');
}

const portOrNull = (text = ''): number | null => (text === '' ? null : Number(text));
const isPort = (text = ''): boolean => Number(text) >= 1 && Number(text) <= 65_535;
const isPortOrEmpty = (text = ''): boolean => text === '' || isPort(text);
