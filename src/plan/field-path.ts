import { AppError } from '../model/error.ts';
import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { Field, VendorEvent } from '../model/vendor.ts';

/** What a path leads through: the declared part of a field, which an array's element has, too. */
export type FieldShape = Omit<Field, 'name' | 'certainty'>;

/** A name or the index of an element, as the user wrote it. */
export type Segment = string;

/** Names that reach into JavaScript's own objects: refused in paths, whatever they would do. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** `data.bounce.type`, `attachments.0.filename` and `attachments[0].filename` to segments. Throws `usage`. */
export function parsePath(text: string): Segment[] {
  const segments = text.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  if (segments.some((segment) => segment === '')) {
    throw new AppError('usage', `"${text}" is not a path to a field`, {
      hint: 'paths look like email, data.bounce.type or attachments.0.filename',
    });
  }
  const forbidden = segments.find((segment) => FORBIDDEN.has(segment));
  if (forbidden !== undefined) {
    throw new AppError('usage', `"${forbidden}" cannot be part of a path`, {
      hint: 'send such a body with --data FILE',
    });
  }
  return segments;
}

/** What the vendor's field list says of a path, or else what the payload holds there; undefined: neither knows it. */
export function findShape(event: VendorEvent, payload: JsonObject, path: readonly Segment[]): FieldShape | undefined {
  let shape: FieldShape | undefined = { type: 'object', fields: event.fields };
  let value: JsonValue | undefined = payload;
  for (const segment of path) {
    value = childOf(value, segment);
    shape = childShape(shape, segment) ?? (value === undefined ? undefined : shapeOf(value));
    if (!shape) return undefined;
  }
  return shape;
}

function childShape(shape: FieldShape, segment: Segment): FieldShape | undefined {
  if (shape.items) return isIndex(segment) ? shape.items : undefined;
  return shape.fields?.find((field) => field.name === segment);
}

/** The value under a name or index, never one that is inherited. */
export function childOf(value: JsonValue | undefined, segment: Segment): JsonValue | undefined {
  if (Array.isArray(value)) return isIndex(segment) ? value[Number(segment)] : undefined;
  return isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
}

function shapeOf(value: JsonValue): FieldShape {
  if (value === null) return { type: 'string', nullable: true };
  if (Array.isArray(value)) return { type: 'array' };
  return { type: typeof value as 'string' | 'number' | 'boolean' | 'object' };
}

export function isIndex(segment: Segment): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(segment);
}

/** Every path of the event, for suggestions: arrays stand with their first element. */
export function listPaths(event: VendorEvent): string[] {
  return event.fields.flatMap((field) => listUnder(field.name, field));
}

function listUnder(path: string, shape: FieldShape): string[] {
  const below = shape.items
    ? listUnder(`${path}.0`, shape.items)
    : (shape.fields ?? []).flatMap((field) => listUnder(`${path}.${field.name}`, field));
  return [path, ...below];
}
