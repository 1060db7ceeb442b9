import { isLoopbackHost } from '../model/http-url.ts';

/** In the order in which curl looks for them; it reads `HTTP_PROXY` in lower case alone, since CGI sets the other. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'all_proxy', 'ALL_PROXY', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
};

/**
 * The environment variable that names a proxy for this URL, which other clients ask and hookproof does not: a verdict
 * is on the endpoint, and a proxy would answer for it. Null where none does, or `NO_PROXY` excepts the host.
 */
export function findIgnoredProxy(url: URL, env: Readonly<Record<string, string | undefined>>): string | null {
  const name = VARIABLES[url.protocol]?.find((one) => (env[one] ?? '') !== '');
  const host = url.hostname.replace(/\.$/, '');
  if (name === undefined || isLoopbackHost(host)) return null;
  const excepted = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).map((one) => one.replace(/^\.|\.$/g, ''));
  return excepted.some((one) => one === '*' || host === one || (one !== '' && host.endsWith(`.${one}`))) ? null : name;
}
