import type { JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { readEventName, readHeader } from '../vendors/event-key.ts';
import { eventFieldOf, eventHeaderOf } from '../vendors/facts.ts';

/** The event that a request reports. */
export interface FoundEvent {
  /** As the request names it, even when the vendor is not known to have it; null when nothing names it. */
  name: string | null;
  /** Null for an event that the vendor is not known to have. */
  event: VendorEvent | null;
}

const MAX_NAME_LENGTH = 100;

/**
 * Finds which of the vendor's events this is: by the field or the header that names it, or else by the fields it has.
 * The field counts where there is one: it may be signed, which a header mostly is not.
 * @param expected of a configured webhook: only these are considered where nothing names the event
 */
export function recogniseEvent(
  vendor: Vendor,
  payload: JsonObject | null,
  expected?: readonly string[],
  headers: readonly Header[] = [],
): FoundEvent {
  const hasField = eventFieldOf(vendor) !== null;
  const named = hasField ? readEventName(vendor, payload) : readHeader(headers, eventHeaderOf(vendor));
  if (hasField || named !== null) {
    return {
      name: named?.slice(0, MAX_NAME_LENGTH) ?? null,
      event: vendor.events.find((one) => one.name === named) ?? null,
    };
  }
  const listed = vendor.events.filter(({ name }) => expected === undefined || expected.includes(name));
  const event = mostLike(payload, listed.length === 0 ? vendor.events : listed);
  return { name: event?.name ?? null, event };
}

/**
 * The event that lacks the fewest of the payload's fields, and of several the one with most in common: a payload may
 * leave many fields out. The first of several equals.
 */
function mostLike(payload: JsonObject | null, events: readonly VendorEvent[]): VendorEvent | null {
  const [only, ...others] = events;
  if (only === undefined || others.length === 0 || payload === null) return only ?? null;
  const names = Object.keys(payload);
  let best = only;
  let [fewestUnknown, fewestMissing] = [Infinity, Infinity];
  for (const event of events) {
    const known = namesOf(event);
    const common = names.filter((name) => known.has(name)).length;
    const [unknown, missing] = [names.length - common, known.size - common];
    if (unknown < fewestUnknown || (unknown === fewestUnknown && missing < fewestMissing))
      [best, fewestUnknown, fewestMissing] = [event, unknown, missing];
  }
  return best;
}

const nameSets = new WeakMap<VendorEvent, ReadonlySet<string>>();

function namesOf(event: VendorEvent): ReadonlySet<string> {
  let names = nameSets.get(event);
  if (names === undefined) nameSets.set(event, (names = new Set(event.fields.map(({ name }) => name))));
  return names;
}
