import { AppError } from '../../model/error.ts';
import { isLoopbackHost, parseHttpUrl } from '../../model/http-url.ts';

/** The origin of `--callbacks-at`. Throws AppError `usage` for one that is not on this machine. */
export function callbackOriginOf(text: string): string {
  const { origin, protocol, hostname, pathname, search } = parseHttpUrl(text);
  if (!isLoopbackHost(hostname))
    throw new AppError('usage', `--callbacks-at ${hostname} is not on this machine`, {
      hint: 'it stands for the vendor in tests: name an address such as http://127.0.0.1:9911',
    });
  if (protocol !== 'http:')
    throw new AppError('usage', '--callbacks-at is served by plain http', {
      hint: `write ${origin.replace('https:', 'http:')}, and let the endpoint trust that`,
    });
  if (pathname !== '/' || search !== '')
    throw new AppError('usage', '--callbacks-at is an origin, without a path', { hint: `write ${origin}` });
  return origin;
}
