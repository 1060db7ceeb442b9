import { isObject, type JsonObject, type JsonSchema, type JsonValue } from '../model/json.ts';
import { unknownName, type Problem } from './check-structure.ts';

// A validator tries every branch of an `anyOf` and reports what is wrong with each. Of a wrong message part it has 70
// errors, and twice as many for each part around it: that takes long, and does not tell which one is meant. Here the
// branch that is meant is chosen first: each value is looked at once. The tests hold both to the same verdicts.

/** The keywords of the schema of vendor files. What stands beside a reference comes before what it leads to. */
interface FileSchema {
  title?: string;
  $ref?: string;
  default?: JsonValue;
  anyOf?: FileSchema[];
  const?: JsonValue;
  enum?: JsonValue[];
  examples?: JsonValue[];
  type?: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
  properties?: Record<string, FileSchema>;
  required?: string[];
  additionalProperties?: false | FileSchema;
  items?: FileSchema;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
}

/** A value and the part of the schema that it is held against. */
interface SchemaPlace {
  node: FileSchema;
  value: JsonValue;
  path: Problem['path'];
}

/** What in `value` does not fit the schema. Below a value of another kind nothing is looked at. */
export function findMismatches(schema: JsonSchema, value: JsonValue): Problem[] {
  const reader = new SchemaReader(schema);
  const problems: Problem[] = [];
  reader.visit(value, (place) => {
    if (isFit(place.node, place.value)) problems.push(...findKeyProblems(place, reader));
    else problems.push(misfit(place, reader));
  });
  return problems;
}

/** A copy of a value that fits, with what is left out as the schema's `default` says. */
export function fillDefaults(schema: JsonSchema, value: JsonValue): JsonValue {
  const filled = structuredClone(value);
  new SchemaReader(schema).visit(filled, ({ node, value: one }) => {
    if (!isObject(one)) return;
    for (const [key, property] of Object.entries(node.properties ?? {}))
      if (property.default !== undefined && !Object.hasOwn(one, key)) one[key] = property.default;
  });
  return filled;
}

class SchemaReader {
  readonly #root: FileSchema;
  readonly #definitions: Record<string, FileSchema>;

  constructor(schema: JsonSchema) {
    this.#root = schema;
    this.#definitions = (schema['$defs'] ?? {}) as Record<string, FileSchema>;
  }

  /** Shows every value that the schema speaks of, from the outside inward; of one that does not fit, nothing inside. */
  visit(root: JsonValue, show: (place: SchemaPlace) => void): void {
    const open: SchemaPlace[] = [{ node: this.#root, value: root, path: [] }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const place = { ...next, node: this.#chooseBranch(this.resolve(next.node), next.value) };
      show(place);
      if (isFit(place.node, place.value)) open.push(...partsOf(place).toReversed());
    }
  }

  resolve(node: FileSchema): FileSchema {
    if (node.$ref === undefined) return node;
    const { $ref, ...own } = node;
    return { ...this.resolve(this.#definitions[$ref.replace('#/$defs/', '')] as FileSchema), ...own };
  }

  /** The keys of an object there, whichever branch is meant. */
  keysOf(node: FileSchema): string[] {
    const { properties = {}, anyOf = [] } = this.resolve(node);
    return [...Object.keys(properties), ...anyOf.flatMap((branch) => this.keysOf(branch))];
  }

  /** The key of the branch under which this text is meant to stand; null where none has it among its examples. */
  keyFor({ anyOf = [] }: FileSchema, text: string): string | null {
    const properties = anyOf.flatMap((branch) => Object.entries(this.resolve(branch).properties ?? {}));
    return properties.find(([, { examples = [] }]) => examples.includes(text))?.[0] ?? null;
  }

  /** Of a node with branches the one that is meant; the node itself where none can be. */
  #chooseBranch(node: FileSchema, value: JsonValue): FileSchema {
    if (node.anyOf === undefined) return node;
    const branches = node.anyOf.map((branch) => this.#chooseBranch(this.resolve(branch), value));
    const meant = isObject(value) ? nearestBranch(branches, value) : branches.find((branch) => isFit(branch, value));
    return meant ?? branches.find(({ type }) => type === 'array' && Array.isArray(value)) ?? node;
  }
}

/** The branch that knows most of the keys, and misses fewest; undefined where none knows one. */
function nearestBranch(branches: readonly FileSchema[], value: JsonObject): FileSchema | undefined {
  const ranked = branches
    .filter(({ properties = {} }) => Object.keys(properties).some((key) => Object.hasOwn(value, key)))
    .toSorted((a, b) => keysInCommon(b, value) - keysInCommon(a, value));
  return ranked[0];
}

function keysInCommon({ properties = {}, required = [] }: FileSchema, value: JsonObject): number {
  const known = Object.keys(properties).filter((key) => Object.hasOwn(value, key));
  return 2 * known.length - required.filter((key) => !known.includes(key)).length;
}

/** The values inside that the schema speaks of. */
function partsOf({ node, value, path }: SchemaPlace): SchemaPlace[] {
  const { items } = node;
  if (Array.isArray(value))
    return items === undefined ? [] : value.map((one, index) => ({ node: items, value: one, path: [...path, index] }));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const property = propertyOf(node, key);
    return property === undefined ? [] : [{ node: property, value: one, path: [...path, key] }];
  });
}

function propertyOf({ properties = {}, additionalProperties }: FileSchema, key: string): FileSchema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return additionalProperties === false ? undefined : additionalProperties;
}

