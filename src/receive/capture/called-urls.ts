import { isLoopbackHost } from '../../model/http-url.ts';
import { HIDDEN } from '../../model/secret-name.ts';
import { headerValue, type CapturedRequest } from './captured-request.ts';

/** Scheme, host and credentials; then path and query. A fragment is never sent. */
const PARTS = /^([a-z][a-z\d+.-]*:\/\/[^/?#\\]+)([^#]*)/i;

/** Path and query of a URL, letter by letter: what a parser of URLs writes anew is not what was signed. */
export function targetOf(url: string): string {
  const [, , target = ''] = PARTS.exec(url) ?? [];
  return target.startsWith('/') ? target : `/${target}`;
}

/** The URL as it was called: with a path, without a fragment. Null for what is none. */
export function calledUrl(url: string): string | null {
  const [, origin] = PARTS.exec(url) ?? [];
  return origin === undefined || !URL.canParse(url) ? null : origin + targetOf(url);
}

/** The URL of a record of ours, which does not keep the secrets of a query. */
export function keptUrl(url: string | null, path: string): Pick<CapturedRequest, 'url' | 'notes'> {
  return path.includes(HIDDEN)
    ? { url: null, notes: ['the secrets in the query of its URL were not stored, but the vendor may have signed them'] }
    : { url, notes: [] };
}

/**
 * The request as called under the URL that its receiver has for the world. One of scheme and host alone stands before
 * the request's own path and query.
 */
export function withPublicUrl(request: CapturedRequest, publicUrl: string): CapturedRequest {
  return { ...request, url: publicUrlOf(request.path, publicUrl) ?? request.url };
}

/** The URL of a request of this path and query; null for a text that is no URL. */
export function publicUrlOf(path: string, publicUrl: string): string | null {
  const called = calledUrl(publicUrl);
  if (called === null) return null;
  const isOrigin = targetOf(publicUrl) === '/';
  return isOrigin ? called.slice(0, -1) + (path.startsWith('/') ? path : targetOf(path)) : called;
}

/** What tells under which URL a request was called. */
export type CallTraces = Pick<CapturedRequest, 'url' | 'path' | 'headers'>;

/**
 * The URLs that the vendor may have called, likeliest first: the one that is known, else those that Host and the
 * headers of proxies tell. Empty where nothing names a host.
 * @param isSecure it came over TLS
 */
export function listCalledUrls(request: CallTraces, isSecure = false): string[] {
  const known = request.url ?? calledUrl(request.path);
  if (known !== null) return [known];
  // Something in its query was not kept.
  if (request.path.includes(HIDDEN)) return [];
  const forwarded = headerValue(request, 'forwarded')?.split(',')[0] ?? '';
  const hosts = [
    firstOf(headerValue(request, 'x-forwarded-host')),
    /\bhost="?([^";\s]+)/i.exec(forwarded)?.[1],
    headerValue(request, 'host'),
  ].filter((host) => host !== undefined && /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i.test(host));
  const scheme = firstOf(headerValue(request, 'x-forwarded-proto')) ?? /\bproto="?(\w+)/i.exec(forwarded)?.[1];
  return [...new Set(hosts)].flatMap((host = '') =>
    schemesOf(host, scheme?.toLowerCase() ?? (isSecure ? 'https' : undefined)).map(
      (one) => `${one}://${host}${targetPath(request)}`,
    ),
  );
}

const targetPath = ({ path }: CallTraces): string => (path.startsWith('/') ? path : `/${path}`);

const firstOf = (list: string | undefined): string | undefined => list?.split(',')[0]?.trim();

function schemesOf(host: string, given: string | undefined): string[] {
  const usual = isLoopbackHost(host.replace(/:\d+$/, '')) ? ['http', 'https'] : ['https', 'http'];
  return given === undefined ? usual : usual.toSorted((a, b) => Number(b === given) - Number(a === given));
}
