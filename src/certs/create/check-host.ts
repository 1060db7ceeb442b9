import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { AppError } from '../../model/error.ts';

// RFC 9525 §6.3: a wildcard stands alone and leftmost. Underscores occur in names of containers.
const DNS_NAME =
  /^(?=.{1,253}$)(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A host as a certificate names it: an IP address without brackets, or a DNS name in lower-case ASCII, where `*.` may
 * lead. Throws AppError `usage` for anything else.
 */
export function checkHost(text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !address.includes('%')) return address.toLowerCase();
  const isWild = text.startsWith('*.');
  // domainToASCII reads `1.2` as an address, drops line breaks, and gives nothing for what it cannot read.
  const ascii = /\s/.test(text) ? '' : domainToASCII(isWild ? text.slice(2) : text).replace(/\.$/, '');
  const name = `${isWild ? '*.' : ''}${ascii}`;
  if (DNS_NAME.test(name) && isIP(ascii) === 0) return name;
  throw new AppError('usage', `${JSON.stringify(text.slice(0, 100))} is no host name or IP address`, {
    hint: 'for example: --host hooks.example.com --host 127.0.0.1',
  });
}
