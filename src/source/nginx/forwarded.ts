import type { Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import { readAddressAndPort } from './cidr.ts';
import { isAmong } from './geo.ts';

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
