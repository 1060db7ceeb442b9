import { HIDDEN, nameSecret } from '../../model/secret-name.ts';
import { furtherHeaders, isFixed, type RequestPlace } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { readPlace, writePlace } from '../../sign/scheme/place.ts';
import { perVendor, signaturesOf } from '../../vendors/facts.ts';

/** Where the text stands that proves every request: as the signature, or as one beside it. */
const placesOf = perVendor((vendor): RequestPlace[] =>
  signaturesOf(vendor)
    .filter(isFixed)
    .flatMap((spec) => [spec.at, ...furtherHeaders(spec).map((header) => ({ header }))]),
);

/** Who reads it once can send any request: its header or parameter is shown and kept nowhere. */
export function nameStaticSecret(vendor: Vendor): void {
  for (const at of placesOf(vendor)) {
    if ('header' in at) nameSecret(at.header);
    if ('query' in at) nameSecret(at.query);
  }
}

/** Where a fixed secret stands in the body; null where none does. */
export const secretPlaceInBody = (vendor: Vendor): RequestPlace | null =>
  placesOf(vendor).find((at) => 'json' in at || 'form' in at) ?? null;

/** The body as it is shown and kept: with `***` for a fixed secret in it. Others stay as they are. */
export function withoutStaticSecret(vendor: Vendor | null, body: Uint8Array): Uint8Array {
  const at = vendor === null ? null : secretPlaceInBody(vendor);
  const request = { url: null, headers: [], body };
  return at === null || readPlace(at, request).length === 0 ? body : writePlace(at, request, HIDDEN).body;
}
