import { UNKNOWN } from '../../model/attempt.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { FoundEvent } from '../../receive/match-event.ts';
import type { ReceivedRequest } from '../../receive/received-request.ts';
import { bodyWords } from '../../vendors/body-facts.ts';
import { findDrift, type Drift } from '../../vendors/drift.ts';
import { readEventId, readEventMark } from '../../vendors/event-key.ts';
import { joinNames } from '../../vendors/find-event.ts';
import { withSignedPlaces } from '../../vendors/signed-places.ts';

/** Finds which of the vendor's events a payload is. */
export type FindEvent = (payload: JsonObject | null) => FoundEvent;

/** What an event goes by. */
export interface ContainedEvent {
  event: string | null;
  eventId: string | null;
  eventMark: string | null;
}

/** What a request goes by: its one event, or all of a batch. */
export interface NamedContent extends ContainedEvent {
  batch: readonly ContainedEvent[] | null;
}

export const nameEvents = (
  vendor: Vendor,
  request: ReceivedRequest,
  payloads: readonly JsonObject[] | null,
  find: FindEvent,
): NamedContent =>
  payloads !== null && payloads.length > 1
    ? nameBatch(vendor, request, payloads, find)
    : nameOne(vendor, request, payloads?.[0] ?? null, find);

const nameOne = (
  vendor: Vendor,
  { headers }: ReceivedRequest,
  payload: JsonObject | null,
  find: FindEvent,
): NamedContent => ({
  event: find(payload).name,
  eventId: readEventId(vendor, headers, payload),
  eventMark: readEventMark(vendor, headers, payload),
  batch: null,
});

function nameBatch(
  vendor: Vendor,
  { headers }: ReceivedRequest,
  payloads: readonly JsonObject[],
  find: FindEvent,
): NamedContent {
  const batch = payloads.map((payload, position) => ({
    event: find(payload).name,
    eventId: readEventId(vendor, headers, payload, position),
    eventMark: readEventMark(vendor, headers, payload, position),
  }));
  return { event: joinNames(batch.map(({ event }) => event ?? UNKNOWN)), eventId: null, eventMark: null, batch };
}

/** As many as of one event: of a large batch all may differ. */
const MAX_DRIFTS = 50;

/** How the events differ from the vendor's fields; those of a batch stand under their index. */
export function driftOfEvents(
  vendor: Vendor,
  payloads: readonly JsonObject[] | null,
  find: FindEvent,
): readonly Drift[] {
  if (payloads === null) return [{ kind: 'type', field: '', expected: 'object', observed: `not ${bodyWords(vendor)}` }];
  const [only] = payloads;
  if (only !== undefined && payloads.length === 1) return driftOf(vendor, find(only), only);
  const drifts: Drift[] = [];
  for (const [position, payload] of payloads.entries()) {
    for (const drift of driftOf(vendor, find(payload), payload))
      drifts.push({ ...drift, field: [String(position), drift.field].filter((part) => part !== '').join('.') });
    if (drifts.length >= MAX_DRIFTS) break;
  }
  return drifts.slice(0, MAX_DRIFTS);
}

function driftOf(vendor: Vendor, { name, event }: FoundEvent, payload: JsonObject): readonly Drift[] {
  if (event !== null) return findDrift(payload, withSignedPlaces(vendor, event));
  const names = vendor.events.map((one) => one.name).join(', ');
  return [{ kind: 'unknown', field: 'event', expected: `one of ${names}`, observed: name ?? 'nothing' }];
}
