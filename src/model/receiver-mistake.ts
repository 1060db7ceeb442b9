/**
 * What holds for some vendors and not for others: whose receivers can make a mistake, and to whom a conformance case
 * applies. `vendors/traits.ts` reads each of them from a vendor's data.
 */
export type VendorTrait =
  /** Each request proves that it is the vendor's, be it by a fixed text. */
  | 'authenticated'
  | 'unauthenticated'
  /** The proof is the same text in every request: the secret, or what is computed of it alone. */
  | 'static-secret'
  /** And another one in other letter case. */
  | 'cased-secret'
  /** The proof is computed of the request. */
  | 'signature'
  /** The proof is a JWT. */
  | 'jwt'
  /** And verified by a public key. */
  | 'public-key-jwt'
  /** Receivers compute it too, and compare: no public key, and no token with claims of its own. */
  | 'digest'
  /** Receivers compare a text, computed or fixed. */
  | 'compared-text'
  /** The proof stands in a header. */
  | 'signature-header'
  /** The bytes of the body are signed. */
  | 'signed-body'
  /** All that the event says is signed, be it byte by byte or field by field. */
  | 'signed-content'
  /** Nothing of what the event says is protected by the proof. */
  | 'unprotected-content'
  /** What tells one event from another is signed. */
  | 'signed-event'
  /** A time that is signed and made for each attempt: a signature ages. */
  | 'timed'
  /** A time is sent, and is not signed. */
  | 'unsigned-time'
  /** The time stands in a header of its own. */
  | 'time-header'
  | 'time-in-seconds'
  | 'time-in-milliseconds'
  /** The time is a number. */
  | 'numeric-time'
  /** A time of the future is refused by some limit. */
  | 'future-limit'
  /** The vendor's own library looks at no time of the future. */
  | 'no-future-limit'
  /** The signature belongs to one event and never ages. */
  | 'untimed-signature'
  /** The signature header holds a time and a digest, in parts. */
  | 'signature-parts'
  /** One request carries one signature. */
  | 'one-signature'
  /** One request may carry several, while a secret is being replaced. */
  | 'rotation'
  /** A word before the signature says of which scheme it is. */
  | 'named-scheme'
  | 'hex-digest'
  | 'base64-digest'
  /** One or the other. */
  | 'hex-or-base64'
  /** The hash is another than this one. */
  | 'not-sha1'
  | 'not-sha512'
  /** The secret is the key as it is. */
  | 'text-key'
  /** The secret has to be decoded before it is the key. */
  | 'decoded-key'
  /** The vendor's own secrets begin with a prefix, which belongs to the key. */
  | 'secret-prefix'
  /** Of the called URL something is signed. */
  | 'signed-parts'
  | 'signed-url'
  | 'signed-host'
  | 'signed-path'
  | 'signed-query'
  /** The vendor adds to the URL what ties it to the request, such as a hash of the body. */
  | 'added-query'
  /** A header carries the event's id, and it is signed. */
  | 'signed-id'
  /** It is not. */
  | 'unsigned-id'
  /** A receiver knows an event again by a header, and by nothing else. */
  | 'id-header'
  /** A header repeats the event's name, which the body says too. */
  | 'event-header'
  /** A field of the signed body says when the event happened. */
  | 'signed-date'
  /** A request says when it was made: in its signature, or in a header that is old when it is sent again. */
  | 'dated-request'
  /** After some answers an event is thrown away for good. */
  | 'drops-events'
  /** One of the usual refusals is such an answer. */
  | 'final-refusals'
  /** An event is sent again after an hour and later, and says when it happened. */
  | 'late-retries'
  /** Something in it tells an event from another one, so that effects can be counted. */
  | 'countable'
  /** A field of the body names the event. */
  | 'event-names'
  | 'several-events'
  /** Each of them can be told from the others: by a field, a header, or what fields it has. */
  | 'tellable-events'
  /** The documentation lists the values of some field. */
  | 'listed-values'
  /** Some field may be blank, null or missing. */
  | 'optional-fields'
  | 'nullable-fields'
  /** That some field may be null is an assumption. */
  | 'assumed-nulls'
  /** An object in a list may hold null. */
  | 'null-in-list'
  /** Ids are numbers written as text. */
  | 'numeric-ids'
  /** The sender of a mail is an object. */
  | 'address-objects'
  /** Its events do not stand in the URL. */
  | 'has-body'
  /** JSON or a form. */
  | 'structured-body'
  /** JSON, in whatever it is wrapped. */
  | 'json-body'
  /** One JSON text: white space in it means nothing. */
  | 'json-text'
  /** The body is JSON and nothing else. */
  | 'raw-json'
  /** The first event's sample holds a slash or a letter beyond ASCII. */
  | 'escapable-text'
  /** JSON holds letters beyond ASCII as they are. */
  | 'unescaped-letters'
  /** Its bodies are never called plain text. */
  | 'never-text'
  /** Several events may come in one request. */
  | 'batches'
  /** And of several names. */
  | 'mixed-batches'
  | 'not-by-get'
  | 'not-by-put'
  /** No example of the vendor's calls its body a form. */
  | 'never-a-form'
  /** People write into some field. */
  | 'prose'
  /** Not every 2xx is a success. */
  | 'listed-statuses'
  /** A request names the address of the public key. */
  | 'key-address'
  /** Some question of the vendor's has an address in it that the receiver must call. */
  | 'callback'
  /** And says which of the vendor's customers has caused it. */
  | 'callback-account'
  /** The vendor's addresses have names below its own domain. */
  | 'reverse-dns';

/** One mistake of receivers, known from experience: where a vendor's own sample makes it, the vendor's file says so. */
interface MistakeInWords {
  /** Completes "receivers fail by …". */
  text: string;
  /** Whose receivers can make it: those of vendors with all of these traits. Left out: everybody's. */
  appliesTo?: VendorTrait | readonly VendorTrait[];
}

/** The reference receiver has a bug of this id, and these conformance cases find it. */
interface ShownMistake extends MistakeInWords {
  /** Ids of cases, of which at least one must fail; `*` at the end stands for the rest of an id. */
  foundBy: readonly [string, ...string[]];
  /** It breaks nearly everything, so a case that fails by it proves little. */
  isBlunt?: true;
  outOfReach?: never;
}

/** No request from outside can show it. */
interface HiddenMistake extends MistakeInWords {
  /** Why not. */
  outOfReach: string;
  foundBy?: never;
  isBlunt?: never;
}

export type ReceiverMistake = ShownMistake | HiddenMistake;

/** What is wrongly made of the secret before it is the key. */
export type KeyMistake = 'base64-decoded' | 'without-prefix' | 'as-text' | PublicKeyMistake;

/** The public key's PEM text in the place of a secret: whole, or without its last line break. */
export type PublicKeyMistake = 'public-key' | 'public-key-trimmed';
