import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Plan } from '../model/plan.ts';
import type { Field, VendorEvent } from '../model/vendor.ts';
import { listSome } from '../model/wording.ts';
import { bodyWords } from './body-facts.ts';
import { formOf } from './generated-forms.ts';
import { readPayload } from './read-body.ts';

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

/**
 * In which ways the body is none that the vendor sends; null when there are none. What hookproof makes itself fits, so
 * they are the user's own.
 */
export function describeChanges(plan: Pick<Plan, 'vendor' | 'event' | 'body' | 'url'>): string | null {
  const { vendor, event } = plan;
  const payload = readPayload(vendor, plan);
  const drift = payload === null ? null : findDrift(payload, event);
  if (drift?.length === 0) return null;
  const changes = drift?.map(driftText) ?? [`the body is not ${bodyWords(vendor)}`];
  return `${event.name} as you changed it is not one that ${vendor.title} sends: ${listSome(changes)}`;
}

type Shape = Omit<Field, 'name' | 'certainty'>;

/** Somebody else's payload differs in everything; this many are enough to see that. */
const MAX_DRIFTS = 50;
const MAX_ELEMENTS = 100;
const MAX_NAME_LENGTH = 100;

/** A comparison under way. */
interface Comparison {
  found: Drift[];
  /** Where it is. Joined only where something is found: every event is compared before it is sent. */
  path: string[];
  /** The fields of the payload itself may be left out, those further in may not. */
  isPartial: boolean;
  /** Of a stranger's payload some things are passed over: elements without end, and the form of ids and times. */
  isThorough: boolean;
}

/**
 * Compares a payload with the fields of its event: unknown, missing and of another type, at any depth the list
 * describes.
 */
export function findDrift(
  payload: JsonValue | undefined,
  event: Pick<VendorEvent, 'fields' | 'partial'>,
): readonly Drift[] {
  return compare(payload, event, false);
}

/**
 * The same of a payload that we made, in full: every element, the form of what is generated, and whether it is JSON at
 * all. `undefined`, NaN or a Date would be sent as something else.
 */
export function findMisfits(payload: JsonValue, event: Pick<VendorEvent, 'fields' | 'partial'>): readonly Drift[] {
  return compare(payload, event, true);
}

function compare(
  payload: JsonValue | undefined,
  { fields, partial }: Pick<VendorEvent, 'fields' | 'partial'>,
  isThorough: boolean,
): Drift[] {
  const found: Drift[] = [];
  const isPartial = partial !== undefined;
  compareShape(payload, { type: 'object', fields }, { found, path: [], isPartial, isThorough });
  if (isPartial && hasNone(payload, fields))
    found.unshift({ kind: 'missing', field: '', expected: 'any field of the event', observed: 'none' });
  return found;
}

const hasNone = (payload: JsonValue | undefined, fields: readonly Field[]): boolean =>
  typeof payload === 'object' && payload !== null && !fields.some(({ name }) => Object.hasOwn(payload, name));

