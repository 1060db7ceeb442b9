import type { Header } from './plan.ts';
import { HIDDEN } from './http-url.ts';

/**
 * What a header may be (RFC 9110, section 5). The plan checks what is asked for, the wire what is stored and sent
 * again.
 */

/** A token. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Text of one line, on the wire as UTF-8. Controls, but for the tab, would end or forge a line; half a surrogate
 * pair has no UTF-8.
 */
export const HEADER_VALUE = /^(?:\t|[^\p{Cc}\p{Cs}])*$/u;

/** Headers whose value is a credential: it is neither shown nor kept, and a replay cannot send it again. */
const SECRET_HEADERS: readonly string[] = ['authorization', 'proxy-authorization', 'cookie'];

/** Compares lengths first: history asks this of every header it keeps, and lower-casing each name costs more. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.some((secret) => secret.length === name.length && secret === name.toLowerCase());
}

/** The header as it may be shown: the value of a credential becomes `***`. */
export function hideSecretHeader(header: Header): Header {
  return isSecretHeader(header[0]) ? [header[0], HIDDEN] : header;
}
