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

/** Makes one body after the other. `generate` makes its ids and times, and goes on to make those of its headers. */
export type MakeNextPayload = (generate: Generate) => JsonObject;

/**
 * Bodies for the event. What they have in common is put together once, for many are made, and is one object in all of
 * them: who changes a body copies it. Throws `usage` for an unknown variant.
 */
export function prepareSample(event: VendorEvent, which: SampleChoice): MakeNextPayload {
  if ('sample' in which) return makerOf(fillObject(event.fields, which.sample, 0));
  const example = exampleOf(event, which.variant);
  if (example !== undefined) {
    const makeExample = makerOf(makeAnew(example.value, event, 0));
    return (generate) => keepFields(makeExample(generate), event);
  }
  const variant = keepFields(findVariant(event, which.variant), event);
  const makeFull = makerOf(fillObject(event.fields, 'full', 0));
  return (generate) => ({ ...makeFull(generate), ...variant });
}

/** A value of a sample: the same in all of them, or made for each. */
type Filling = { constant: JsonValue } | { make: (generate: Generate) => JsonValue };

const makerOf = (filling: Filling): MakeNextPayload =>
  ('make' in filling ? filling.make : () => filling.constant) as MakeNextPayload;

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
  index: number,
): Filling {
  const { generated, type } = shape;
  if (generated !== undefined) return { make: (generate) => typed(generate(generated, index), type) };
  if (Array.isArray(value)) return fillList(value.map((one, at) => makeAnew(one, shape.items ?? {}, at)));
  if (typeof value !== 'object' || value === null) return { constant: value };
  const members = Object.entries(value).map(([name, inner]): [string, Filling] => {
    const field = shape.fields?.find((one) => one.name === name);
    return [name, makeAnew(inner, field ?? {}, index)];
  });
  return joinMembers(members);
}

function fillObject(fields: readonly Field[], sample: 'full' | 'minimal', index: number): Filling {
  const members: [string, Filling][] = [];
  for (const field of fields) {
    const filling = fillField(field, sample, index);
    if (filling !== undefined) members.push([field.name, filling]);
  }
  return joinMembers(members);
}

function joinMembers(members: readonly (readonly [name: string, Filling])[]): Filling {
  const whole: JsonObject = Object.fromEntries(
    members.map(([name, filling]) => [name, 'constant' in filling ? filling.constant : null]),
  );
  const made = members.flatMap(([name, filling]) => ('make' in filling ? [{ name, make: filling.make }] : []));
  if (made.length === 0) return { constant: whole };
  return {
    // Copied whole, and what is made put in: a quarter of the time of an object built member by member.
    make(generate) {
      const object = { ...whole };
      for (const { name, make } of made) object[name] = make(generate);
      return object;
    },
  };
}

const fillList = (elements: readonly Filling[]): Filling =>
  elements.some((filling) => 'make' in filling)
    ? { make: (generate) => elements.map((filling) => ('make' in filling ? filling.make(generate) : filling.constant)) }
    : { constant: elements.map((filling) => ('constant' in filling ? filling.constant : null)) };

function fillField(field: Field, sample: 'full' | 'minimal', index: number): Filling | undefined {
  if (sample === 'minimal') {
    if (field.minimal !== undefined) return { constant: field.minimal };
    if (field.optional) return undefined;
  }
  return fillType(field, sample, index);
}

/** Undefined where there is nothing to fill in: an optional field without an example. */
function fillType(
  field: Omit<Field, 'name' | 'certainty'>,
  sample: 'full' | 'minimal',
  index: number,
): Filling | undefined {
  const { generated, type } = field;
  if (generated) return { make: (generate) => typed(generate(generated, index), type) };
  if (field.example !== undefined) return { constant: field.example };
  if (field.fields) return fillObject(field.fields, sample, index);
  const item = field.items && fillType(field.items, sample, 0);
  return item === undefined ? undefined : fillList([item]);
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

/**
 * Makes the link to an attachment's bytes; the plan knows neither the server nor the secret that signs it.
 * `nowMs`: when the event happened.
 */
export type LinkAttachment = (messageId: string, index: number, nowMs: number) => string;

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
  let shared: Map<string, string> | null = null;
  let uid: number | null = null;
  const makeShared = (id: string): string => {
    shared ??= new Map();
    const made = shared.get(id) ?? makeId(id, nowMs, ids);
    shared.set(id, made);
    return made;
  };
  const makeByCode = (kind: MadeByCode, index: number): string | number => {
    switch (kind) {
      case 'uid':
        return (uid ??= makeUid(ids));
      case 'raw-url':
        return linkRawMessage((uid ??= makeUid(ids)));
      case 'attachment-id':
        return `${makeShared(MESSAGE_ID.id)}:${index}`;
      case 'attachment-url':
        return linkAttachment(makeShared(MESSAGE_ID.id), index, nowMs);
    }
  };
  return (kind, index = 0) => {
    if (kind === 'event-name') return eventName;
    if (typeof kind === 'string') return makeByCode(kind, index);
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

/** A whole number of at most `digits` decimal digits, never 0. */
function makeNumber(ids: Ids, digits: number): number {
  return (Number.parseInt(ids.token(10), 36) % (10 ** digits - 1)) + 1;
}
