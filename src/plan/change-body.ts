import { AppError } from '../model/error.ts';
import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { JsonTextError } from '../model/locate-json.ts';
import type { Vendor, VendorEvent } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';
import { readPayload as readFormEvent } from '../vendors/read-body.ts';
import { dropFromJson, putInJson } from './edit-json-text.ts';
import { formOf } from './encode-body.ts';
import { childOf, parsePath, type Segment } from './field-path.ts';
import { applyOverrides, NO_OVERRIDES, type Overrides } from './overrides.ts';

/**
 * A ready-made body of JSON, or a form, with some fields changed. All else keeps its bytes: white space, escapes, and
 * numbers that JavaScript cannot hold. Throws AppError `usage` for what `applyOverrides` refuses, and `input` for
 * another kind of body; `source` says whose it is.
 */
export function changeBody(
  body: Uint8Array,
  vendor: Vendor,
  event: VendorEvent,
  overrides: Overrides,
  source: string,
): Uint8Array {
  const { set, add, remove } = overrides;
  if (set.length + add.length + remove.length === 0) return body;
  try {
    if (isForm(vendor)) return changeForm(body, vendor, event, overrides);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    // All of them at first: some are refused only beside others.
    applyOverrides(readPayload(text), event, overrides);
    return Buffer.from(changeText(text, event, overrides), 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unchangeable(
      source,
      error instanceof JsonTextError ? error.message : `it is not a ${isForm(vendor) ? 'form' : 'JSON object'}`,
      error,
    );
  }
}

const isForm = (vendor: Vendor): boolean => bodyFormatOf(vendor).format === 'form';

/** The fields that come out otherwise are written anew in their places; all others keep their bytes. */
function changeForm(body: Uint8Array, vendor: Vendor, event: VendorEvent, overrides: Overrides): Uint8Array {
  const before = readFormEvent(vendor, { body });
  if (before === null) throw new TypeError('no form');
  const after = applyOverrides(before, event, overrides);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const pairs = Buffer.from(body).toString('utf8').split('&');
  return Buffer.from(changed.reduce((all, name) => setPairs(all, name, after), pairs).join('&'), 'utf8');
}

function setPairs(pairs: readonly string[], name: string, after: JsonObject): string[] {
  const value = after[name];
  const written =
    value === undefined
      ? []
      : formOf({ [name]: value }, 'compact')
          .toString()
          .split('&');
  const isOwn = (pair: string): boolean => [...new URLSearchParams(`&${pair}`)][0]?.[0] === name;
  const first = pairs.findIndex(isOwn);
  if (first === -1) return [...pairs, ...written];
  return pairs.flatMap((pair, index) => (!isOwn(pair) ? [pair] : index === first ? written : []));
}

function readPayload(text: string): JsonObject {
  const value = JSON.parse(text) as JsonValue;
  if (!isObject(value)) throw new TypeError('no object');
  return value;
}

function changeText(text: string, event: VendorEvent, { set, add, remove }: Overrides): string {
  let changed = text;
  const change = (path: string, overrides: Overrides): void => {
    const before = readPayload(changed);
    changed = writeChange(changed, parsePath(path), before, applyOverrides(before, event, overrides));
  };
  for (const one of set) change(pathOf(one), { ...NO_OVERRIDES, set: [one] });
  for (const one of add) change(pathOf(one), { ...NO_OVERRIDES, add: [one] });
  for (const path of remove) change(path, { ...NO_OVERRIDES, remove: [path] });
  return changed;
}

const pathOf = (assignment: string): string => assignment.slice(0, assignment.indexOf('='));

/** Writes what differs at the path: the value itself, or the container on the way to it that was not there. */
function writeChange(text: string, path: readonly Segment[], before: JsonObject, after: JsonObject): string {
  let [holderBefore, holderAfter]: [JsonValue, JsonValue] = [before, after];
  for (const [index, segment] of path.entries()) {
    const old: JsonValue | undefined = childOf(holderBefore, segment);
    const value: JsonValue | undefined = childOf(holderAfter, segment);
    const isLast = index === path.length - 1;
    const place = path.slice(0, index + 1);
    if (value === undefined || (isLast && isShorter(holderBefore, holderAfter)))
      return old === undefined ? text : dropFromJson(text, place);
    const isContainer = typeof old === 'object' && old !== null;
    if (isLast || !isContainer) {
      const names = isObject(holderAfter) ? Object.keys(holderAfter) : [];
      return putInJson(text, place, value, names);
    }
    [holderBefore, holderAfter] = [old, value];
  }
  return text;
}

/** An element was taken out of a list: at its index stands the one behind it. */
function isShorter(before: JsonValue, after: JsonValue): boolean {
  return Array.isArray(before) && Array.isArray(after) && after.length < before.length;
}

function unchangeable(source: string, why: string, cause: unknown): AppError {
  return new AppError('input', `${source} cannot be changed: ${why}`, {
    hint: 'leave out --set, --add and --remove to send it unchanged, or give your own with --data FILE',
    cause,
  });
}
