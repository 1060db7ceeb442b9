import { AppError } from '../model/error.ts';
import type { Vendor } from '../model/vendor.ts';
import type { VendorEntry, VendorRegistry } from '../model/vendor-registry.ts';
import { BUILT_IN } from './vendor-index.ts';

/** A vendor that is read when it is asked for. */
export interface ListedVendor extends VendorEntry {
  load(): Promise<Vendor>;
}

/** A registry of these vendors. */
export function makeRegistry(vendors: readonly ListedVendor[]): VendorRegistry {
  return {
    entries: vendors,
    load: async (id) => findEntry(vendors, id).load(),
    loadAll: () => Promise.all(vendors.map((vendor) => vendor.load())),
  };
}

export const builtInVendors: VendorRegistry = makeRegistry(BUILT_IN);

/** The entry of this id. Throws AppError `usage` for an unknown one. */
export function findEntry<Entry extends VendorEntry>(entries: readonly Entry[], id: string): Entry {
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry) return entry;
  const among = entries.map((candidate) => candidate.id);
  throw new AppError('usage', `unknown vendor "${id}"`, {
    hint: `known: ${among.join(', ')}; or give a vendor file: --vendor ./acme.vendor.json`,
    unknown: { given: id, among },
  });
}

/** The names of all events, of all vendors. */
export const eventNames = (entries: readonly VendorEntry[]): string[] => entries.flatMap(({ events }) => events);

/**
 * The vendor that an event's name means where nobody named one: whose webhook gets it, else an original vendor, else
 * another built-in one, else one of a file. So a file neither takes a name away nor makes it ambiguous, and of the
 * original vendors' names nobody does.
 * @param subscribed ids of the vendors whose configured webhooks list the event
 * @throws AppError `usage` when none has the event, or several that are equally near.
 */
export function findSender(entries: readonly VendorEntry[], event: string, subscribed: readonly string[]): string {
  const able = entries.filter(({ events }) => events.includes(event));
  const original = able.filter(({ isOriginal }) => isOriginal);
  const isSubscribed = ({ id }: VendorEntry): boolean => subscribed.includes(id);
  const builtIn = able.filter(({ file }) => file === undefined);
  const nearestFirst = [able.filter(isSubscribed), original.filter(isSubscribed), original, builtIn, able];
  const only = nearestFirst.find(({ length }) => length === 1)?.[0];
  if (only !== undefined) return only.id;
  const [first, ...others] = nearestFirst.find(({ length }) => length > 0) ?? [];
  if (first === undefined) {
    throw new AppError('usage', `no vendor has an event "${event}"`, {
      hint: 'webhook events lists them',
      unknown: { given: event, among: eventNames(entries) },
    });
  }
  throw new AppError(
    'usage',
    `several vendors have an event "${event}": ${[first, ...others].map(({ id }) => id).join(', ')}`,
    { hint: `choose with --vendor ${first.id}` },
  );
}
