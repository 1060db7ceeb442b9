import { domainToASCII } from 'node:url';
import { isHostName } from './choose-names.ts';

/** A domain as names are compared with it: lower-case, in ASCII, without `*.` before or a dot behind. Null when it is none. */
export function readSuffix(text: string): string | null {
  const suffix = domainToASCII(text.replace(/^\*?\./, '').replace(/\.$/, ''));
  // A host of digits alone would be an address.
  return isHostName(suffix) && /[a-z]/.test(suffix) ? suffix : null;
}
