import type { MessagePart } from '../../model/vendor.ts';

/** One way in which what was signed may differ from what the vendor signs, and how that is mended. */
export interface Deviation {
  /** Short and stable: `trimmed-secret`. */
  cause: string;
  /** Ends a sentence that begins "the signature fits …". */
  fits: string;
  fix: string;
}

export interface KeyVariant extends Deviation {
  key: Uint8Array;
}

export interface BodyVariant extends Deviation {
  body: Uint8Array;
}

export interface MessageVariant extends Deviation {
  parts: readonly MessagePart[];
  timestamp: string | undefined;
}
