import type { MessagePart } from '../../model/signature.ts';

/** One difference between what was signed and what the vendor signs, and its fix. */
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
