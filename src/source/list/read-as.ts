// Measured with nginx 1.22.1, Apache 2.4.71, Node 20.20, ipaddr.js 2.5.0, netmask 2.1.1;
// test/source/list/read-as.test.ts holds nginx and Apache to it with the real servers.
import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import {
  addressOf,
  BITS,
  readAddress,
  type Address,
  isMapped,
  networkAround,
  unmapped,
  type Network,
  prefixLengthOfMask,
} from '../address.ts';

/** What one program makes of a text. */
export interface ProgramReading {
  program: string;
  /** `10.1.0.0/16`, `refuses it`. */
  reading: string;
}

/** Null: the program refuses it. A text: what it is, where that is no network. */
type ReadNetwork = (text: string) => Network | string | null;

/** The programs that people give such lists to, and how each reads an entry. */
const READERS: readonly (readonly [program: string, read: ReadNetwork])[] = [
  ['nginx', readAsNginx],
  ['Apache', readAsApache],
  ['Node BlockList', readAsBlockList],
  ['ipaddr.js', readAsIpaddr],
  ['netmask', readAsNetmask],
];

export const REFUSES = 'refuses it';
/** No program reads a longer text as an address, and a pattern could take long over it. */
const MAX_LENGTH = 80;

/** What each program makes of one entry of a list. */
export function readEverywhere(text: string): ProgramReading[] {
  return READERS.map(([program, read]) => {
    const network = text.length > MAX_LENGTH ? null : read(text);
    return {
      program,
      reading: network === null ? REFUSES : typeof network === 'string' ? network : shortText(network),
    };
  });
}

const shortText = ({ family, prefixLength, first, text }: Network): string =>
  prefixLength === BITS[family] ? first.text : text;

/**
 * Reads four decimal numbers, each of which may be empty.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/core/ngx_inet.c
 */
function readAsNginx(text: string): Network | string | null {
  if (text === 'all') return 'every address';
  if (text === 'unix:') return 'callers on a Unix socket';
  const [written = '', prefix] = splitAtSlash(text);
  const address = /^\d*(\.\d*){3}$/.test(written)
    ? readDecimal(written)
    : /^([0-9a-f]+:){7}:$/i.test(written)
      ? null
      : readIpv6(written);
  if (address === null || address.text === '255.255.255.255') return null;
  const network = ofPrefix(address, prefix, /^\d{1,9}$/);
  return network !== null && isMapped(network) ? `${shortText(network)}, which matches no IPv4 caller` : network;
}

/** https://github.com/apache/apr/blob/1.7.x/network_io/unix/sockaddr.c: apr_ipsubnet_create. */
function readAsApache(text: string): Network | string | null {
  const [written = '', mask] = splitAtSlash(text);
  const address = /^\d+(\.\d+){3}$/.test(written) ? readDecimal(written) : readIpv6(written);
  if (address === null) return mask === undefined ? readPartial(text) : null;
  if (isMapped(address)) return null;
  if (mask === undefined || /^[+-]?\d+$/.test(mask))
    return Number(mask) === 0 ? null : ofPrefix(address, mask, /^\+?\d{1,9}$/);
  const bits = address.family === 4 && /^\d+(\.\d+){3}$/.test(mask) ? readDecimal(mask) : null;
  if (bits === null) return null;
  const prefixLength = prefixLengthOfMask(bits);
  return prefixLength === null
    ? `every address that equals ${address.text} in the bits of ${bits.text}`
    : networkAround(address, prefixLength);
}

/** `10.1` and `10.1.` are 10.1.0.0/16 to Apache. */
function readPartial(text: string): Network | null {
  if (text.length > 15 || !/^\d+(\.\d+){0,3}\.?$/.test(text)) return null;
  const parts = text.replace(/\.$/, '').split('.');
  const address = readDecimal([...parts, '0', '0', '0'].slice(0, 4).join('.'));
  return address === null ? null : networkAround(address, parts.length * 8);
}

