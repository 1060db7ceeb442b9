import type { Network } from '../address/network.ts';
import { cidrOf } from './cidr.ts';
import { findForwarded } from './forwarded.ts';
import { effective, isOn, setting, type Level } from './levels.ts';
import type { Directive } from './parse.ts';
import { assume, type Walk } from './walk.ts';

/** The header that a level takes the caller's address from. */
export const realIpHeader = (level: Level): string => setting(level, 'real_ip_header') ?? 'X-Real-IP';

/**
 * Puts the address from a header in the place of the peer's, once for a request: after the server is known, or, where the
 * settings stand in a location, before its `allow` and `deny`. https://nginx.org/en/docs/http/ngx_http_realip_module.html
 */
export function takeRealAddress(walk: Walk): void {
  const from = effective(walk.level, 'set_real_ip_from');
  if (walk.isRealAddress || from.length === 0) return;
  const proxies = readProxies(from);
  walk.networks.add(proxies);
  const header = realIpHeader(walk.level);
  walk.readHeaders.add(header);
  const values = header === 'proxy_protocol' ? [] : walk.headers.all(header);
  const found =
    header === 'proxy_protocol'
      ? null
      : findForwarded(
          walk.request.peer,
          header.toLowerCase() === 'x-forwarded-for' ? values : values.slice(0, 1),
          proxies,
          isOn(walk.level, 'real_ip_recursive', false),
        );
  assumeTheRest(walk, from, header);
  if (found === null) return;
  walk.address = found;
  walk.isRealAddress = true;
}

/** Names are resolved when nginx starts, and the PROXY protocol comes before the request. */
function assumeTheRest(walk: Walk, from: readonly Directive[], header: string): void {
  const [first] = from;
  if (header === 'proxy_protocol' && first !== undefined)
    assume(walk, { place: first.place, text: 'the caller is taken to be whom the PROXY protocol names' });
  const named = from.find((line) => line.args[0] !== 'unix:' && cidrOf(line) === null);
  if (named !== undefined) assume(walk, { place: named.place, text: `no caller is taken to be ${named.args[0]}` });
}

export const readProxies = (from: readonly Directive[]): Network[] =>
  from.flatMap((line) => cidrOf(line)?.network ?? []);
