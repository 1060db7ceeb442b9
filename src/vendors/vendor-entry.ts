import type { Vendor } from '../model/vendor.ts';
import type { VendorEntry } from '../model/vendor-registry.ts';
import { isSigned } from './facts.ts';
import type { MistakeId } from './receiver-mistakes.ts';

/** The vendors of this folder list only mistakes that are in the catalogue. */
export type OwnVendor = Vendor & { receiverMistakes?: readonly { id: MistakeId }[] };

/** A vendor of this folder, which is a module of its own: only who is asked for is read. */
export interface BuiltInVendor extends VendorEntry {
  load(): Promise<OwnVendor>;
}

/** The ids of the vendors that hookproof began with, in the order they are shown. */
export const ORIGINAL_IDS: readonly string[] = ['mailkit', 'mailkite', 'mailkite-selfhost', 'mail2many', 'mail-plus'];

/** What an index says of the vendor. */
export function entryOf(vendor: Vendor): Omit<VendorEntry, 'isOriginal'> {
  const { id, title, events, trust } = vendor;
  return {
    id,
    title,
    events: events.map(({ name }) => name),
    selectable: events.flatMap(({ fields }) => fields.flatMap(({ selectable }) => selectable ?? [])),
    isSigned: isSigned(vendor),
    showsCertificate: trust.clientCertificate !== undefined,
  };
}