function compareShape(value: JsonValue | undefined, shape: Shape, comparison: Comparison): void {
  const { found, isThorough } = comparison;
  if (found.length >= MAX_DRIFTS) return;
  const problem = problemOf(value, shape, isThorough);
  if (problem !== null) {
    found.push({ kind: 'type', field: comparison.path.join('.'), ...problem });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (shape.fields !== undefined) compareFields(value as JsonObject, shape, comparison);
  else if (shape.items !== undefined) compareElements(value as JsonValue[], shape.items, comparison);
  else if (isThorough) compareJson(value, comparison);
}

function compareElements(elements: readonly JsonValue[], items: Shape, comparison: Comparison): void {
  const length = comparison.isThorough ? elements.length : Math.min(elements.length, MAX_ELEMENTS);
  for (let index = 0; index < length; index += 1) {
    comparison.path.push(String(index));
    compareShape(elements[index], items, comparison);
    comparison.path.pop();
  }
}

function compareFields(object: JsonObject, shape: Shape, comparison: Comparison): void {
  const { fields = [], anyKeys } = shape;
  const { found, path, isThorough } = comparison;
  const isPartial = comparison.isPartial && path.length === 0;
  let expected = 0;
  for (const field of fields) {
    if (Object.hasOwn(object, field.name)) {
      expected += 1;
      path.push(field.name);
      compareShape(object[field.name], field, comparison);
      path.pop();
    } else if (!isPartial && !field.optional && field.selectable === undefined && found.length < MAX_DRIFTS) {
      found.push({
        kind: 'missing',
        field: [...path, field.name].join('.'),
        expected: typeText(field),
        observed: 'nothing',
      });
    }
  }
  if (anyKeys && !isThorough) return;
  if (Object.keys(object).length > expected) compareOtherKeys(object, shape, comparison);
}

function compareOtherKeys(object: JsonObject, { fields = [], anyKeys }: Shape, comparison: Comparison): void {
  const { found, path } = comparison;
  const known = new Set(fields.map(({ name }) => name));
  for (const name of Object.keys(object)) {
    if (found.length >= MAX_DRIFTS) return;
    if (known.has(name)) continue;
    const value = object[name];
    path.push(name.slice(0, MAX_NAME_LENGTH));
    if (anyKeys) compareJson(value, comparison);
    else
      found.push({ kind: 'unknown', field: path.join('.'), expected: 'no such field', observed: observedType(value) });
    path.pop();
  }
}

/** A value of any kind, as long as it is sent as it is. */
function compareJson(value: JsonValue | undefined, comparison: Comparison): void {
  const { found, path } = comparison;
  if (found.length >= MAX_DRIFTS) return;
  if (Array.isArray(value) || isPlainObject(value)) {
    for (const [name, inner] of Object.entries(value)) {
      path.push(name.slice(0, MAX_NAME_LENGTH));
      compareJson(inner, comparison);
      path.pop();
    }
  } else if (value !== null && typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value))
    found.push({ kind: 'type', field: path.join('.'), expected: 'a JSON value', observed: observedType(value) });
}

function problemOf(
  value: JsonValue | undefined,
  shape: Shape,
  isThorough: boolean,
): Pick<Drift, 'expected' | 'observed'> | null {
  if (!hasType(value, shape)) return { expected: typeText(shape), observed: observedType(value) };
  if (shape.minimum !== undefined && typeof value === 'number' && value < shape.minimum)
    return { expected: `${typeText(shape)}, ${shape.minimum} or more`, observed: String(value) };
  if (!isThorough || shape.generated === undefined || typeof value !== 'string') return null;
  const form = formOf(shape);
  return form === null || form.test(value)
    ? null
    : { expected: `text of the form ${form.source}`, observed: JSON.stringify(value.slice(0, MAX_NAME_LENGTH)) };
}

function hasType(value: JsonValue | undefined, { type, nullable }: Shape): boolean {
  if (value === null) return nullable === true;
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isPlainObject(value);
    default:
      return typeof value === type;
  }
}

/** As JSON has them: a Date or a Buffer would be written as something else. */
function isPlainObject(value: JsonValue | undefined): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const typeText = ({ type, nullable }: Shape): string => (nullable ? `${type} or null` : type);

function observedType(value: JsonValue | undefined): string {
  if (value === undefined) return 'not JSON';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'object' && !isPlainObject(value) ? 'not JSON' : typeof value;
}

/** One difference as a person reads it. */
export function driftText({ kind, field, expected, observed }: Drift): string {
  const name = field === '' ? 'the body' : field;
  if (kind === 'missing') return `${name} is missing (${expected})`;
  if (kind === 'unknown')
    return `${name} is unknown (${expected === 'no such field' ? observed : `${observed}; ${expected}`})`;
  return `${name} is ${observed}, expected ${expected}`;
}
