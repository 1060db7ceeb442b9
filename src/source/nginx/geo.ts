import { addressOf, type Address } from '../address/address.ts';
import { hasAddress, networkAround, type Network } from '../address/network.ts';
import { readCidr, readNginxAddress, unmap } from './addresses.ts';
import { syntaxError } from './lex.ts';
import type { NginxDirective } from './parse.ts';

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
}

export interface GeoEntry {
  first: Address;
  last: Address;
  /** Longer wins. In ranges the later one does. */
  prefixLength: number;
  value: string;
}

const OPTIONS = new Set(['default', 'delete', 'proxy', 'ranges', 'proxy_recursive', 'include']);
const NOWHERE = addressOf(4, 0xffff_ffffn);

export function readGeo({ args, block }: NginxDirective): Geo {
  const lines = block ?? [];
  const isRanges = lines.some(({ name }) => name === 'ranges');
  const read = isRanges ? readRange : readNetwork;
  const entries = new Map<string, GeoEntry>();
  for (const line of lines) {
    const isDelete = line.name === 'delete';
    if (OPTIONS.has(line.name) && !isDelete) continue;
    const text = isDelete ? (line.args[0] ?? '') : line.name;
    const entry = read(text, line.args[0] ?? '');
    if (entry === null)
      throw syntaxError(line.place.file, line.place.line, `"${line.place.text}": nginx takes no such network in geo`);
    const key = `${entry.first.text}-${entry.last.text}`;
    entries.delete(key);
    if (!isDelete) entries.set(key, entry);
  }
  return {
    source: args.length > 1 ? (args[0] ?? '').slice(1) : null,
    isRanges,
    entries: [...entries.values()],
    networks: [...entries.values()].flatMap(networksOf),
    otherwise: lines.findLast(({ name }) => name === 'default')?.args[0] ?? '',
    proxies: lines
      .filter(({ name }) => name === 'proxy')
      .flatMap((line) => readCidr(line.args[0] ?? '')?.network ?? []),
    isRecursive: lines.some(({ name }) => name === 'proxy_recursive'),
  };
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
  const covering = geo.entries.filter(
    ({ first, last }) => first.family === one.family && one.value >= first.value && one.value <= last.value,
  );
  const best = geo.isRanges
    ? covering.at(-1)
    : covering.reduce<GeoEntry | undefined>(
        (longest, entry) => (longest === undefined || entry.prefixLength > longest.prefixLength ? entry : longest),
        undefined,
      );
  return best?.value ?? geo.otherwise;
}

const networksOf = ({ first, last, prefixLength }: GeoEntry): Network[] =>
  prefixLength > 0 ? [networkAround(first, prefixLength)] : [networkAround(first, 32), networkAround(last, 32)];

export const isAmong = (networks: readonly Network[], address: Address): boolean =>
  networks.some((network) => hasAddress(network, unmap(address)));