/** Reads as users of BlockList do: the prefix goes through `Number`, so an empty one is /0. */
function readAsBlockList(text: string): Network | null {
  const [written = '', prefix] = text.split('/');
  const family = written.includes(':') ? 'ipv6' : 'ipv4';
  // A number that is no integer to Node's C++ ends the whole process there, and no `catch` is asked.
  if (Object.is(Number(prefix), -0)) return null;
  const list = new BlockList();
  try {
    if (prefix === undefined) list.addAddress(written, family);
    else list.addSubnet(written, Number(prefix), family);
  } catch {
    return null;
  }
  const address = family === 'ipv4' ? readAddress(written) : readIpv6(written.replace(/%.*$/s, ''));
  return address === null
    ? null
    : unmapped(networkAround(address, prefix === undefined ? BITS[address.family] : Number(prefix)));
}

function readAsIpaddr(text: string): Network | string | null {
  try {
    if (!text.includes('/')) return ipaddr.process(text).toString();
    const [address, prefixLength] = ipaddr.parseCIDR(text);
    return networkAround(ofIpaddr(address), prefixLength);
  } catch {
    return null;
  }
}

/** Numbers as the C library reads them (`010` is 8), masks in several forms, and no check of a negative prefix. */
function readAsNetmask(text: string): Network | string | null {
  const [written = '', mask = ''] = text.split('/');
  const address = written.includes(':') ? readIpv6(written.replace(/%.*$/s, '')) : readClassic(written);
  if (address === null) return null;
  if (mask === '') return networkAround(address, BITS[address.family]);
  if (mask.includes('.')) {
    const bits = address.family === 4 ? readClassic(mask) : null;
    const prefixLength = bits === null || bits.value === 0n ? null : prefixLengthOfMask(bits);
    return prefixLength === null ? null : networkAround(address, prefixLength);
  }
  const prefixLength = Number.parseInt(mask, 10);
  if (Number.isNaN(prefixLength) || prefixLength > BITS[address.family]) return null;
  return prefixLength < 0 ? (address.family === 4 ? 'every IPv4 address' : null) : networkAround(address, prefixLength);
}

/** Decimal in spite of leading zeros; an empty number is 0. */
function readDecimal(text: string): Address | null {
  const octets = text.split('.').map(Number);
  return octets.some((octet) => octet > 255)
    ? null
    : addressOf(
        4,
        octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n),
      );
}

/** `10.1` is 10.0.0.1, `010` octal, `0x0a` hexadecimal. */
function readClassic(text: string): Address | null {
  return ipaddr.IPv4.isValid(text) ? ofIpaddr(ipaddr.IPv4.parse(text)) : null;
}

function ofIpaddr(address: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const bytes = address.toByteArray();
  return addressOf(
    bytes.length === 4 ? 4 : 6,
    bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
  );
}

/** IPv6, also with a tail in dotted decimal: `64:ff9b::192.0.2.1`. */
export function readIpv6(text: string): Address | null {
  const [, head = '', tail] = /^(.*:)([\d.]{7,15})$/s.exec(text) ?? [];
  const within = tail === undefined ? null : readAddress(tail);
  if (tail?.includes('.') && within === null) return null;
  const address =
    within === null
      ? readAddress(text)
      : readAddress(`${head}${(within.value >> 16n).toString(16)}:${(within.value & 0xffffn).toString(16)}`);
  return address?.family === 6 ? address : null;
}

function ofPrefix(address: Address, prefix: string | undefined, form: RegExp): Network | null {
  if (prefix === undefined) return networkAround(address, BITS[address.family]);
  return form.test(prefix) && Number(prefix) <= BITS[address.family] ? networkAround(address, Number(prefix)) : null;
}

/** Splits at the first slash: everything after it is the prefix. */
function splitAtSlash(text: string): [string, string?] {
  const at = text.indexOf('/');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
