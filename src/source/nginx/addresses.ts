import { addressOf, BITS, readAddress, type Address, isMapped, networkAround, type Network } from '../address.ts';
import { hasAny, makeFindByAddress, makeFindNetworks, maskedOf } from '../find-by-address.ts';
import { networksBetween } from '../rules/compared-as-text.ts';
import { onceFor } from '../rules/once.ts';
import { makeGeoRanges } from './geo-ranges.ts';
import { fromBytes, syntaxError } from './lex.ts';
import type { NginxDirective } from './parse.ts';

const NO_ADDRESS = 0xffff_ffffn;
const MAX_LENGTH = 64;

/** A network as nginx takes it, and whether bits were set behind the prefix (nginx drops them, with a warning). */
export interface Cidr {
  network: Network;
  hasHostBits: boolean;
}

/**
 * An address as nginx reads it: leading zeros are decimal, an empty part is 0, and 255.255.255.255 is none.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/core/ngx_inet.c#L14
 */
export function readNginxAddress(text: string): Address | null {
  if (text.length > MAX_LENGTH) return null;
  const value = readFourParts(text);
  if (value !== null) return value === NO_ADDRESS ? null : addressOf(4, value);
  const tail = /^(.*:)(\d[\d.]*\.[\d.]*)$/.exec(text);
  if (tail === null) return readAddress(text);
  const last = readFourParts(tail[2] as string);
  return last === null ? null : readAddress(`${tail[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`);
}

function readFourParts(text: string): bigint | null {
  if (!/^\d*(\.\d*){3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  return parts.some((part) => part > 255) ? null : parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** An address or a CIDR; null for what nginx refuses (`10.1`, `x/255.255.255.0`, `x/`). */
export function readCidr(text: string): Cidr | null {
  const [host = '', prefix, ...more] = text.split('/');
  const address = readNginxAddress(host);
  if (address === null || more.length > 0) return null;
  if (prefix === undefined) return { network: networkAround(address, BITS[address.family]), hasHostBits: false };
  if (!/^\d{1,9}$/.test(prefix) || Number(prefix) > BITS[address.family]) return null;
  const network = networkAround(address, Number(prefix));
  return { network, hasHostBits: network.first.value !== address.value };
}

const known = new WeakMap<NginxDirective, Cidr | null>();

/** That of `allow`, `deny` or `set_real_ip_from`, read once: lists are long, and asked often. */
export function cidrOf(directive: NginxDirective): Cidr | null {
  const before = known.get(directive);
  if (before !== undefined) return before;
  const cidr = readCidr(directive.args[0] ?? '');
  known.set(directive, cidr);
  return cidr;
}

/** The address with a port behind it, as X-Forwarded-For may have it; `[…]` around IPv6 is wanted then. */
function readAddressAndPort(text: string): Address | null {
  const whole = readNginxAddress(text);
  if (whole !== null) return whole;
  const found = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3] ?? 0);
  return found === null || port < 1 || port > 65_535 ? null : readNginxAddress(found[1] ?? found[2] ?? '');
}

/** The IPv4 address within `::ffff:a.b.c.d`; any other as it is. */
export const unmap = (address: Address): Address =>
  isMapped(address) ? addressOf(4, address.value & NO_ADDRESS) : address;

/** Throws AppError `input` for an `allow` or `deny` that nginx does not start with. */
export function checkAllowAndDeny(directives: readonly NginxDirective[]): void {
  for (const { name, args, block, place, brokenAt } of directives) {
    if (block !== null && !name.endsWith('_by_lua_block')) checkAllowAndDeny(block);
    if ((name !== 'allow' && name !== 'deny') || block !== null) continue;
    const [who = ''] = args;
    if (args.length > 1 && brokenAt !== undefined)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": a ";" seems to be missing at the end of line ${brokenAt}`,
        `${name} accepts one address or network, and ends with ";"`,
      );
    if (args.length !== 1)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": ${name} accepts one address or network`,
        'write one line per address',
      );
    if (who !== 'all' && who !== 'unix:' && readCidr(who) === null)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": not an address that nginx accepts: ${fromBytes(who)}`,
        'write an address or a CIDR: 192.0.2.0/24',
      );
  }
}

/** A `geo { }` block: a value for an address. https://nginx.org/en/docs/http/ngx_http_geo_module.html */
export interface Geo {
  /** The variable that holds the address; null: that of the caller. */
  source: string | null;
  isRanges: boolean;
  entries: readonly GeoEntry[];
  /** Those of the entries; a range as its ends. */
  networks: readonly Network[];
  otherwise: string;
  /** Whose X-Forwarded-For is believed. */
  proxies: readonly Network[];
  isRecursive: boolean;
  /** Looked up each time anew: nginx 1.29.3. */
  isVolatile: boolean;
}

