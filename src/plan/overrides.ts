import { AppError } from '../model/error.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { VendorEvent } from '../model/vendor.ts';
import {
  childOf,
  findShape,
  isIndex,
  isObject,
  listPaths,
  parsePath,
  type FieldShape,
  type Segment,
} from './field-path.ts';
import { guessValue, readTypedValue } from './typed-value.ts';

/** As given on the command line: `path=value` for `set` and `add`, a path for `remove`. */
export interface Overrides {
  set: readonly string[];
  add: readonly string[];
  remove: readonly string[];
}

/**
 * Applies the overrides to a copy of the payload: `set`, then `add`, then `remove`.
 * Ignores nothing silently: a path that leads nowhere, a value of the wrong type and adding a field
 * that exists throw `usage`.
 */
export function applyOverrides(payload: JsonObject, event: VendorEvent, overrides: Overrides): JsonObject {
  let result = payload;
  for (const text of overrides.set) result = setField(result, event, text);
  for (const text of overrides.add) result = addField(result, text);
  for (const path of overrides.remove) result = removeField(result, event, path);
  return result;
}

function setField(payload: JsonObject, event: VendorEvent, text: string): JsonObject {
  const [path, valueText] = splitAssignment('--set', text);
  const segments = parsePath(path);
  const shape = findShape(event, payload, segments);
  if (!shape) throw unknownPath(event, path, `to send a field the vendor does not know: --add '${text}'`);
  return putAt(payload, segments, readTypedValue(path, valueText, shape), {
    path,
    shape: rootShape(event),
  }) as JsonObject;
}

function addField(payload: JsonObject, text: string): JsonObject {
  const [path, valueText] = splitAssignment('--add', text);
  const segments = parsePath(path);
  if (readAt(payload, segments) !== undefined) {
    throw new AppError('usage', `--add ${path}: it is there already`, { hint: `change it with --set '${text}'` });
  }
  return putAt(payload, segments, guessValue(path, valueText), { path, shape: undefined }) as JsonObject;
}

function removeField(payload: JsonObject, event: VendorEvent, path: string): JsonObject {
  const segments = parsePath(path);
  if (readAt(payload, segments) !== undefined) return dropAt(payload, segments) as JsonObject;
  // A known field that is absent already, as in a minimal sample, is what was asked for.
  const parent = readAt(payload, segments.slice(0, -1));
  if (!Array.isArray(parent) && findShape(event, payload, segments)) return payload;
  throw unknownPath(event, path, 'nothing was sent; `webhook events` lists the fields');
}

function rootShape(event: VendorEvent): FieldShape {
  return { type: 'object', fields: event.fields };
}

function splitAssignment(flag: string, text: string): [path: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new AppError('usage', `${flag} "${text}" is not path=value`, {
    hint: `for example ${flag} 'email=me@example.com'`,
  });
}

function unknownPath(event: VendorEvent, path: string, hint: string): AppError {
  return new AppError('usage', `${event.name} has no field "${path}"`, {
    hint,
    unknown: { given: path, among: listPaths(event) },
  });
}

function readAt(payload: JsonValue, segments: readonly Segment[]): JsonValue | undefined {
  return segments.reduce<JsonValue | undefined>(childOf, payload);
}

/** Where a value is put: the whole path for messages, and the declared shape that gives new keys their place. */
interface PathShape {
  path: string;
  shape: FieldShape | undefined;
}

/** Copies the containers along the path: neither the caller's payload nor a prototype is changed. */
function putAt(
  container: JsonValue | undefined,
  segments: readonly Segment[],
  value: JsonValue,
  at: PathShape,
): JsonValue {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value;
  const { path, shape } = at;
  const array = container === undefined && shape?.items ? [] : container;
  if (Array.isArray(array)) {
    checkIndex(path, array, segment, rest.length > 0);
    const copy = [...array];
    copy[Number(segment)] = putAt(array[Number(segment)], rest, value, { path, shape: shape?.items });
    return copy;
  }
  const object = asObject(container, path);
  const field = shape?.fields?.find((candidate) => candidate.name === segment);
  const child = putAt(childOf(object, segment), rest, value, { path, shape: field });
  return putMember(object, segment, child, shape);
}

/** An absent or null container becomes an object; text and numbers cannot hold anything. */
function asObject(container: JsonValue | undefined, path: string): JsonObject {
  if (container === undefined || container === null) return {};
  if (isObject(container)) return container;
  throw new AppError('usage', `${path} leads into a value that has no fields`, { hint: 'shorten the path' });
}

/** A new element is appended whole: an element with one field of five is no vendor's event. */
function checkIndex(path: string, array: readonly JsonValue[], segment: Segment, goesOn: boolean): void {
  const last = array.length - (goesOn ? 1 : 0);
  if (isIndex(segment) && Number(segment) <= last) return;
  throw new AppError('usage', `${path}: there are ${array.length} elements, and none has the index ${segment}`, {
    hint: 'the first is 0; set the whole array as JSON to make it longer',
  });
}

/** An existing key keeps its place; a new one goes where the field list has it, an unknown one last. */
function putMember(object: JsonObject, key: string, value: JsonValue, shape: FieldShape | undefined): JsonObject {
  const entries = Object.entries(object);
  const at = entries.findIndex(([name]) => name === key);
  if (at >= 0) entries[at] = [key, value];
  else entries.splice(findInsertion(entries, key, shape), 0, [key, value]);
  return Object.fromEntries(entries);
}

function findInsertion(entries: readonly [string, JsonValue][], key: string, shape: FieldShape | undefined): number {
  const order = shape?.fields?.map((field) => field.name) ?? [];
  const after = order.slice(order.indexOf(key) + 1);
  if (after.length === order.length) return entries.length;
  const at = entries.findIndex(([name]) => after.includes(name));
  return at >= 0 ? at : entries.length;
}

function dropAt(container: JsonValue | undefined, segments: readonly Segment[]): JsonValue {
  const [segment = '', ...rest] = segments;
  const child = (): JsonValue => dropAt(childOf(container, segment), rest);
  if (Array.isArray(container)) {
    return rest.length > 0 ? container.with(Number(segment), child()) : container.toSpliced(Number(segment), 1);
  }
  const entries = Object.entries(container as JsonObject);
  return Object.fromEntries(
    rest.length > 0
      ? entries.map(([name, value]) => [name, name === segment ? child() : value])
      : entries.filter(([name]) => name !== segment),
  );
}
