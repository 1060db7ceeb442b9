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

/** Of many kinds a record names the first. */
const MAX_NAMES = 5;
const BETWEEN = '+';

/** How a record names the events of one request: each name once. */
export function joinNames(names: readonly string[]): string {
  const different = [...new Set(names)];
  const shown = different.slice(0, MAX_NAMES);
  return [...shown, ...(different.length > MAX_NAMES ? ['…'] : [])].join(BETWEEN);
}

/** The event that a record names; of a batch the first. Throws `usage` for an unknown one. */
export function findRecordedEvent(vendor: Vendor, name: string): VendorEvent {
  const isKnown = vendor.events.some((candidate) => candidate.name === name);
  return findEvent(vendor, isKnown || vendor.batch === undefined ? name : (name.split(BETWEEN)[0] ?? name));
}
