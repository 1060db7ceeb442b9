import type { Vendor } from '../model/vendor.ts';
import { FORM_BUGS } from './bugs/form.ts';
import { PAYLOAD_BUGS } from './bugs/payload.ts';
import { SIGNATURE_BUGS } from './bugs/signature.ts';
import type { Manners } from './manners.ts';

/** One way in which receivers are wrong: what the reference receiver does instead of the right thing. */
export interface Bug {
  /** Of a mistake in a vendor's `receiverMistakes`, its id. */
  name: string;
  /** As "failing by …"; where the vendor's own list tells of it, its words count. */
  mistake: string;
  /** Whose receivers can have it; without it everybody's. */
  applies?: (vendor: Vendor) => boolean;
  change: (good: Manners) => Partial<Manners>;
}

/** Every bug there is, in the order they are shown. The only list. */
export const BUGS: readonly Bug[] = [...SIGNATURE_BUGS, ...FORM_BUGS, ...PAYLOAD_BUGS];

/** The bugs that a receiver of this vendor can have, with their mistakes in the vendor's words. */
export function bugsOf(vendor: Vendor): Bug[] {
  return BUGS.filter(({ applies }) => applies?.(vendor) ?? true).map((bug) => ({
    ...bug,
    mistake: vendor.receiverMistakes?.find(({ id }) => id === bug.name)?.text ?? bug.mistake,
  }));
}
