import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Vendor, VendorEvent, Field } from '../model/vendor.ts';
import { eventFieldOf } from '../vendors/facts.ts';

/** The event that a request reports. */
export interface FoundEvent {
  /** As the request names it, even when the vendor is not known to have it; null when nothing names it. */
  name: string | null;
  /** Null for an event that the vendor is not known to have. */
  event: VendorEvent | null;
}

const MAX_NAME_LENGTH = 100;

/**
 * Finds which of the vendor's events this is: by the field that names it, or else by the fields it has.
 * @param expected of a configured webhook: only these are considered where no field names the event
 */
export function recogniseEvent(vendor: Vendor, payload: JsonObject | null, expected?: readonly string[]): FoundEvent {
  const nameField = eventFieldOf(vendor);
  if (nameField !== null) {
    const named = payload?.[nameField];
    const name = typeof named === 'string' ? named : null;
    return {
      name: name?.slice(0, MAX_NAME_LENGTH) ?? null,
      event: vendor.events.find((one) => one.name === name) ?? null,
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

/** One difference between a payload and the vendor's field list. */
export interface Drift {
  kind: 'unknown' | 'missing' | 'type';
  /** Dotted path: `data.bounce.type`, `attachments.0.size`; empty for the payload itself. */
  field: string;
  /** What the list says: `string`, `integer or null`, `no such field`. */
  expected: string;
  /** What is there: `number`, `null`, `nothing`. */
  observed: string;
}

type Shape = Omit<Field, 'name' | 'certainty'>;

/** Somebody else's payload differs in everything; this many are enough to see that. */
const MAX_DRIFTS = 50;
const MAX_ELEMENTS = 100;

/**
 * Compares a payload with the fields of its event: unknown, missing and of another type, at any depth the list
 * describes.
 */
export function findDrift(
  payload: JsonValue | undefined,
  { fields, partial }: Pick<VendorEvent, 'fields' | 'partial'>,
): Drift[] {
  const found: Drift[] = [];
  if (partial === undefined) compareShape('', payload, { type: 'object', fields }, found);
  else {
    compareShape('', payload, { type: 'object', fields: fields.map(asOptional) }, found);
    if (hasNone(payload, fields))
      found.unshift({ kind: 'missing', field: '', expected: 'any field of the event', observed: 'none' });
  }
  return found;
}

const asOptional = (field: Field): Field => (field.optional ? field : { ...field, optional: true });

const hasNone = (payload: JsonValue | undefined, fields: readonly Field[]): boolean =>
  typeof payload === 'object' && payload !== null && !fields.some(({ name }) => Object.hasOwn(payload, name));

function compareShape(path: string, value: JsonValue | undefined, shape: Shape, found: Drift[]): void {
  if (found.length >= MAX_DRIFTS) return;
  if (!hasType(value, shape)) {
    found.push({ kind: 'type', field: path, expected: typeText(shape), observed: observedType(value) });
    return;
  }
  if (value === null) return;
  if (shape.fields !== undefined) compareFields(path, value as JsonObject, shape, found);
  else if (shape.items !== undefined) {
    const { items } = shape;
    for (const [index, element] of (value as JsonValue[]).slice(0, MAX_ELEMENTS).entries())
      compareShape(join(path, String(index)), element, items, found);
  }
}

function compareFields(path: string, object: JsonObject, { fields = [], anyKeys }: Shape, found: Drift[]): void {
  let expected = 0;
  for (const field of fields) {
    if (Object.hasOwn(object, field.name)) {
      expected += 1;
      compareShape(join(path, field.name), object[field.name], field, found);
    } else if (!field.optional && field.selectable === undefined && found.length < MAX_DRIFTS) {
      found.push({ kind: 'missing', field: join(path, field.name), expected: typeText(field), observed: 'nothing' });
    }
  }
  const names = Object.keys(object);
  if (names.length === expected || anyKeys) return;
  const known = new Set(fields.map(({ name }) => name));
  for (const name of names) {
    if (found.length >= MAX_DRIFTS) return;
    if (!known.has(name))
      found.push({
        kind: 'unknown',
        field: join(path, name.slice(0, MAX_NAME_LENGTH)),
        expected: 'no such field',
        observed: observedType(object[name]),
      });
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function hasType(value: JsonValue | undefined, { type, nullable }: Shape): boolean {
  if (value === null) return nullable === true;
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

const typeText = ({ type, nullable }: Shape): string => (nullable ? `${type} or null` : type);

function observedType(value: JsonValue | undefined): string {
  if (value === undefined) return 'no JSON';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
