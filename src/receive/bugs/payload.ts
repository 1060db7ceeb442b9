import { listJsonTokens } from '../../model/json-tokens.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Field, Vendor } from '../../model/vendor.ts';
import { readEventName } from '../../vendors/event-key.ts';
import { readEventTime } from '../../vendors/event-time.ts';
import { isListed } from '../../vendors/facts.ts';
import { bodyFormatOf } from '../../vendors/body-facts.ts';
import { readJsonField } from '../../vendors/read-body.ts';
import type { Header } from '../../model/plan.ts';
import { recogniseEvent } from '../match-event.ts';
import { finalStatus } from '../../vendors/retry-rule.ts';
import type { PAYLOAD_MISTAKES } from '../../vendors/mistakes/payload.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import type { BehaviourChange, StepContext } from '../receiver-behaviour.ts';

const DEEP = 100;
const MANY = 1000;
const FRESH_MS = 3_600_000;

/** Mistakes with what the body says. */
export const PAYLOAD_BUGS: Record<ShownMistakeId<typeof PAYLOAD_MISTAKES>, BehaviourChange> = {
  'crashes-on-malformed-json': cannotRead((text) => !isJson(text)),
  'crashes-on-null': cannotRead(
    (text) => (isJson(text) && typeof JSON.parse(text) !== 'object') || text.trim() === 'null',
  ),
  'accepts-anything': (correct) => ({
    signature: (context) =>
      readsToVerify(context) && correct.read(context) === null ? correct.success(context) : correct.signature(context),
    content: (context) => (context.payload === null ? correct.success(context) : correct.content(context)),
  }),
  'crashes-on-invalid-utf8': cannotRead((_, body) => !isUtf8(body)),
  'crashes-on-deep-nesting': cannotRead((text) => text.includes('['.repeat(DEEP))),
  'crashes-on-duplicate-keys': cannotRead(hasDuplicateKey),
  'crashes-on-many-keys': cannotHandle((payload) =>
    Object.values(payload).some((value) => isObjectOrList(value) && Object.keys(value).length > MANY),
  ),
  'crashes-on-huge-numbers': cannotHandle((payload) =>
    Object.values(payload).some((value) =>
      [value].flat().some((one) => typeof one === 'number' && Math.abs(one) > 1e300),
    ),
  ),
  'three-byte-unicode': cannotHandle((payload) => /[\u{10000}-\u{10ffff}]/u.test(JSON.stringify(payload))),
  'blocks-escapes': refusesText(403, /\\[u/]/),
  'reads-by-pattern': refusesText(400, /^[\s[]*\{\s+"/),
  'unknown-event-fails': cannotHandle((payload, vendor) => {
    const name = readEventName(vendor, payload);
    return name !== null && vendor.events.every((event) => event.name !== name);
  }),
  'knows-one-event': cannotHandle(
    (payload, vendor, headers) => recogniseEvent(vendor, payload, undefined, headers).event !== vendor.events[0],
  ),
  'first-of-batch': (correct) => ({ read: (context) => correct.read(context)?.slice(0, 1) ?? null }),
  'batch-in-order': (correct, mistake) => ({
    read: (context) => {
      const { vendor } = context.setup;
      const events = correct.read(context) ?? [];
      const places = events.map((event) => placeOf(vendor, readEventName(vendor, event)));
      if (places.some((place, index) => place < (places[index - 1] ?? 0))) throw new Error(mistake);
      return correct.read(context);
    },
  }),
  'batch-or-nothing': refusesContent(({ payload, setup: { vendor } }) =>
    Object.keys(payload ?? {}).every((name) => isUnknown(vendor, name)),
  ),
  'crashes-on-odd-element': (correct, mistake) => ({
    read: (context) => {
      const events = correct.read(context);
      if (events === null) throw new Error(mistake);
      return events;
    },
  }),
  'final-refusal': (correct) => ({
    content: (context) => {
      const { vendor } = context.setup;
      const isKnown = readEventName(vendor, context.payload) === vendor.events[0]?.name;
      return isKnown ? correct.content(context) : { status: finalStatus(vendor.retries) ?? 400 };
    },
  }),
  'strict-values': cannotHandle((payload, vendor) => !fieldsFit(vendor, payload, isListed)),
  'sample-values-only': cannotHandle(
    (payload, vendor) =>
      !fieldsFit(
        vendor,
        payload,
        ({ values, example }, value) => values === undefined || example === value || value === '' || value === null,
      ),
  ),
  'requires-every-field': cannotHandle(lacksSomething),
  'null-in-list': cannotHandle((payload) =>
    Object.values(payload)
      .filter(Array.isArray)
      .flat()
      .some((element: JsonValue) => isPlain(element) && Object.values(element).includes(null)),
  ),
  'expects-numbers': cannotHandle((payload) =>
    Object.entries(payload).some(([name, value]) => name.startsWith('ID_') && typeof value !== 'number'),
  ),
  'flat-addresses': cannotHandle((payload) => typeof payload['from'] === 'object'),
  'strict-schema': refusesContent(({ payload, setup: { vendor } }) =>
    Object.keys(payload ?? {}).some((name) => isUnknown(vendor, name)),
  ),
  'fresh-events-only': refusesContent(isOld),
  'no-dedupe': () => ({ marks: () => [] }),
  'conflict-on-repeat': () => ({ repeated: () => ({ status: 409 }) }),
};

/** No event has a field of this name. */
const isUnknown = ({ events }: Vendor, name: string): boolean =>
  events.every(({ fields }) => fields.every((field) => field.name !== name));

const placeOf = ({ events }: Vendor, name: string | null): number => events.findIndex((event) => event.name === name);

/** Throws while it processes some events: answered 500. */
function cannotHandle(
  isTooMuch: (payload: JsonObject, vendor: Vendor, headers: readonly Header[]) => boolean,
): BehaviourChange {
  return (_, mistake) => ({
    handle: ({ payload, setup, request }) => {
      if (payload !== null && isTooMuch(payload, setup.vendor, request.headers)) throw new Error(mistake);
    },
  });
}

/** Throws already while it reads some bodies: answered 500. */
function cannotRead(isTooMuch: (text: string, body: Uint8Array) => boolean): BehaviourChange {
  return (correct, mistake) => {
    const read = (context: StepContext): readonly JsonObject[] | null => {
      const json = jsonOf(context);
      if (isTooMuch(Buffer.from(json).toString('utf8'), json)) throw new Error(mistake);
      return correct.read(context);
    };
    return {
      signature: (context) => {
        if (readsToVerify(context)) read(context);
        return correct.signature(context);
      },
      read,
    };
  };
}

/** The signature stands in the body, which is read first then. */
function readsToVerify({ setup: { vendor } }: StepContext): boolean {
  const at = vendor.signature.value?.at;
  return at !== undefined && 'json' in at;
}

/** The body, or what JSON stands in a form's field. */
function jsonOf({ request: { body }, setup: { vendor } }: StepContext): Uint8Array {
  return bodyFormatOf(vendor).format === 'form-json' ? (readJsonField(vendor, body) ?? new Uint8Array()) : body;
}

/** Refuses a body by its text, as a filter in front does. */
function refusesText(status: number, pattern: RegExp): BehaviourChange {
  return (correct) => ({
    form: (context) =>
      pattern.test(Buffer.from(context.request.body).toString('latin1')) ? { status } : correct.form(context),
  });
}

function refusesContent(isRefused: (context: StepContext) => boolean): BehaviourChange {
  return (correct) => ({ content: (context) => (isRefused(context) ? { status: 400 } : correct.content(context)) });
}

/** Is every value that some event's list describes as `fits` says? */
function fieldsFit(
  { events }: Vendor,
  payload: JsonObject,
  fits: (field: Field, value: JsonValue) => boolean,
): boolean {
  const check = (fields: readonly Field[], object: JsonObject): boolean =>
    Object.entries(object).every(([name, value]) =>
      fields
        .filter((field) => field.name === name)
        .every(
          (field) =>
            fits(field, value) && (field.fields === undefined || !isPlain(value) || check(field.fields, value)),
        ),
    );
  return check(
    events.flatMap(({ fields }) => fields),
    payload,
  );
}

/** A blank or null where the sample has something, or a documented field that is not there. */
function lacksSomething(payload: JsonObject, { events }: Vendor): boolean {
  const lists = events.map(({ fields }) => fields);
  const own =
    lists.find((fields) => Object.keys(payload).every((name) => fields.some((field) => field.name === name))) ?? [];
  const lacks = (fields: readonly Field[], object: JsonObject): boolean =>
    fields.some((field) => {
      const value = object[field.name];
      if (value === undefined) return field.example !== undefined || field.generated !== undefined;
      if (field.fields !== undefined && isPlain(value)) return lacks(field.fields, value);
      if (Array.isArray(value))
        return value.length === 0
          ? field.minimal !== undefined
          : value.some((element) => isPlain(element) && lacks(field.items?.fields ?? [], element));
      return (value === null || value === '') && value !== field.example;
    });
  return lacks(own, payload);
}

function isObjectOrList(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}

function isPlain(value: JsonValue): value is JsonObject {
  return isObjectOrList(value) && !Array.isArray(value);
}

function isOld({ request, setup, payload }: StepContext): boolean {
  const date = readEventTime(setup.vendor, payload);
  return date !== null && request.receivedAtMs - date > FRESH_MS;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isUtf8(body: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/** Of some object. */
function hasDuplicateKey(text: string): boolean {
  const open: Set<string>[] = [];
  let before = '';
  for (const { token } of listJsonTokens(text, /[{}:]/)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token === ':') {
      if (open.at(-1)?.has(before)) return true;
      open.at(-1)?.add(before);
    }
    before = token;
  }
  return false;
}
