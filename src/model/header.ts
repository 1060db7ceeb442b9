import type { Header } from './plan.ts';
import { maskUrl } from './http-url.ts';
import { HIDDEN, isSecretHeader } from './secret-name.ts';

/**
 * What a header may be (RFC 9110, section 5). The plan checks what is asked for, the wire what is stored and sent
 * again.
 */

/** A token. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Controls, but for the tab, would end or forge a line; half a surrogate pair has no UTF-8. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const NOT_IN_VALUE = /[\0-\u0008\u000a-\u001f\u007f-\u009f\p{Cs}]/u;

/** Text of one line, on the wire as UTF-8. */
export const isHeaderValue = (value: string): boolean => !NOT_IN_VALUE.test(value);

/** As Go and many proxies write the name of a header. */
export function titleCase(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** What Content-Length says, the first of them; null where it is no number. */
export function announcedLength(headers: readonly Header[]): number | null {
  const [, length = ''] = headers.find(([name]) => name.toLowerCase() === 'content-length') ?? [];
  return /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** Makes a header fit to be shown and kept; the same object when nothing in it is a secret. */
export type HideHeader = (header: Header) => Header;

/** A URL in a value, of which there may be several (Link), or the path of one. */
const URLS = /https?:\/\/[^\s<>"']+|^\/\S*/gi;

/**
 * The value of a secret header becomes `***`, and so do the secrets of a URL in it (Referer, Location, Link, Refresh).
 */
export const hideSecretHeader: HideHeader = (header) => {
  const [name, value] = header;
  if (isSecretHeader(name, value)) return [name, HIDDEN];
  if (!value.includes('/') || !/[?@]/.test(value)) return header;
  const shown = value.replace(URLS, maskUrl);
  return shown === value ? header : [name, shown];
};

/** All headers of a request or answer; the same list when nothing in it is a secret. */
export function hideSecretHeaders(headers: readonly Header[], hide: HideHeader = hideSecretHeader): readonly Header[] {
  // A record is made for every request: no list is copied for nothing.
  for (const header of headers) if (hide(header) !== header) return headers.map(hide);
  return headers;
}
