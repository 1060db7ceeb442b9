import type { ReceiverMistake } from '../model/receiver-mistake.ts';
import type { Evidence } from '../model/fact.ts';
import type { Vendor } from '../model/vendor.ts';
import { CALLBACK_MISTAKES } from './mistakes/callback.ts';
import { CALLER_MISTAKES } from './mistakes/caller.ts';
import { JWT_MISTAKES } from './mistakes/jwt.ts';
import { PAYLOAD_MISTAKES } from './mistakes/payload.ts';
import { REQUEST_MISTAKES } from './mistakes/request.ts';
import { SIGNATURE_MISTAKES } from './mistakes/signature.ts';
import { hasTraits } from './traits.ts';

/**
 * How receivers fail: the only list, in the order it is shown. `receive/bugs` makes each of these mistakes on purpose,
 * but for those out of reach, and the compiler holds it to that; `test/vendors/receiver-mistakes.test.ts` holds the
 * conformance cases to `foundBy`.
 */
export const RECEIVER_MISTAKES = {
  ...SIGNATURE_MISTAKES,
  ...JWT_MISTAKES,
  ...REQUEST_MISTAKES,
  ...CALLER_MISTAKES,
  ...PAYLOAD_MISTAKES,
  ...CALLBACK_MISTAKES,
} as const;

export type MistakeId = keyof typeof RECEIVER_MISTAKES;

/** The ids of those mistakes of a list that requests can show. */
export type ShownMistakeId<List = typeof RECEIVER_MISTAKES> = {
  [Id in keyof List]: List[Id] extends { foundBy: unknown } ? Id : never;
}[keyof List];

const BY_ID: Readonly<Record<string, ReceiverMistake | undefined>> = RECEIVER_MISTAKES;

/** A mistake that a vendor lists, with nothing left to the catalogue. */
export interface VendorMistake extends Evidence {
  id: string;
  text: string;
}

/** The mistakes that a vendor lists, in its own words or else in the catalogue's. */
export function mistakesOf({ receiverMistakes = [] }: Vendor): VendorMistake[] {
  return receiverMistakes.map(({ id, certainty = 'us', text = BY_ID[id]?.text ?? id, ...evidence }) => ({
    id,
    certainty,
    text,
    ...evidence,
  }));
}

/** The mistake as "failing by …", as the vendor puts it where it does. */
export function mistakeText(id: MistakeId, vendor: Vendor): string {
  return vendor.receiverMistakes?.find((listed) => listed.id === id)?.text ?? RECEIVER_MISTAKES[id].text;
}

/** Whether the vendor's receivers can make the mistake. */
export function canMake(vendor: Vendor, id: MistakeId): boolean {
  return hasTraits(vendor, BY_ID[id]?.appliesTo);
}

/** The cases that find it; none where requests cannot show it. */
export const casesOfMistake = (id: MistakeId): readonly string[] => BY_ID[id]?.foundBy ?? [];
