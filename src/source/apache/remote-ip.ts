import { isAbsolute, join } from 'node:path';
import { readPeer, type Address, isAnyones } from '../address.ts';
import { makeFindCandidates } from '../find-by-address.ts';
import { onceFor } from '../rules/once.ts';
import { networkOf, hasCaller, looksLikeAddress, readSubnet, type Subnet } from './subnet.ts';
import type { Place, ReadIncluded } from '../rules/server-rules.ts';
import { configError, type ApacheDirective, splitWords } from './parse.ts';
import type { RequestContext } from './request-context.ts';

export interface RemoteIp {
  header: { name: string; place: Place } | null;
  /** Null: any peer is believed. */
  proxies: readonly TrustedProxy[] | null;
  proxyProtocol: Place | null;
  /** Who begins no connection with the PROXY protocol. */
  exceptions: readonly TrustedProxy[];
}

export interface TrustedProxy {
  /** Null: a name that was looked up when Apache started. */
  subnet: Subnet | null;
  isInternal: boolean;
  text: string;
  place: Place;
}

const PRIVATE = ['10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']
  .map((text) => readSubnet(text))
  .filter((subnet) => subnet !== null);
const GLOBAL_V6 = readSubnet('2000::/3');

/** What the directives of one server say to mod_remoteip. */
export function readRemoteIp(directives: readonly ApacheDirective[], read: ReadIncluded, root: string): RemoteIp {
  const header = directives.findLast(({ name }) => name === 'remoteipheader');
  const proxies = directives.flatMap((directive) => readProxies(directive, read, root));
  const protocol = directives.findLast(({ name }) => name === 'remoteipproxyprotocol');
  return {
    header: header?.words[0] === undefined ? null : { name: header.words[0], place: header.place },
    proxies: proxies.length === 0 ? null : proxies,
    proxyProtocol: protocol?.words[0]?.toLowerCase() === 'on' ? protocol.place : null,
    exceptions: directives
      .filter(({ name }) => name === 'remoteipproxyprotocolexceptions')
      .flatMap(({ words, place }) => words.map((word) => readTrusted(word, true, place))),
  };
}

function readProxies({ name, words, place }: ApacheDirective, read: ReadIncluded, root: string): TrustedProxy[] {
  if (!/^remoteip(?:internal|trusted)proxy(?:list)?$/.test(name)) return [];
  const isInternal = name.includes('internal');
  const texts = name.endsWith('list') ? readList(words[0] ?? '', place, read, root) : words;
  return texts.map((text) => readTrusted(text, isInternal, place));
}

function readTrusted(text: string, isInternal: boolean, place: Place): TrustedProxy {
  const subnet = readSubnet(text);
  if (subnet === null && (looksLikeAddress(text.split('/')[0] ?? '') || text.includes('/')))
    throw configError(place, `RemoteIP: error parsing IP ${text}`);
  return { subnet, isInternal, text, place };
}

function readList(file: string, place: Place, read: ReadIncluded, root: string): string[] {
  const path = isAbsolute(file) ? file : join(root, file);
  const [found] = read(path);
  if (found === undefined) throw configError(place, `could not open ${path}`);
  return found.text.split('\n').flatMap((line) => {
    const words = splitWords(line);
    const comment = words.findIndex((word) => word.startsWith('#'));
    return comment === -1 ? words : words.slice(0, comment);
  });
}

/**
 * Whom mod_remoteip takes the request for: from the right of the header on, as long as who vouches for an address is
 * trusted. A proxy that is not internal cannot vouch for a private address. What was taken is gone from the header.
 */
export function findCaller({ header, proxies }: RemoteIp, context: RequestContext): Address {
  const { peer, headers, ask } = context;
  const text = header === null ? undefined : headers.get(header.name.toLowerCase());
  if (header === null || text === undefined) return peer;
  const parts = text.split(',').map((part) => part.trim());
  let isInternal = proxies !== null;
  let caller = peer;
  while (parts.length > 0) {
    if (proxies !== null) {
      const trusted = candidatesOf(proxies)(caller).find((proxy) => isFrom(proxy, caller, context));
      if (trusted === undefined) break;
      isInternal &&= trusted.isInternal;
    }
    const claimed = readClaim(parts.at(-1) ?? '', header.place, ask);
    if (claimed === null || (!isInternal && !isGlobal(claimed))) break;
    parts.pop();
    caller = claimed;
  }
  if (parts.length === 0) headers.delete(header.name.toLowerCase());
  else headers.set(header.name.toLowerCase(), parts.join(', '));
  return caller;
}

const candidatesOf = onceFor((proxies: readonly TrustedProxy[]) =>
  makeFindCandidates(proxies, ({ subnet }) => (subnet === null ? null : [subnet])),
);

function isFrom({ subnet, text, place }: TrustedProxy, address: Address, { ask }: RequestContext): boolean {
  return subnet === null
    ? ask(place, `whether ${text} was ${address.text} when Apache started`)
    : hasCaller(subnet, address);
}

/** Apache looks up names there, too: this machine stands for whatever address it finds. */
function readClaim(text: string, place: Place, ask: RequestContext['ask']): Address | null {
  const address = readPeer(text);
  if (address !== null || !/^[\w-]+(?:\.[\w-]+)*\.?$/.test(text)) return address;
  return ask(place, `whether the name ${text} in the header has an address`) ? readPeer('127.0.0.1') : null;
}

function isGlobal(address: Address): boolean {
  if (address.family === 6) return GLOBAL_V6 !== null && hasCaller(GLOBAL_V6, address);
  return !PRIVATE.some((subnet) => hasCaller(subnet, address));
}

/** Whether anybody is believed, over either family. */
export function trustsAnybody({ header, proxies }: RemoteIp): boolean {
  return (
    header !== null &&
    (proxies === null || proxies.some(({ subnet }) => subnet !== null && isAnyones(networkOf(subnet))))
  );
}
