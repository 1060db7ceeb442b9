import { AppError } from '../model/error.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { mail2many } from './mail2many.ts';
import { mailPlus } from './mail-plus.ts';
import { mailkit } from './mailkit.ts';
import { mailkite } from './mailkite.ts';
import { mailkiteSelfhost } from './mailkite-selfhost.ts';
import type { MistakeId } from './receiver-mistakes.ts';

export { eventSchema } from './schema.ts';

/** The vendors of this folder list only mistakes that are in the catalogue. */
type OwnVendor = Vendor & { receiverMistakes?: readonly { id: MistakeId }[] };

/** Every vendor, in the order they are shown. The only list. */
export const VENDORS: readonly Vendor[] = [
  mailkit,
  mailkite,
  mailkiteSelfhost,
  mail2many,
  mailPlus,
] satisfies readonly OwnVendor[];

/** The vendor of this id. Throws `usage` for an unknown one. */
export function findVendor(id: string): Vendor {
  const vendor = VENDORS.find((candidate) => candidate.id === id);
  if (vendor) return vendor;
  const among = VENDORS.map((candidate) => candidate.id);
  throw new AppError('usage', `there is no vendor "${id}"`, {
    hint: `known: ${among.join(', ')}`,
    unknown: { given: id, among },
  });
}

/** The vendors that send an event of this name: none, one, or several (`inbound`). */
export function vendorsWithEvent(eventName: string): Vendor[] {
  return VENDORS.filter((vendor) => vendor.events.some((event) => event.name === eventName));
}

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
