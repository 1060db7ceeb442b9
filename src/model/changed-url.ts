import { decodePercent } from './http-url.ts';

// The text of a URL, changed as receivers and those who forge change it.

/** What makes of the text of a URL that of another. */
export type UrlTextChange = (url: string) => string;

/** A URL may name them: it is the same without. */
export const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** With the default port written out where it has none. */
export const withDefaultPort: UrlTextChange = (url) =>
  url.replace(/^([a-z]+):\/\/([^/?#]*)/i, (origin, scheme: string, host: string) =>
    /:\d+$/.test(host) ? origin : `${origin}:${DEFAULT_PORTS[scheme]}`,
  );

export function changeUrl(change: (url: URL) => void): UrlTextChange {
  return (text) => {
    const url = new URL(text);
    change(url);
    return url.href;
  };
}

export const withPath = (change: (path: string) => string): UrlTextChange =>
  changeUrl((url) => (url.pathname = change(url.pathname)));

/** The path without its trailing slash where it has one, and with one where it has none. */
export const toggleSlash = withPath((path) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : `${path}/`));

export const withoutQuery = (url: string): string => url.replace(/\?[^#]+/, '');

/** Of the path and the query. Where an escape stands for no text, they stay as they are. */
export function decodeEscapes(url: string): string {
  const [origin = ''] = /^[^:]+:\/\/[^/?#]*/.exec(url) ?? [];
  return origin + decodePercent(url.slice(origin.length));
}
