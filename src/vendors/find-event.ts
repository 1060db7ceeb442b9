import { AppError } from '../model/error.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';

/** The vendor's event of this name. Throws `usage` for an unknown one. */
export function findEvent(vendor: Vendor, name: string): VendorEvent {
  const event = vendor.events.find((candidate) => candidate.name === name);
  if (event) return event;
  const among = vendor.events.map((candidate) => candidate.name);
  throw new AppError('usage', `${vendor.title} has no event "${name}"`, {
    hint: `its events: ${among.join(', ')}`,
    unknown: { given: name, among },
  });
}
