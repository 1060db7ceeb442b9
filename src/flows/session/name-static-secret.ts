import { nameSecret } from '../../model/secret-name.ts';
import type { Vendor } from '../../model/vendor.ts';
import { signatureOf } from '../../vendors/facts.ts';
import { isStaticSecret } from '../../vendors/signing-facts.ts';

/** The secret itself travels in every request: its header or parameter is shown and kept nowhere. */
export function nameStaticSecret(vendor: Vendor): void {
  const at = signatureOf(vendor)?.at;
  if (at === undefined || !isStaticSecret(vendor)) return;
  if ('header' in at) nameSecret(at.header);
  if ('query' in at) nameSecret(at.query);
}
