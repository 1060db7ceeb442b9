import {
  coveredParts,
  flattenParts,
  headerAt,
  holdsOfUrl,
  isBody,
  isFixed,
  isText,
  jwtOf,
  URL_PIECES,
  type MessagePart,
  type RequestPlace,
  type UrlPiece,
} from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from './body-facts.ts';
import { idHeaderOf, perVendor, signatureOf, signaturesOf } from './facts.ts';

// What follows from how a vendor proves that a request is its own: what that covers, and how it is computed.

/** The primary signature covers a part of this kind, within others too. */
function covers(vendor: Vendor, isMeant: (part: MessagePart) => boolean): boolean {
  const spec = signatureOf(vendor);
  return spec !== null && coveredParts(spec).some(isMeant);
}

/** It is a JWT. */
export const isJwt = perVendor((vendor): boolean => {
  const spec = signatureOf(vendor);
  return spec !== null && jwtOf(spec) !== null;
});
/**
 * The hash that receivers compute: null for a static secret, for a public key, and for a JWT, whose claims are not all
 * known before it comes.
 */
export const hashOf = perVendor((vendor): string | null =>
  isJwt(vendor)
    ? null
    : (/^(?:hmac-)?(md5|sha1|sha256|sha384|sha512)$/.exec(signatureOf(vendor)?.algorithm ?? '')?.[1] ?? null),
);
/** The same text proves every request: receivers compare it, and need not compute anything. */
export const isStaticSecret = perVendor((vendor): boolean => {
  const spec = signatureOf(vendor);
  return spec !== null && isFixed(spec) && (spec.algorithm === 'token' || hashOf(vendor) !== null);
});
/** The secret itself, or what is written with the letters of base64; hex is the same in either case. */
export const hasCasedSecret = (vendor: Vendor): boolean =>
  isStaticSecret(vendor) && encodingNameOf(vendor)?.toLowerCase() !== 'hex';
/** Computed anew for each request, whatever it covers. */
export const isComputed = (vendor: Vendor): boolean => signatureOf(vendor) !== null && !isStaticSecret(vendor);
/** As a person writes it: `SHA-256`. */
export const hashName = (vendor: Vendor): string => (hashOf(vendor) ?? '').toUpperCase().replace('SHA', 'SHA-');
/** The key of the hash is the secret's own text, whole. */
export const hasTextKey = perVendor((vendor) => {
  const { encoding = 'utf8', prefix, keepsPrefix = false } = signatureOf(vendor)?.key ?? {};
  return hashOf(vendor) !== null && encoding === 'utf8' && (prefix === undefined || keepsPrefix);
});
/** The secret has to be decoded, or a prefix taken off, before it is the key of a hash. */
export const hasDecodedKey = (vendor: Vendor): boolean => hashOf(vendor) !== null && !hasTextKey(vendor);

/** The one encoding in which the signature is written; null where it is a chain, or the secret itself. */
export const encodingNameOf = (vendor: Vendor): string | null => {
  if (isJwt(vendor) || (signatureOf(vendor)?.algorithm ?? 'token') === 'token') return null;
  const [only, second] = signatureOf(vendor)?.encoding ?? ['hex'];
  return second === undefined ? (only ?? null) : null;
};

/** Every byte of the body is signed. */
export const signsBody = perVendor((vendor) => covers(vendor, isBody));
/** Every field of the body is signed, whatever it is written like. */
export const signsFields = perVendor((vendor) =>
  covers(
    vendor,
    (part) => typeof part === 'object' && 'fields' in part && part.fields === 'sorted' && part.from !== 'query',
  ),
);
/** What the event says is signed, so that nobody can change it. */
export const protectsContent = perVendor(
  (vendor) =>
    signsBody(vendor) ||
    signsFields(vendor) ||
    (bodyFormatOf(vendor).format === 'query' && signsUrlPart(vendor, 'query')),
);

/** The event's name is signed: who verifies has to find it in the request. */
export const signsEventName = perVendor((vendor) =>
  signaturesOf(vendor).some((spec) => coveredParts(spec).includes('event')),
);

/** The id in its header is signed. */
export const signsId = perVendor((vendor) => {
  const header = idHeaderOf(vendor);
  return header !== null && covers(vendor, (part) => part === 'id' || isPartAt(part, { header }));
});

