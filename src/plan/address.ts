import { domainToASCII } from 'node:url';

/** A mail address in a form that can be compared: lower case, the domain as ASCII. */
export interface Address {
  local: string;
  domain: string;
}

/** RFC 5321 §4.5.3.1: 64 octets before the @, 255 behind it. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

/** The parts of `local@domain`; null when it is no address. What stands before the @ is compared without regard to case. */
export function parseAddress(text: string): Address | null {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0)).toLowerCase();
  const domain = at < 0 ? '' : parseDomain(text.slice(at + 1));
  // oxlint-disable-next-line no-control-regex -- they are what an address cannot hold
  if (local === '' || local.length > MAX_LOCAL || domain === '' || /[\s\u0000-\u001f\u007f<>]/.test(local)) return null;
  if (local.includes('@') && !/^".*"$/.test(local)) return null;
  return { local, domain };
}

/** Lower case, ASCII, without the dot of the root; empty when it is no domain. */
export function parseDomain(text: string): string {
  if (text.length > MAX_DOMAIN || !/^[^\s/\\?#@:*]+$/.test(text)) return '';
  return domainToASCII(text).replace(/\.$/, '');
}
