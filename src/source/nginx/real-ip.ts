import type { Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import { cidrOf, readAddressAndPort } from './addresses.ts';
import { isAmong } from './geo.ts';
import { effective, isOn, setting, type NginxLevel } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { assume, type RequestState } from './request-state.ts';

/** The header that a level takes the caller's address from. */
export const realIpHeader = (level: NginxLevel): string => setting(level, 'real_ip_header') ?? 'X-Real-IP';

/**
 * Puts the address from a header in the place of the peer's, once for a request: after the server is known, or, where
 * the settings stand in a location, before its `allow` and `deny`.
 * https://nginx.org/en/docs/http/ngx_http_realip_module.html
 */
export function takeRealAddress(state: RequestState): void {
  const from = effective(state.level, 'set_real_ip_from');
  if (state.isRealAddress || from.length === 0) return;
  const proxies = readProxies(from);
  state.networks.add(proxies);
  const header = realIpHeader(state.level);
  state.readHeaders.add(header);
  const values = header === 'proxy_protocol' ? [] : state.headers.all(header);
  const found =
    header === 'proxy_protocol'
      ? null
      : findForwarded(
          state.request.peer,
          header.toLowerCase() === 'x-forwarded-for' ? values : values.slice(0, 1),
          proxies,
          isOn(state.level, 'real_ip_recursive', false),
        );
  assumeTheRest(state, from, header);
  if (found === null) return;
  state.address = found;
  state.isRealAddress = true;
}

/** Names are resolved when nginx starts, and the PROXY protocol comes before the request. */
function assumeTheRest(state: RequestState, from: readonly NginxDirective[], header: string): void {
  const [first] = from;
  if (header === 'proxy_protocol' && first !== undefined)
    assume(state, { place: first.place, text: 'the caller is taken to be whom the PROXY protocol names' });
  const named = from.find((line) => line.args[0] !== 'unix:' && cidrOf(line) === null);
  if (named !== undefined) assume(state, { place: named.place, text: `no caller is taken to be ${named.args[0]}` });
}

export const readProxies = (from: readonly NginxDirective[]): Network[] =>
  from.flatMap((line) => cidrOf(line)?.network ?? []);

/**
 * The address that a list of forwarders comes to, read from its end: each is believed when the one behind it is a known
 * proxy. Null: the peer itself is believed.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_core_module.c#L2792
 */
export function findForwarded(
  peer: Address,
  headers: readonly string[],
  proxies: readonly Network[],
  isRecursive: boolean,
): Address | null {
  // A later header is nearer to this server. Without recursion the last word of the last header is all there is.
  const words = headers.toReversed().flatMap((header) => wordsOf(header).toReversed());
  let found: Address | null = null;
  for (const word of isRecursive ? words : words.slice(0, 1)) {
    if (!isAmong(proxies, found ?? peer)) return found;
    const address = readAddressAndPort(word);
    if (address === null) return found;
    found = address;
  }
  return found;
}

/** An empty header is a word that is no address: nginx stops there. */
function wordsOf(header: string): string[] {
  const words = header.split(/[ ,]+/).filter((word) => word !== '');
  return words.length === 0 ? [''] : words;
}
