import { AppError } from '../model/error.ts';
import { exactNumber, isObject, listRepeatedKeys, type JsonObject, type JsonValue } from '../model/json.ts';
import { listJsonTokens } from '../model/json-tokens.ts';
import type { VendorEvent } from '../model/vendor.ts';
import { childOf, findShape, isIndex, listPaths, parsePath, type FieldShape, type Segment } from './field-path.ts';

/** As given on the command line: `path=value` for `set` and `add`, a path for `remove`. */
export interface Overrides {
  set: readonly string[];
  add: readonly string[];
  remove: readonly string[];
}

export const NO_OVERRIDES: Overrides = { set: [], add: [], remove: [] };

/**
 * Applies the overrides to a copy of the payload: `set`, then `add`, then `remove`.
 * Ignores nothing silently: a path that leads nowhere, a value of the wrong type and adding a field
 * that exists throw `usage`.
 */
export function applyOverrides(payload: JsonObject, event: VendorEvent, overrides: Overrides): JsonObject {
  let result = payload;
  refuseRepeatedPath(overrides.set);
  for (const text of overrides.set) result = setField(result, event, text);
  for (const text of overrides.add) result = addField(result, text);
  for (const path of overrides.remove) result = removeField(result, event, path);
  return result;
}

/** Of two values for one field the first would be dropped. */
function refuseRepeatedPath(assignments: readonly string[]): void {
  const paths = assignments.map((text) => splitAssignment('--set', text)[0]);
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  if (repeated === undefined) return;
  throw new AppError('usage', `--set ${repeated} is given twice`, { hint: 'leave out one of them' });
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
    throw new AppError('usage', `--add ${path}: the field already exists`, { hint: `change it with --set '${text}'` });
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
    hint: 'the first is 0; to make the array longer, set all of it as JSON',
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

/**
 * The value that `--set path=text` means for a field of this shape: text stays text for a string,
 * everything else is read as JSON. Throws `usage` saying what was expected, and for a number that would be sent as
 * another one.
 */
function readTypedValue(path: string, text: string, shape: FieldShape): JsonValue {
  if (text === 'null' && shape.nullable) return null;
  if (shape.type === 'string') return text;
  const value = parseJson(path, text);
  if (value === undefined) throw wrongType(path, text, shape);
  checkValue(path, value, shape);
  return value;
}

/** The value of `--add path=text`: JSON if it parses, else the text itself. Throws `usage` for numbers as above. */
function guessValue(path: string, text: string): JsonValue {
  const value = parseJson(path, text);
  return value === undefined ? text : value;
}

function parseJson(path: string, text: string): JsonValue | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  const repeated = listRepeatedKeys(text)[0]?.at(-1);
  if (repeated !== undefined) {
    throw new AppError(
      'usage',
      `${path} has the key ${JSON.stringify(repeated)} twice, and one of the two would be dropped`,
      {
        hint: 'send such a body byte for byte with --data FILE',
      },
    );
  }
  const inexact = findInexactNumber(text);
  if (inexact === null) return value;
  const became = Number.isFinite(Number(inexact)) ? `: it would be sent as ${Number(inexact)}` : '';
  throw new AppError('usage', `${path} has the number ${inexact}, which JavaScript cannot hold exactly${became}`, {
    hint: 'send such a body byte for byte with --data FILE',
  });
}

function checkValue(path: string, value: JsonValue, shape: FieldShape): void {
  if (value === null && shape.nullable) return;
  if (!hasType(value, shape)) throw wrongType(path, JSON.stringify(value), shape);
  if (Array.isArray(value)) {
    const { items } = shape;
    if (items) for (const [index, item] of value.entries()) checkValue(`${path}.${index}`, item, items);
  } else if (isObject(value) && shape.fields) {
    for (const [key, child] of Object.entries(value)) checkMember(path, key, child, shape);
  }
}

function checkMember(path: string, key: string, value: JsonValue, shape: FieldShape): void {
  const field = shape.fields?.find((candidate) => candidate.name === key);
  if (field) return checkValue(`${path}.${key}`, value, field);
  throw new AppError('usage', `${path} has no field "${key}"`, {
    hint: `to send a field the vendor does not know: --add '${path}.${key}=…'`,
    unknown: { given: key, among: (shape.fields ?? []).map((candidate) => candidate.name) },
  });
}

function hasType(value: JsonValue, shape: FieldShape): boolean {
  switch (shape.type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === shape.type;
  }
}

const EXPECTED: Record<FieldShape['type'], string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a JSON array',
};

function wrongType(path: string, given: string, shape: FieldShape): AppError {
  const expected = `${EXPECTED[shape.type]}${shape.nullable ? ' or null' : ''}`;
  return new AppError('usage', `${path} must be ${expected}, not "${given}"`, {
    hint:
      shape.example === undefined
        ? 'send any other body with --data FILE'
        : `for example ${path}=${JSON.stringify(shape.example)}`,
  });
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;

/**
 * Finds the first number in a JSON text that JavaScript would write as another one, as spelled there; null when all
 * keep their value. `12345678901234567890` becomes 12345678901234567000, `1e400` infinite;
 * `1.50` only changes its form.
 */
function findInexactNumber(json: string): string | null {
  const numbers = [...listJsonTokens(json, NUMBER)].map(({ token }) => token).filter((token) => !token.startsWith('"'));
  return numbers.find((token) => exactNumber(token) !== exactNumber(String(Number(token)))) ?? null;
}
