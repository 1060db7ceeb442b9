import type { Ids } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { Generated, MadeByCode } from '../model/generated.ts';
import type { Field, VendorEvent } from '../model/vendor.ts';
import { exampleOf, variantNames } from '../vendors/facts.ts';
import { MESSAGE_ID } from '../vendors/generated-forms.ts';
import { parseIdPattern, type PatternPiece } from '../vendors/id-pattern.ts';
import { writeTime } from '../vendors/time-forms.ts';

/** Which of an event's samples: all filled, blank or missing what may be, or a named variant of the full one. */
export type SampleChoice = { sample: 'full' | 'minimal' } | { variant: string };

/**
 * A body for the event. `generate` makes its ids and times, and goes on to make those of the headers that must
 * agree with it. Throws `usage` for an unknown variant.
 */
export function fillPayload(event: VendorEvent, which: SampleChoice, generate: Generate): JsonObject {
  if ('sample' in which) return fillObject(event.fields, which.sample, generate, 0);
  const example = exampleOf(event, which.variant);
  if (example !== undefined) return keepFields(makeAnew(example.value, event, generate, 0) as JsonObject, event);
  const variant = findVariant(event, which.variant);
  const full = fillObject(event.fields, 'full', generate, 0);
  return { ...full, ...keepFields(copyValue(variant) as JsonObject, event) };
}

/** Of an event whose elements were selected (`selectedEvent`), a variant must not bring back the others. */
function keepFields(values: JsonObject, { fields }: VendorEvent): JsonObject {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

function findVariant(event: VendorEvent, name: string): JsonObject {
  const variants = event.variants ?? {};
  const among = variantNames(event);
  const variant = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (variant) return variant;
  throw new AppError('usage', `${event.name} has no variant "${name}"`, {
    hint:
      among.length > 0
        ? `its variants: ${among.join(', ')}`
        : 'it has no variants: leave out --variant, or use --minimal',
    unknown: { given: name, among },
  });
}

/**
 * A body as the vendor shows it. Ids, times and links are made anew, as in every sample: an id that comes twice is a
 * repetition, and a link must reach nobody.
 */
function makeAnew(
  value: JsonValue,
  shape: Partial<Pick<Field, 'type' | 'generated' | 'fields' | 'items'>>,
  generate: Generate,
  index: number,
): JsonValue {
  if (shape.generated !== undefined) return typed(generate(shape.generated, index), shape.type);
  if (Array.isArray(value)) return value.map((one, at) => makeAnew(one, shape.items ?? {}, generate, at));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, JsonValue] => {
    const field = shape.fields?.find((one) => one.name === name);
    return [name, makeAnew(inner, field ?? {}, generate, index)];
  });
  return Object.fromEntries(entries);
}

function fillObject(
  fields: readonly Field[],
  sample: 'full' | 'minimal',
  generate: Generate,
  index: number,
): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const field of fields) {
    const value = fillField(field, sample, generate, index);
    if (value !== undefined) entries.push([field.name, value]);
  }
  return Object.fromEntries(entries);
}

function fillField(field: Field, sample: 'full' | 'minimal', generate: Generate, index: number): JsonValue | undefined {
  if (sample === 'minimal') {
    if (field.minimal !== undefined) return copyValue(field.minimal);
    if (field.optional) return undefined;
  }
  return fillType(field, sample, generate, index);
}

/** Undefined where there is nothing to fill in: an optional field without an example. */
function fillType(
  field: Omit<Field, 'name' | 'certainty'>,
  sample: 'full' | 'minimal',
  generate: Generate,
  index: number,
): JsonValue | undefined {
  if (field.generated) return typed(generate(field.generated, index), field.type);
  if (field.example !== undefined) return copyValue(field.example);
  if (field.fields) return fillObject(field.fields, sample, generate, index);
  const item = field.items && fillType(field.items, sample, generate, 0);
  return item === undefined ? undefined : [item];
}

/** Vendors are shared data; a payload is the caller's own. Cloning text and numbers would cost more than the rest. */
function copyValue(value: JsonValue): JsonValue {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value;
}

/**
 * Keeps the named data-selection elements alone (Mail-Plus); what is not selected is absent.
 * Throws `usage` for an unknown element, or when the event has none to select.
 */
export function selectFields(payload: JsonObject, event: VendorEvent, names: readonly string[]): JsonObject {
  const selectable = new Map<string, string>();
  for (const field of event.fields) {
    if (field.selectable !== undefined) selectable.set(field.name, field.selectable);
  }
  const among = [...new Set(selectable.values())];
  for (const name of names) checkElement(name, event, among);
  const kept = Object.entries(payload).filter(([key]) => {
    const element = selectable.get(key);
    return element === undefined || names.includes(element);
  });
  return Object.fromEntries(kept);
}

/**
 * The event as a webhook gets it that selects these elements (Mail-Plus): what is selected is always there, the rest
 * never. Throws `usage` for an unknown element, or when the event has none to select.
 */
