import { addressOf, BITS, readAddress, type Address } from '../address/address.ts';
import { isMapped, networkAround, type Network } from '../address/network.ts';
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
export function readAddressAndPort(text: string): Address | null {
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
        `${name} takes one address or network, and ends with ";"`,
      );
    if (args.length !== 1)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": ${name} takes one address or network`,
        'write one line for each',
      );
    if (who !== 'all' && who !== 'unix:' && readCidr(who) === null)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": nginx takes no such address: ${fromBytes(who)}`,
        'write an address or a CIDR: 192.0.2.0/24',
      );
  }
}