/** Whether it is of the right kind: its own keys and what is inside are looked at elsewhere. */
function isFit(node: FileSchema, value: JsonValue): boolean {
  if (node.anyOf !== undefined) return false;
  if (node.const !== undefined && node.const !== value) return false;
  if (node.enum !== undefined && !node.enum.includes(value)) return false;
  if (node.type !== undefined && !isOfType(node.type, value)) return false;
  if (typeof value === 'string') return isFitText(node, value);
  if (typeof value === 'number') return value >= (node.minimum ?? -Infinity) && value <= (node.maximum ?? Infinity);
  return !Array.isArray(value) || value.length >= (node.minItems ?? 0);
}

function isOfType(type: NonNullable<FileSchema['type']>, value: JsonValue): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'null') return value === null;
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function isFitText({ minLength = 0, maxLength = Infinity, pattern }: FileSchema, text: string): boolean {
  const { length } = Array.from(text);
  return length >= minLength && length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(text));
}

function findKeyProblems({ node, value, path }: SchemaPlace, reader: SchemaReader): Problem[] {
  if (!isObject(value)) return [];
  const properties = node.properties ?? {};
  if (isUnwrapped(node, value, reader))
    return [{ path, message: `"value" is missing: expected ${node.title}: ${AS_FACT}` }];
  const unknown = Object.keys(value).filter(
    (key) => node.additionalProperties === false && !Object.hasOwn(properties, key),
  );
  const missing = (node.required ?? []).filter((key) => !Object.hasOwn(value, key));
  return [
    ...unknown.map((key) => unknownName([...path, key], 'key', key, Object.keys(properties))),
    ...missing.map((key) => {
      const { title } = reader.resolve(properties[key] ?? {});
      return { path, message: `"${key}" is missing: expected ${title}` };
    }),
  ];
}

const AS_FACT = 'write it as { "value": … }';

/** What is known of something stands around it: how sure it is, and where it was read. */
const isFact = ({ properties = {}, required = [] }: FileSchema): boolean =>
  required.includes('value') && Object.hasOwn(properties, 'certainty');

/** Whether it is what belongs under "value". All that is wrong with it has this one cause. */
function isUnwrapped(node: FileSchema, value: JsonObject, reader: SchemaReader): boolean {
  if (!isFact(node) || Object.hasOwn(value, 'value')) return false;
  return reader.keysOf(node.properties?.['value'] ?? {}).some((key) => Object.hasOwn(value, key));
}

const SHOWN_TEXT = 80;

function misfit({ node, value, path }: SchemaPlace, reader: SchemaReader): Problem {
  if (isFact(node)) return { path, message: `expected ${node.title}, found ${foundText(value)}: ${AS_FACT}` };
  const key = typeof value === 'string' ? reader.keyFor(node, value) : null;
  if (key !== null) {
    const text = JSON.stringify(value);
    return { path, message: `expected ${node.title}, found ${text}: write it as { "${key}": ${text} }` };
  }
  const among = namesOf(node);
  const list = among.length === 0 || node.anyOf !== undefined ? '' : `, one of ${among.join(', ')}`;
  return {
    path,
    message: `expected ${node.title}${list}, found ${foundText(value)}`,
    ...(typeof value === 'string' && among.length > 0 ? { unknown: { given: value, among } } : {}),
  };
}

/** The texts that may stand there, where they are listed. */
const namesOf = ({ enum: listed = [], anyOf = [] }: FileSchema): string[] => [
  ...listed.filter((one) => typeof one === 'string'),
  ...anyOf.flatMap(namesOf),
];

function foundText(value: JsonValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isObject(value)) return `an object with ${Object.keys(value).join(', ').slice(0, SHOWN_TEXT) || 'nothing in it'}`;
  if (value === '') return 'an empty text';
  return typeof value === 'string' && value.length > SHOWN_TEXT ? 'a longer text' : JSON.stringify(value);
}