export function selectedEvent(event: VendorEvent, names: readonly string[]): VendorEvent {
  selectFields({}, event, names);
  const isSelected = ({ selectable }: Field): boolean => selectable !== undefined && names.includes(selectable);
  const fields = event.fields
    .filter((field) => field.selectable === undefined || isSelected(field))
    .map((field) => (isSelected(field) ? { ...field, optional: undefined } : field));
  return { ...event, fields };
}

function checkElement(name: string, event: VendorEvent, among: readonly string[]): void {
  if (among.includes(name)) return;
  if (among.length === 0) {
    throw new AppError('usage', `${event.name} has no data selection: its fields cannot be switched off`, {
      hint: 'leave out --select; --remove removes single fields',
    });
  }
  throw new AppError('usage', `${event.name} has no element "${name}" to select`, {
    hint: `elements: ${among.join(',')}`,
    unknown: { given: name, among },
  });
}

/** A reserved name that never resolves (RFC 6761): a link without a server behind it must reach nobody. */
export const NOWHERE = 'https://mailkite.invalid';

/** Makes the link to an attachment's bytes; the plan knows neither the server nor the secret that signs it. */
export type LinkAttachment = (messageId: string, index: number) => string;

/** Makes one generated value. `index` is the position in the array that holds the field. */
export type Generate = (kind: Generated, index?: number) => string | number;

/**
 * Makes the generated values of one event so that they agree: one instant, one message id, one uid.
 * `nowMs`: when the event happened. Plain numbers, tokens and uuids differ at every call.
 */
export function makeGenerate(
  eventName: string,
  nowMs: number,
  ids: Ids,
  linkAttachment: LinkAttachment = linkNowhere,
): Generate {
  const shared = new Map<string, string>();
  const makeShared = (id: string): string => {
    const made = shared.get(id) ?? makeId(id, nowMs, ids);
    shared.set(id, made);
    return made;
  };
  const uid = once(() => makeUid(ids));
  const byCode: Record<MadeByCode, (index: number) => string | number> = {
    uid,
    'raw-url': () => linkRawMessage(uid()),
    'attachment-id': (index) => `${makeShared(MESSAGE_ID.id)}:${index}`,
    'attachment-url': (index) => linkAttachment(makeShared(MESSAGE_ID.id), index),
  };
  return (kind, index = 0) => {
    if (kind === 'event-name') return eventName;
    if (typeof kind === 'string') return byCode[kind](index);
    if ('time' in kind) return writeTime(kind, nowMs);
    if ('digits' in kind) return makeNumber(ids, kind.digits);
    return kind.shared ? makeShared(kind.id) : makeId(kind.id, nowMs, ids);
  };
}

/** As JSON has it under a field of this type. */
const typed = (made: string | number, type: Field['type'] | undefined): string | number =>
  type === 'string' ? String(made) : type === 'number' || type === 'integer' ? Number(made) : made;

/** Crockford's alphabet, of which ULIDs are made. */
const ULID_LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function makeId(id: string, nowMs: number, ids: Ids): string {
  if (id === 'uuid') return ids.uuidV4();
  if (id === 'uuid-v7') return ids.uuidV7(nowMs);
  if (id === 'ulid') return makeUlid(nowMs, ids);
  return piecesOf(id)
    .map((piece) => (typeof piece === 'string' ? piece : ids.token(piece.count, piece.letters)))
    .join('');
}

/** 48 bits of the time and 80 of chance. */
function makeUlid(nowMs: number, ids: Ids): string {
  let time = '';
  for (let left = nowMs; time.length < 10; left = Math.floor(left / 32)) time = ULID_LETTERS.charAt(left % 32) + time;
  return time + ids.token(16, ULID_LETTERS);
}

const patterns = new Map<string, readonly PatternPiece[]>();

/** Read once: events are made in great numbers. */
function piecesOf(id: string): readonly PatternPiece[] {
  let pieces = patterns.get(id);
  if (pieces === undefined) patterns.set(id, (pieces = parseIdPattern(id) ?? [id]));
  return pieces;
}

/** MailKite's id of a message; its length is ours [us]. */
export const makeMessageId = (ids: Ids): string => makeId(MESSAGE_ID.id, 0, ids);

/** Number of a stored message. */
export function makeUid(ids: Ids): number {
  return makeNumber(ids, 9);
}

/** Where self-hosted MailKite's administrator reads a whole message: its path is [pub], the host is nobody's. */
export function linkRawMessage(uid: number): string {
  return `${NOWHERE}/api/admin/raw?mailbox=INBOX&uid=${uid}`;
}

/** The unsigned link of a sample that nobody serves. */
export function linkNowhere(messageId: string, index: number): string {
  return `${NOWHERE}/att/${messageId.replace(/^msg_/, '')}/${index}`;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A whole number of at most `digits` decimal digits, never 0. */
function makeNumber(ids: Ids, digits: number): number {
  return (Number.parseInt(ids.token(10), 36) % (10 ** digits - 1)) + 1;
}
