import { isIP } from 'node:net';

/**
 * The address of a DNS server as `Resolver.setServers` takes it: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`,
 * `[2001:db8::53]:5353`. Null for anything else; `setServers` itself takes a port of 99999 for 34463.
 */
export function readResolver(text: string): string | null {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (isIP(text) === 6) return `[${text}]:53`;
  const family = isIP(bracketed ?? plain ?? '');
  if (family !== (bracketed === undefined ? 4 : 6) || Number(port ?? 53) < 1 || Number(port ?? 53) > 65_535)
    return null;
  return `${bracketed === undefined ? plain : `[${bracketed}]`}:${port ?? 53}`;
}
