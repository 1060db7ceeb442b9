import type { Header } from './plan.ts';
import { HIDDEN } from './url-secrets.ts';

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