/** Whether the part is what stands at this place. */
function isPartAt(part: MessagePart, place: RequestPlace): boolean {
  if (typeof part !== 'object') return false;
  if ('header' in place) return 'header' in part && part.header.toLowerCase() === place.header.toLowerCase();
  if ('json' in place) return 'json' in part && part.json === place.json;
  return 'form' in place && 'form' in part && part.form === place.form;
}

/** The time that it carries is signed. */
const signsTime = perVendor((vendor) => {
  const at = signatureOf(vendor)?.timestamp?.at;
  if (signatureOf(vendor)?.timestamp === undefined) return false;
  if (covers(vendor, (part) => part === 'timestamp' || (at !== undefined && isPartAt(part, at)))) return true;
  if (at === undefined || 'header' in at) return false;
  return 'query' in at ? signsUrlPart(vendor, 'query') : protectsContent(vendor);
});

/** Of a JWT the claims that hold something of the request are what its message is made of. */
const claimTexts = (message: readonly MessagePart[]): MessagePart[] =>
  flattenParts(message).filter((part) => typeof part !== 'object' || !('jwt' in part || 'of' in part));

/** With the body more of the request is signed; a time within the signature's own text is no part of the request. */
export const signsMoreThanBody = perVendor((vendor) => {
  const { message = [] } = signatureOf(vendor) ?? {};
  const parts = (isJwt(vendor) ? claimTexts(message) : message).filter((part) => !isText(part) && part !== 'secret');
  const isOwnTime = signatureOf(vendor)?.timestamp?.at === undefined;
  const isMore = (part: MessagePart): boolean => !isBody(part) && !(part === 'timestamp' && isOwnTime);
  return isComputed(vendor) && parts.length > 1 && parts.some(isMore);
});

/** It carries a time that is signed and written anew for each attempt: an old one shows that it was captured. */
export const ages = perVendor((vendor) => signsTime(vendor) && signatureOf(vendor)?.timestamp?.isOfEvent !== true);
/** It carries a time of the moment, which anybody can write anew. */
export const hasUnsignedTime = (vendor: Vendor): boolean =>
  signatureOf(vendor)?.timestamp !== undefined && !signsTime(vendor);

/** What tells one event from another is signed. */
export const signsEvent = perVendor(
  (vendor) =>
    isComputed(vendor) &&
    (protectsContent(vendor) ||
      signsId(vendor) ||
      (signsTime(vendor) && !ages(vendor)) ||
      covers(vendor, (part) => typeof part === 'object' && ('json' in part || 'form' in part))),
);
/** It belongs to one event and never ages: whoever captured it can send it again. */
export const isReusable = perVendor((vendor) => signsEvent(vendor) && !ages(vendor));

/** This part of the called URL is signed. */
export const signsUrlPart = (vendor: Vendor, piece: UrlPiece): boolean =>
  covers(vendor, (part) => holdsOfUrl(part, piece));
export const signsUrl = perVendor((vendor) => URL_PIECES.some((piece) => signsUrlPart(vendor, piece)));

/** The time stands in a header of its own. */
export const timeHeaderOf = perVendor((vendor): string | null => {
  const at = signatureOf(vendor)?.timestamp?.at;
  return at === undefined ? null : headerAt(at);
});

/** One request may carry several signatures. */
export const mayCarrySeveral = (vendor: Vendor): boolean => signatureOf(vendor)?.several !== undefined;

/** The word right before the value that says what scheme it is of: `v1` of `t={t},v1={v}`; null without one. */
export const schemeWordOf = perVendor(
  (vendor): string | null => /([A-Za-z0-9]+)[=,:]\{v\}/.exec(signatureOf(vendor)?.format ?? '')?.[1] ?? null,
);

/** The vendor adds to the URL what ties it to the request. */
export const addsToQuery = (vendor: Vendor): boolean => signatureOf(vendor)?.addedQuery !== undefined;

/** How far a time may be off where the vendor's data does not say it. */
const ASSUMED_WINDOW_MS = 300_000;

/** How long a signature is good; 0 where it never ages. */
export const windowMs = (vendor: Vendor): number =>
  ages(vendor) ? signatureOf(vendor)?.timestamp?.toleranceMs?.value || ASSUMED_WINDOW_MS : 0;

/** How far its time may lie in the future; null where nothing limits that. */
export function futureWindowMs(vendor: Vendor): number | null {
  if (!ages(vendor)) return null;
  const own = signatureOf(vendor)?.timestamp?.futureToleranceMs;
  return own === undefined ? windowMs(vendor) : own.value;
}
