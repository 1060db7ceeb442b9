import { findAddresses } from '../../certs/probe/find-addresses.ts';
import { findRoute, parseConnectToRule, parseResolveRule, type Route } from '../../deliver/rules.ts';

export interface WayOptions {
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Instead of the URL's host: SNI, and the name the server's certificate must carry. */
  servername?: string;
  /** Where to look for the webhook in plain http: 80 for an https port of 443, else the port itself. */
  plainPort: readonly number[];
  /** Milliseconds for everything together, looking the name up too. */
  maxTime: number;
}

/** Where the calls go. */
export interface Way {
  name: string;
  host: string;
  port: number;
  addresses: readonly string[];
  isLocalhost: boolean;
  leftOut: number;
  /** Why the host's name leads nowhere; null when it leads somewhere. */
  lookupError: string | null;
  /** Of `maxTime`, what is left. */
  timeLeftMs: number;
  /** Empty when it is led elsewhere by a rule that says nothing of plain http. */
  plainPorts: readonly { host: string; port: number; asked: number }[];
}

/** From the URL and the rules of `--resolve`, `--connect-to` and `--plain-port`. Throws AppError `usage`. */
export async function findWay(url: URL, options: WayOptions): Promise<Way> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const rules = {
    resolve: options.resolve.map(parseResolveRule),
    connectTo: options.connectTo.map(parseConnectToRule),
  };
  const port = Number(url.port) || 443;
  const route = findRoute(host, port, rules);
  const until = performance.now() + options.maxTime;
  const timeLeftMs = (): number => Math.max(1, until - performance.now());
  const { addresses, leftOut, lookupError } = await findAddresses(route.host, route.addresses, timeLeftMs());
  const isLedAway = (to: Route, from: number): boolean => to.host !== host.toLowerCase() || to.port !== from;
  const plainPorts = (options.plainPort.length > 0 ? options.plainPort : [port === 443 ? 80 : port])
    .map((asked) => ({ asked, to: findRoute(host, asked, rules) }))
    .filter(({ asked, to }) => options.plainPort.length > 0 || !isLedAway(route, port) || isLedAway(to, asked));
  // Whoever led the https calls elsewhere does not want others to go where DNS leads.
  const hostsOf = async (to: Route): Promise<readonly string[]> =>
    to.addresses ??
    ([host.toLowerCase(), route.host].includes(to.host)
      ? addresses
      : (await findAddresses(to.host, null, timeLeftMs())).addresses);
  const plainHosts = await Promise.all(
    plainPorts.map(async ({ asked, to }) => (await hostsOf(to)).map((one) => ({ asked, host: one, port: to.port }))),
  );
  return {
    name: options.servername ?? host,
    host: route.host,
    port: route.port,
    addresses,
    isLocalhost: route.host === 'localhost' && route.addresses === null,
    leftOut,
    lookupError,
    timeLeftMs: timeLeftMs(),
    plainPorts: plainHosts.flat(),
  };
}
