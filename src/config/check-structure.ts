import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import type { JsonSchema, JsonValue } from '../model/json.ts';
import schemaFile from './webhook.config.schema.json' with { type: 'json' };

/** One thing that is wrong in a configuration, and where. Never holds a secret. */
export interface Problem {
  path: readonly (string | number)[];
  message: string;
  unknown?: { given: string; among: readonly string[] };
}

/** `webhooks[1].url`; empty for the whole. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `unknown vendor "mailkti", expected one of mailkit, mailkite` */
export function unknownName(path: Problem['path'], what: string, given: string, among: readonly string[]): Problem {
  const expected = among.length === 0 ? 'but none is known' : `expected one of ${among.join(', ')}`;
  return { path, message: `unknown ${what} ${JSON.stringify(given)}, ${expected}`, unknown: { given, among } };
}

/** The published JSON Schema of `webhook.config.json` (draft 2020-12). */
export const CONFIG_SCHEMA: JsonSchema = schemaFile;

type Path = readonly (string | number)[];
type SchemaNode = { title?: string; required?: string[]; properties?: Record<string, JsonSchema> };

// Keywords whose error only says that something inside them is wrong, which has an error of its own.
const WRAPPERS = new Set(['$ref', 'properties', 'items', 'additionalProperties']);
// The values under these keys are names; anything else in the file may be, or may contain, a secret.
const QUOTABLE = new Set(['uuid', 'vendor', 'events', 'dataSelection']);

/** What in `value` does not fit the schema; empty when all does. What was expected is the title the schema gives it. */
export function findStructureProblems(value: JsonValue): Problem[] {
  // The validator writes into the schema it is given.
  const validator = new Validator(structuredClone(CONFIG_SCHEMA) as Schema, '2020-12', false);
  const problems = validator
    .validate(value)
    .errors.filter(({ keyword }) => !WRAPPERS.has(keyword))
    .flatMap((error) => problemsOf(error, value));
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values()];
}

function problemsOf({ keyword, instanceLocation }: OutputUnit, root: JsonValue): Problem[] {
  const path = pathOfPointer(instanceLocation, root);
  if (keyword === 'false') return [unknownKey(path)];
  const value = valueAt(root, path);
  if (keyword === 'required') return missingKeys(path, value);
  return [{ path, message: `expected ${schemaAt(path).title}, found ${foundText(value, keyword, path)}` }];
}

function unknownKey(path: Path): Problem {
  const among = Object.keys(schemaAt(path.slice(0, -1)).properties ?? {});
  return unknownName(path, 'key', String(path.at(-1)), among);
}

function missingKeys(path: Path, value: JsonValue | undefined): Problem[] {
  const present = Object.keys(value as object);
  return (schemaAt(path).required ?? [])
    .filter((key) => !present.includes(key))
    .map((key) => ({ path, message: `"${key}" is missing: expected ${schemaAt([...path, key]).title}` }));
}

/** The part of the schema that speaks about the value at `path`. */
function schemaAt(path: Path): SchemaNode {
  let node = CONFIG_SCHEMA;
  for (const step of path) {
    const next = typeof step === 'number' ? node['items'] : (node['properties'] as JsonSchema)[step];
    node = withReference(next as JsonSchema);
  }
  return node as SchemaNode;
}

function withReference(node: JsonSchema): JsonSchema {
  const name = (node['$ref'] as string | undefined)?.replace('#/$defs/', '');
  return name === undefined ? node : { ...((CONFIG_SCHEMA['$defs'] as JsonSchema)[name] as JsonSchema), ...node };
}

/** `#/webhooks/0/url` → `['webhooks', 0, 'url']`; a step into an array becomes a number. */
function pathOfPointer(pointer: string, root: JsonValue): Path {
  const path: (string | number)[] = [];
  for (const text of pointer.split('/').slice(1)) {
    const step = decodeURIComponent(text).replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(valueAt(root, path)) ? Number(step) : step);
  }
  return path;
}

function valueAt(root: JsonValue, path: Path): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (value, step) => (value as Record<string | number, JsonValue> | undefined)?.[step],
    root,
  );
}

function foundText(value: JsonValue | undefined, keyword: string, path: Path): string {
  if (value === null) return 'null';
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list${keyword === 'uniqueItems' ? ' with an entry twice' : ''}`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`;
  if (value === '') return 'an empty text';
  const isShort = typeof value !== 'string' || value.length <= 80;
  if (isShort && path.some((step) => QUOTABLE.has(String(step)))) return JSON.stringify(value);
  return typeof value === 'string' ? 'other text' : `a ${typeof value}`;
}
