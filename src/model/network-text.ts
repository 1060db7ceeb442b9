import { isIP } from 'node:net';

/** IPv4 within IPv6 is written in one form alone: others are read differently by other programs. */
const MAPPED = /^::ffff:[\d.]+$/i;

/** Whether it is an address, or a network such as `192.0.2.0/24` or `2001:db8::/32`: no name, no zone, no netmask. */
export function isNetworkText(text: string): boolean {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || (family === 6 && address.includes('.') && !MAPPED.test(address))) return false;
  return prefix === undefined || Number(prefix) <= (family === 4 ? 32 : 128);
}