export interface GeoEntry {
  first: Address;
  last: Address;
  /** Longer wins; ranges are apart. */
  prefixLength: number;
  value: string;
}

const OPTIONS = new Set(['default', 'delete', 'proxy', 'ranges', 'proxy_recursive', 'include', 'volatile']);
const NOWHERE = addressOf(4, 0xffff_ffffn);

export function readGeo({ args, block }: NginxDirective): Geo {
  const lines = block ?? [];
  const isRanges = lines.some(({ name }) => name === 'ranges');
  const entries = (isRanges ? readRanges : readNetworks)(
    lines.filter(({ name }) => name === 'delete' || !OPTIONS.has(name)),
  );
  return {
    source: args.length > 1 ? (args[0] ?? '').slice(1) : null,
    isRanges,
    entries,
    networks: entries.flatMap(networksOf),
    otherwise: lines.findLast(({ name }) => name === 'default')?.args[0] ?? '',
    proxies: lines
      .filter(({ name }) => name === 'proxy')
      .flatMap((line) => readCidr(line.args[0] ?? '')?.network ?? []),
    isRecursive: lines.some(({ name }) => name === 'proxy_recursive'),
    isVolatile: lines.some(({ name }) => name === 'volatile'),
  };
}

/** The network or range that a line is about. */
function readEntry(line: NginxDirective, read: typeof readNetwork): GeoEntry {
  const entry = read(line.name === 'delete' ? (line.args[0] ?? '') : line.name, line.args[0] ?? '');
  if (entry === null)
    throw syntaxError(
      line.place.file,
      line.place.line,
      `"${line.place.text}": not a network that nginx accepts in geo`,
    );
  return entry;
}

function readNetworks(lines: readonly NginxDirective[]): GeoEntry[] {
  const entries = new Map<string, GeoEntry>();
  for (const line of lines) {
    const entry = readEntry(line, readNetwork);
    const key = `${entry.first.text}-${entry.last.text}`;
    entries.delete(key);
    if (line.name !== 'delete') entries.set(key, entry);
  }
  return [...entries.values()];
}

function readRanges(lines: readonly NginxDirective[]): GeoEntry[] {
  const ranges = makeGeoRanges<GeoEntry>();
  for (const line of lines) {
    const entry = readEntry(line, readRange);
    const [first, last] = [Number(entry.first.value), Number(entry.last.value)];
    if (line.name === 'delete') ranges.remove(first, last);
    else if (!ranges.add(first, last, entry))
      throw syntaxError(
        line.place.file,
        line.place.line,
        `"${line.place.text}": the range overlaps another`,
        'write a nested range after the range that contains it, and let no two ranges overlap partly',
      );
  }
  return ranges.list().map(({ first, last, item }) => ({
    ...item,
    first: addressOf(4, BigInt(first)),
    last: addressOf(4, BigInt(last)),
  }));
}

function readNetwork(text: string, value: string): GeoEntry | null {
  if (text === NOWHERE.text) return { first: NOWHERE, last: NOWHERE, prefixLength: 32, value };
  const cidr = readCidr(text);
  return cidr === null ? null : { ...cidr.network, value };
}

function readRange(text: string, value: string): GeoEntry | null {
  const [from, to, ...more] = text.split('-').map(readNginxAddress);
  if (from?.family !== 4 || to?.family !== 4 || more.length > 0 || from.value > to.value) return null;
  return { first: from, last: to, prefixLength: 0, value };
}

/** The value for an address; null for a text that was none. */
export function findInGeo(geo: Geo, address: Address | null): string {
  const asked = address === null ? NOWHERE : unmap(address);
  // Ranges know IPv4 alone: any other address counts as 255.255.255.255.
  const one = geo.isRanges && asked.family === 6 ? NOWHERE : asked;
  // The longest prefix is found first; ranges are apart.
  for (const { value } of findEntries(geo)(one)) return value;
  return geo.otherwise;
}

const findEntries = onceFor(({ entries, isRanges }: Geo) =>
  makeFindByAddress(entries, ({ first, last, prefixLength }) =>
    (isRanges ? networksBetween(4, first.value, last.value) : [networkAround(first, prefixLength)]).map(maskedOf),
  ),
);

const networksOf = ({ first, last, prefixLength }: GeoEntry): Network[] =>
  prefixLength > 0 ? [networkAround(first, prefixLength)] : [networkAround(first, 32), networkAround(last, 32)];

const isAmong = (networks: readonly Network[], address: Address): boolean =>
  hasAny(findProxies(networks)(unmap(address)));

const findProxies = onceFor(makeFindNetworks);

/** The same list each time that the same lines are asked. */
export const readProxies = onceFor((from: readonly NginxDirective[]): readonly Network[] =>
  from.flatMap((line) => cidrOf(line)?.network ?? []),
);

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
