import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Field, VendorEvent } from '../model/vendor.ts';
import { formOf } from './generated-forms.ts';

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
const MAX_NAME_LENGTH = 100;

/** A comparison under way. */
interface Comparison {
  found: Drift[];
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
  if (partial === undefined) compareShape('', payload, { type: 'object', fields }, { found, isThorough });
  else {
    compareShape('', payload, { type: 'object', fields: fields.map(asOptional) }, { found, isThorough });
    if (hasNone(payload, fields))
      found.unshift({ kind: 'missing', field: '', expected: 'any field of the event', observed: 'none' });
  }
  return found;
}

const asOptional = (field: Field): Field => (field.optional ? field : { ...field, optional: true });

const hasNone = (payload: JsonValue | undefined, fields: readonly Field[]): boolean =>
  typeof payload === 'object' && payload !== null && !fields.some(({ name }) => Object.hasOwn(payload, name));

function compareShape(path: string, value: JsonValue | undefined, shape: Shape, comparison: Comparison): void {
  const { found, isThorough } = comparison;
  if (found.length >= MAX_DRIFTS) return;
  const problem = problemOf(value, shape, isThorough);
  if (problem !== null) {
    found.push({ kind: 'type', field: path, ...problem });
    return;
  }
  if (value === null) return;
  if (shape.fields !== undefined) compareFields(path, value as JsonObject, shape, comparison);
  else if (shape.items !== undefined) {
    const { items } = shape;
    const elements = value as JsonValue[];
    for (const [index, element] of (isThorough ? elements : elements.slice(0, MAX_ELEMENTS)).entries())
      compareShape(join(path, String(index)), element, items, comparison);
  } else if (isThorough) compareJson(path, value, found);
}

function compareFields(path: string, object: JsonObject, shape: Shape, comparison: Comparison): void {
  const { fields = [], anyKeys } = shape;
  const { found, isThorough } = comparison;
  let expected = 0;
  for (const field of fields) {
    if (Object.hasOwn(object, field.name)) {
      expected += 1;
      compareShape(join(path, field.name), object[field.name], field, comparison);
    } else if (!field.optional && field.selectable === undefined && found.length < MAX_DRIFTS) {
      found.push({ kind: 'missing', field: join(path, field.name), expected: typeText(field), observed: 'nothing' });
    }
  }
  const names = Object.keys(object);
  if (names.length === expected || (anyKeys && !isThorough)) return;
  const known = new Set(fields.map(({ name }) => name));
  for (const name of names) {
    if (found.length >= MAX_DRIFTS) return;
    if (known.has(name)) continue;
    const field = join(path, name.slice(0, MAX_NAME_LENGTH));
    if (anyKeys) compareJson(field, object[name], found);
    else found.push({ kind: 'unknown', field, expected: 'no such field', observed: observedType(object[name]) });
  }
}

/** A value of any kind, as long as it is sent as it is. */
function compareJson(path: string, value: JsonValue | undefined, found: Drift[]): void {
  if (found.length >= MAX_DRIFTS) return;
  if (Array.isArray(value) || isPlainObject(value)) {
    for (const [name, inner] of Object.entries(value))
      compareJson(join(path, name.slice(0, MAX_NAME_LENGTH)), inner, found);
  } else if (value !== null && typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value))
    found.push({ kind: 'type', field: path, expected: 'a JSON value', observed: observedType(value) });
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function problemOf(
  value: JsonValue | undefined,
  shape: Shape,
  isThorough: boolean,
): Pick<Drift, 'expected' | 'observed'> | null {
  if (!hasType(value, shape)) return { expected: typeText(shape), observed: observedType(value) };
  if (shape.minimum !== undefined && typeof value === 'number' && value < shape.minimum)
    return { expected: `${typeText(shape)}, ${shape.minimum} or more`, observed: String(value) };
  if (!isThorough || shape.generated === undefined || typeof value !== 'string') return null;
  const form = formOf(shape.generated);
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
  if (value === undefined) return 'no JSON';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'object' && !isPlainObject(value) ? 'no JSON' : typeof value;
}

/** One difference as a person reads it. */
export function driftText({ kind, field, expected, observed }: Drift): string {
  const name = field === '' ? 'the body' : field;
  if (kind === 'missing') return `${name} is missing (${expected})`;
  if (kind === 'unknown')
    return `${name} is unknown (${expected === 'no such field' ? observed : `${observed}; ${expected}`})`;
  return `${name} is ${observed}, expected ${expected}`;
}
