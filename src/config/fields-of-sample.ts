import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';

// Fields as a vendor file writes them: what is left out, such as the certainty, is filled in behind this.

/** The fields of an event whose body is `sample`; at the dotted paths of `generated` a value is made anew. */
export function fieldsOfSample(sample: JsonObject, generated: Readonly<Record<string, JsonValue>>): JsonObject[] {
  return fieldsOf(sample, '', generated);
}

function fieldsOf(object: JsonObject, prefix: string, generated: Readonly<Record<string, JsonValue>>): JsonObject[] {
  return Object.entries(object).map(([name, value]) => {
    const path = `${prefix}${name}`;
    const made = Object.hasOwn(generated, path) ? generated[path] : undefined;
    return { name, ...shapeOf(value, path, generated), ...(made === undefined ? {} : { generated: made }) };
  });
}

function shapeOf(value: JsonValue, path: string, generated: Readonly<Record<string, JsonValue>>): JsonObject {
  // Of what may stand there instead of null nothing is known; most values are texts.
  if (value === null) return { type: 'string', nullable: true, example: null };
  if (Array.isArray(value)) return { type: 'array', example: value, ...itemsOf(value) };
  if (!isObject(value)) return { type: typeof value, example: value };
  if (Object.keys(value).length === 0) return { type: 'object', example: value };
  return { type: 'object', fields: fieldsOf(value, `${path}.`, generated) };
}

/** What the elements have in common, where all are of one type. */
function itemsOf(list: readonly JsonValue[]): JsonObject {
  const types = new Set(list.map(typeOf));
  const [type] = types;
  return types.size === 1 && type !== undefined && type !== null ? { items: { type } } : {};
}

function typeOf(value: JsonValue): string | null {
  if (value === null) return null;
  return Array.isArray(value) ? 'array' : typeof value;
}
