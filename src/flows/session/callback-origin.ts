import { AppError } from '../../model/error.ts';
import { isLoopbackHost, parseHttpUrl } from '../../model/http-url.ts';

/** The origin of `--callbacks-at`. Throws AppError `usage` for one that is not on this machine. */
export function callbackOriginOf(text: string): string {
  const { origin, protocol, hostname, pathname, search } = parseHttpUrl(text);
  if (!isLoopbackHost(hostname))
    throw new AppError('usage', `--callbacks-at ${hostname} is not on this machine`, {
      hint: 'it replaces the vendor in tests: give a local address such as http://127.0.0.1:9911',
    });
  if (protocol !== 'http:')
    throw new AppError('usage', '--callbacks-at is served by plain http', {
      hint: `use ${origin.replace('https:', 'http:')}, and make the endpoint trust it`,
    });
  if (pathname !== '/' || search !== '')
    throw new AppError('usage', '--callbacks-at must be an origin without a path', { hint: `use ${origin}` });
  return origin;
}
