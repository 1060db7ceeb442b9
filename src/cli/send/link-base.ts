import { InvalidArgumentError } from 'commander';

/** What links begin with: an http or https URL, with a path or none, that nothing of a link would be lost behind. */
export function linkBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:3000');
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('expected scheme, host and path alone: the signed link has a query of its own');
  return url.href;
}
