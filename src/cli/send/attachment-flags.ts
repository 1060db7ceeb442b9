import { InvalidArgumentError } from 'commander';

/** `HOST:PORT`, `[::1]:8080`, or `:8080` for loopback. Port 0 takes a free one. */
export function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new InvalidArgumentError('expected HOST:PORT such as 127.0.0.1:8080 (port 0 takes a free one)');
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

/** What links begin with: an http or https URL, with a path or none, that nothing of a link would be lost behind. */
export function linkBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:3000');
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('expected scheme, host and path alone: the signed link has a query of its own');
  return url.href;
}
