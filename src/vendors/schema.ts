import type { JsonObject, JsonSchema } from '../model/json.ts';
import type { Field, VendorEvent } from '../model/vendor.ts';
import { noteOf } from './facts.ts';
import { formOf } from './generated-forms.ts';

/**
 * The JSON Schema (draft 2020-12) of an event's body, derived from its field list.
 *
 * Types, null, form and presence are enforced. Documented values are only `examples`, and unknown
 * keys are allowed: a receiver must survive what a vendor adds later.
 */
export function eventSchema(event: VendorEvent): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: event.name,
    description: event.summary,
    ...objectSchema(event.fields),
    ...(event.partial === undefined ? {} : { required: [] }),
  };
}

function objectSchema(fields: readonly Field[]): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    required: fields.filter(isAlwaysPresent).map((field) => field.name),
  };
}

function isAlwaysPresent(field: Field): boolean {
  return !field.optional && field.selectable === undefined;
}

function fieldSchema(field: Field): JsonObject {
  return { ...typeSchema(field), description: describeField(field) };
}

function typeSchema(field: Omit<Field, 'name' | 'certainty'>): JsonObject {
  const schema: JsonObject = field.fields ? objectSchema(field.fields) : { type: field.type };
  if (field.nullable) schema['type'] = [field.type, 'null'];
  if (field.items) schema['items'] = typeSchema(field.items);
  const form = formOf(field);
  if (form !== null) schema['pattern'] = form.source;
  if (field.minimum !== undefined) schema['minimum'] = field.minimum;
  const examples = field.values?.value ?? (field.example === undefined ? [] : [field.example]);
  if (examples.length > 0) schema['examples'] = [...examples];
  return schema;
}

function describeField(field: Field): string {
  const note = noteOf(field);
  return note === null ? `[${field.certainty}]` : `[${field.certainty}] ${note}`;
}
