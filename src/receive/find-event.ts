import type { JsonObject } from '../model/json.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { eventFieldOf } from '../vendors/facts.ts';

/** The event a request is of. */
export interface FoundEvent {
  /** As the request says, also when the vendor is not known to have it; null when nothing tells. */
  name: string | null;
  /** Null for an event that the vendor is not known to have. */
  event: VendorEvent | null;
}

const MAX_NAME_LENGTH = 100;

/**
 * Which of the vendor's events this is: by the field that names it, or else by the fields it has.
 * @param expected of a configured webhook: only these are considered where no field names the event
 */
export function findEvent(vendor: Vendor, payload: JsonObject | null, expected?: readonly string[]): FoundEvent {
  const nameField = eventFieldOf(vendor);
  if (nameField !== null) {
    const said = payload?.[nameField];
    const name = typeof said === 'string' ? said : null;
    return {
      name: name?.slice(0, MAX_NAME_LENGTH) ?? null,
      event: vendor.events.find((one) => one.name === name) ?? null,
    };
  }
  const listed = vendor.events.filter(({ name }) => expected === undefined || expected.includes(name));
  const event = mostLike(payload, listed.length === 0 ? vendor.events : listed);
  return { name: event?.name ?? null, event };
}

/** The event whose fields have most in common with the payload's; the first of several that are alike. */
function mostLike(payload: JsonObject | null, events: readonly VendorEvent[]): VendorEvent | null {
  const [only, ...others] = events;
  if (only === undefined || others.length === 0 || payload === null) return only ?? null;
  const names = Object.keys(payload);
  let best = only;
  let bestDistance = Infinity;
  for (const event of events) {
    const known = namesOf(event);
    const common = names.filter((name) => known.has(name)).length;
    const distance = known.size + names.length - 2 * common;
    if (distance < bestDistance) [best, bestDistance] = [event, distance];
  }
  return best;
}

const nameSets = new WeakMap<VendorEvent, ReadonlySet<string>>();

function namesOf(event: VendorEvent): ReadonlySet<string> {
  let names = nameSets.get(event);
  if (names === undefined) nameSets.set(event, (names = new Set(event.fields.map(({ name }) => name))));
  return names;
}
