/**
 * What holds for some vendors and not for others: whose receivers can make a mistake, and to whom a conformance case
 * applies. `vendors/traits.ts` reads each of them from a vendor's data.
 */
export type VendorTrait =
  | 'signed'
  | 'unsigned'
  /** The signature carries a time. */
  | 'timed'
  | 'time-in-seconds'
  | 'time-in-milliseconds'
  /** The signature covers the body alone: it never ages. */
  | 'untimed-signature'
  /** The signature header holds a time and a digest, separated by a comma. */
  | 'signature-parts'
  /** The vendor's own secrets begin with a prefix. */
  | 'secret-prefix'
  /** A header carries the event's id. */
  | 'id-header'
  /** A header repeats the event's name. */
  | 'event-header'
  /** A header repeats a field of the body. */
  | 'repeating-headers'
  /** A receiver can recognise an event that comes a second time. */
  | 'event-ids'
  /** A field of the body names the event. */
  | 'event-names'
  | 'several-events'
  /** The documentation lists the values of some field. */
  | 'listed-values'
  | 'nullable-fields'
  /** That some field may be null is an assumption. */
  | 'assumed-nulls'
  /** An object in a list may hold null. */
  | 'null-in-list'
  /** Ids are numbers written as text. */
  | 'numeric-ids'
  /** The sender of a mail is an object. */
  | 'address-objects'
  /** No example of the vendor's calls its body a form. */
  | 'never-a-form'
  /** People write into some field. */
  | 'prose'
  /** Some field holds texts of any length. */
  | 'long-text'
  /** Not every 2xx is a success. */
  | 'listed-statuses'
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
